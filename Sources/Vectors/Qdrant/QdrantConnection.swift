import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests to a Qdrant server over its REST interface, as its OpenAPI description (1.11 to 1.19) says.
///
/// Every request is idempotent, so each may be repeated. AsyncHTTPClient keeps the connections: unlike what users have
/// fetched, this address comes from whoever runs the installation.
struct QdrantConnection: Sendable {
    /// How a request is to be treated.
    enum Effort {
        /// Somebody waits: one try more where the connection broke, little time.
        case search
        /// Tried again a few times.
        case update
    }

    /// More than this is no answer to anything that is asked here.
    private static let largestAnswer = 64 * 1024 * 1024

    /// Characters of an error's text that are worth a line of the log.
    private static let longestMessage = 500

    private let configuration: QdrantConfiguration

    init(_ configuration: QdrantConfiguration) { self.configuration = configuration }

    /// One pool of connections for the process, which lives as long as it does.
    private static let client: HTTPClient = {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.timeout.connect = .seconds(2)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
        // The client's own repeats are left to `retryDelays`.
        settings.connectionPool.retryConnectionEstablishment = false
        settings.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }()

    /// Sends a request and reads the `result` of the answer.
    func send<Result: Decodable & Sendable>(
        _ method: HTTPMethod, _ path: String, _ body: (some Encodable)?, effort: Effort, as _: Result.Type = Result.self
    ) async throws -> Result {
        let bytes = try body.map { try JSONEncoder().encode($0) }
        let answer = try await repeated(effort) { try await once(method, path, bytes) }
        do {
            return try JSONDecoder().decode(QdrantAnswer<Result>.self, from: answer).result
        } catch let error as DecodingError {
            throw QdrantFailure.unreadable("\(method) \(path): \(error)")
        }
    }

    func send<Result: Decodable & Sendable>(
        _ method: HTTPMethod, _ path: String, effort: Effort, as result: Result.Type = Result.self
    ) async throws -> Result {
        try await send(method, path, String?.none, effort: effort, as: result)
    }

    /// A search has its time for all its tries, an update for each.
    private func repeated(_ effort: Effort, _ send: @escaping @Sendable () async throws -> Data) async throws -> Data {
        switch effort {
        case .search:
            return try await within(configuration.searchTimeout) {
                do {
                    return try await send()
                } catch QdrantFailure.unavailable(Self.broken) {
                    return try await send()
                }
            }
        case .update:
            for delay in configuration.retryDelays {
                do {
                    return try await within(configuration.updateTimeout, send)
                } catch QdrantFailure.unavailable {
                    try await Task.sleep(for: delay)
                }
            }
            return try await within(configuration.updateTimeout, send)
        }
    }

    private static let broken = "The connection broke."

    private func once(_ method: HTTPMethod, _ path: String, _ body: Data?) async throws -> Data {
        var request = HTTPClientRequest(url: configuration.base + path)
        request.method = method
        if let key = configuration.apiKey { request.headers.add(name: "api-key", value: key) }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        do {
            let response = try await Self.client.execute(request, deadline: .distantFuture)
            let bytes = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
            // What was collected until then is no answer.
            try Task.checkCancellation()
            try check(response.status, bytes)
            return bytes
        } catch let failure as QdrantFailure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPClientError where error == .cancelled && Task.isCancelled {
            throw CancellationError()
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            throw QdrantFailure.unavailable(Self.broken)
        } catch {
            throw QdrantFailure.unavailable("\(error)")
        }
    }

    private func check(_ status: HTTPResponseStatus, _ body: Data) throws {
        switch status.code {
        case 200: return
        // Unlike other errors, these two come as plain text.
        case 401, 403: throw QdrantFailure.unauthorized
        case 404: throw QdrantFailure.noCollection(configuration.collection)
        case 408, 429, 500...599: throw QdrantFailure.unavailable("\(status.code): \(message(of: body))")
        default: throw QdrantFailure.refused(status: Int(status.code), message: message(of: body))
        }
    }

    private func message(of body: Data) -> String {
        let text =
            (try? JSONDecoder().decode(QdrantError.self, from: body).status.error)
            ?? String(decoding: body.prefix(Self.longestMessage), as: UTF8.self)
        return String(text.prefix(Self.longestMessage))
    }
}
