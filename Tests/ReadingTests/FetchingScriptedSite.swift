import Logging
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

@testable import Reading

extension ScriptedSite {
    func url(_ path: String = "/", host: String = "127.0.0.1", scheme: String = "http") -> WebURL {
        guard let url = WebURL(address(path, host: host, scheme: scheme)) else {
            preconditionFailure("\(path) makes no address")
        }
        return url
    }
}

extension PageFetcher {
    /// A fetcher that may reach loopback and finds every name there, unless told otherwise.
    static func local(
        resolver: HostResolver = .fixed(["127.0.0.1"]), trusting roots: NIOSSLTrustRoots = .certificates([]),
        _ adjust: (inout FetchConfiguration) -> Void = { _ in }
    ) throws -> PageFetcher {
        var configuration = FetchConfiguration(version: "test")
        configuration.allowPrivate = true
        // Generous, as the machine may be busy with other tests.
        configuration.timeout = .seconds(50)
        adjust(&configuration)
        return try PageFetcher(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, resolver: resolver,
            lookupThreads: nil, trustRoots: roots)
    }

    /// The failure a fetch ends with; nil where it brings a page.
    func failure(fetching url: WebURL) async -> FetchFailure? {
        do {
            _ = try await fetch(url)
            return nil
        } catch {
            return error
        }
    }
}

extension HostResolver {
    static func fixed(_ addresses: [String]) -> HostResolver {
        HostResolver { _, _, eventLoop in
            eventLoop.makeSucceededFuture(addresses.compactMap { IPAddress($0) })
        }
    }
}
