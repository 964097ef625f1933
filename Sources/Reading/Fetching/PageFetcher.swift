import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The only part of the product that opens connections to addresses users supply.
///
/// Every name is looked up here, every address checked, and the connection made to that very
/// address; every redirect is checked anew. One deadline covers the whole fetch, and nothing that
/// arrives is kept beyond the limits of its ``FetchConfiguration``.
public final class PageFetcher: Sendable {
    private let configuration: FetchConfiguration
    private let policy: AddressPolicy
    private let eventLoops: any EventLoopGroup
    private let resolver: HostResolver
    private let exchange: Exchange
    let politeness: HostPoliteness
    private let lookupThreads: NIOThreadPool?
    private let logger: Logger

    /// More than this many lookups at once wait for each other; each blocks a thread.
    private static let lookupThreadCount = 8
    /// A name with more addresses than this is not tried in full.
    private static let addressesTried = 4

    /// - Throws: Where the system's certificate authorities cannot be read.
    public convenience init(
        configuration: FetchConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) throws {
        let threads = NIOThreadPool(numberOfThreads: Self.lookupThreadCount)
        try self.init(
            configuration: configuration, eventLoopGroup: eventLoopGroup, logger: logger,
            resolver: .live(on: threads), lookupThreads: threads, trustRoots: .default)
    }

    /// A fetcher with its own resolver and certificate authorities.
    init(
        configuration: FetchConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger,
        resolver: HostResolver, lookupThreads: NIOThreadPool?, trustRoots: NIOSSLTrustRoots
    ) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        tls.trustRoots = trustRoots
        self.configuration = configuration
        self.eventLoops = eventLoopGroup
        self.logger = logger
        self.resolver = resolver
        self.lookupThreads = lookupThreads
        policy = AddressPolicy(allowsPrivate: configuration.allowPrivate)
        exchange = Exchange(configuration: configuration, tls: try NIOSSLContext(configuration: tls))
        politeness = HostPoliteness(
            connections: configuration.perHostConnections, interval: configuration.perHostInterval)
        lookupThreads?.start()
    }

    /// Ends the lookup threads. Fetches under way fail.
    public func shutdown() async {
        do {
            try await lookupThreads?.shutdownGracefully()
        } catch {
            logger.warning("lookup threads did not end", metadata: ["error": "\(error)"])
        }
    }

    /// Fetches a page, following redirects.
    ///
    /// - Throws: `hostBusy` where it is not soon this fetch's turn with a public host: put the work
    ///   back until ``FetchFailure/retryAfter`` has passed, without counting it as a try.
    public func fetch(_ url: WebURL) async throws(FetchFailure) -> FetchedPage {
        do throws(FetchFailure) {
            return try await travel(from: url)
        } catch {
            logger.debug(
                "fetch failed", metadata: ["host": "\(url.hostname ?? "")", "kind": "\(error.kind)"])
            throw error
        }
    }

    private func travel(from url: WebURL) async throws(FetchFailure) -> FetchedPage {
        var journey = Journey(from: url, maxRedirects: configuration.maxRedirects)
        var deadline = NIODeadline.now() + TimeAmount(configuration.timeout)
        while true {
            let response = try await visit(journey, by: &deadline)
            guard response.isRedirect else { return FetchedPage(response, of: journey) }
            try journey.follow(response)
        }
    }

    private func visit(
        _ journey: Journey, by deadline: inout NIODeadline
    ) async throws(FetchFailure) -> WireResponse {
        let addresses = try await permittedAddresses(of: journey, by: deadline)
        guard addresses.allSatisfy({ AddressPolicy.reach(of: $0) == .global }) else {
            return try await ask(addresses, for: journey, by: deadline)
        }
        let patience = journey.redirects.isEmpty ? configuration.patience : configuration.timeout
        let before = NIODeadline.now()
        let lease = try await turn(with: journey.host, patience: patience)
        deadline = deadline + (NIODeadline.now() - before)
        defer { lease.end() }
        do throws(FetchFailure) {
            return try await ask(addresses, for: journey, by: deadline)
        } catch {
            if let pause = error.retryAfter { politeness.leaveAlone(journey.host, for: pause) }
            throw error
        }
    }

    private func turn(
        with host: String, patience: Duration
    ) async throws(FetchFailure) -> HostPoliteness.Lease {
        let latest = NIODeadline.now() + TimeAmount(patience)
        while true {
            switch politeness.reserve(host) {
            case .now(let lease): return lease
            case .wait(let moment):
                let pause = max(.zero, Duration(moment - .now()))
                guard moment <= latest else { throw FetchFailure(.hostBusy, retryAfter: pause) }
                do { try await Task.sleep(for: pause) } catch { throw FetchFailure(.cancelled) }
            }
        }
    }
}

extension PageFetcher {
    /// The addresses that a connection may be made to.
    private func permittedAddresses(
        of journey: Journey, by deadline: NIODeadline
    ) async throws(FetchFailure) -> [IPAddress] {
        guard journey.current.isWeb else { throw FetchFailure(.unsupportedScheme) }
        guard AddressPolicy.permits(port: journey.port) else { throw FetchFailure(.refusedAddress) }
        let host = journey.host
        if let address = IPAddress(host) {
            guard policy.permits(address) else { throw FetchFailure(.refusedAddress) }
            return [address]
        }
        guard policy.permits(hostname: host) else { throw FetchFailure(.refusedAddress) }
        let found = eventLoops.next().makePromise(of: [IPAddress].self)
        resolver.addresses(host, deadline, found.futureResult.eventLoop).cascade(to: found)
        let addresses = try await found.value(by: deadline)
        guard !addresses.isEmpty else { throw FetchFailure(.unknownHost) }
        let permitted = addresses.filter(policy.permits)
        guard !permitted.isEmpty else { throw FetchFailure(.refusedAddress) }
        return permitted
    }

    /// Asks the first address that can be reached.
    private func ask(
        _ addresses: [IPAddress], for journey: Journey, by deadline: NIODeadline
    ) async throws(FetchFailure) -> WireResponse {
        let request = request(for: journey)
        var failure = FetchFailure(.connectFailed)
        for address in addresses.prefix(Self.addressesTried) {
            guard let socketAddress = try? address.socketAddress(port: journey.port) else { continue }
            let outcome = eventLoops.next().makePromise(of: WireResponse.self)
            exchange.start(
                request, to: socketAddress, serverName: journey.isSecure ? journey.host : nil,
                reporting: outcome)
            do throws(FetchFailure) {
                return try await outcome.value(by: deadline)
            } catch {
                failure = error
                if error.kind != .connectFailed { break }
            }
        }
        throw failure
    }

    private func request(for journey: Journey) -> HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": journey.current.host,
            "User-Agent": configuration.userAgent,
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": configuration.acceptLanguage,
            "Accept-Encoding": BodyDecoder.acceptEncoding,
            "Connection": "close",
        ]
        if let cookies = journey.cookies.header(host: journey.host, isSecure: journey.isSecure) {
            headers.add(name: "Cookie", value: cookies)
        }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: journey.target, headers: headers)
    }
}

extension FetchedPage {
    fileprivate init(_ response: WireResponse, of journey: Journey) {
        let isText = MediaType.isText(response.mediaType)
        let contentType = response.headers.first(name: "content-type")
        let decoded =
            isText
            ? CharsetDetection(
                body: response.body, contentType: contentType, mediaType: response.mediaType) : nil
        self.init(
            url: journey.current, status: response.status, mediaType: response.mediaType,
            body: response.body, text: decoded?.text, charset: decoded?.encoding.name,
            redirects: journey.redirects, isTruncated: response.isTruncated)
    }
}
