import Foundation
import HTTPSupport
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Jobs
import Logging
import NIOCore
import Persistence
import TestSupport
import Testing

@testable import Fuze

/// A whole installation in a folder of its own, its API asked in process.
struct Server: Sendable {
    let fuze: Fuze
    let health: HealthMonitor
    private let records: TestDatabase
    fileprivate let client: any TestClientProtocol

    /// - Parameters:
    ///   - log: where the statements that reach the database are noted, if anywhere.
    ///   - other: another instance of the same installation.
    static func run(
        withModel: Bool = false, log: StatementLog? = nil, besides other: Server? = nil,
        _ adjust: (inout FuzeConfiguration) -> Void = { _ in },
        _ test: @Sendable (Server) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder()
        var configuration = FuzeConfiguration()
        configuration.dataDirectory = other?.fuze.configuration.dataDirectory ?? folder.url
        configuration.fetchesPrivateAddresses = true
        configuration.logLevel = .critical
        adjust(&configuration)
        let installation = Installation(
            packages: withModel ? URL(filePath: Checkout.packages) : folder.url, apiDescription: Checkout.apiDescription
        )
        let records = if let other { other.records } else { try await TestDatabase(Fuze.migrations) }
        let database = try log.map { Database(engine: LoggedEngine(try records.engine(), log: $0)) } ?? records.open()
        let fuze = try await Fuze.open(configuration, installation: installation, database: database)
        let health = newHealthMonitor(of: fuze)
        await health.check()
        let application = Application(
            responder: APIResponder(fuze.router(health: health), cors: CORSPolicy(origins: configuration.corsOrigins)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await application.test(.router) { client in
            try await test(Server(fuze: fuze, health: health, records: records, client: client))
        }
        try await fuze.close()
        withExtendedLifetime((folder, records)) {}
    }

    static func newHealthMonitor(of fuze: Fuze) -> HealthMonitor {
        HealthMonitor(
            database: fuze.database, embeddings: fuze.embeddings, queue: fuze.queue, vectors: fuze.vectors,
            redis: fuze.redis, cache: fuze.caches.cache,
            logger: fuze.logger)
    }

    /// Somebody who has not signed in.
    var stranger: Visitor { Visitor(server: self, token: nil) }

    /// A person with an account who has signed in.
    func person(_ name: String) async throws -> Visitor {
        let answer = try await stranger.send(
            .post, "/api/auth/register",
            ["username": .string(name), "email": .string("\(name)@example.org"), "password": "Analytical-Engine-1843"])
        return Visitor(server: self, token: answer.json["access_token"]?.text)
    }

    /// Does the work that is due now.
    func work() async throws {
        let worker = fuze.worker(slots: 4)
        let run = Task { try await worker.run() }
        try await eventually {
            try await fuze.database.read { connection in
                try connection.value(
                    "SELECT COUNT(*) FROM jobs WHERE finished_at IS NULL AND run_at <= \(Date().addingTimeInterval(1))",
                    as: Int.self) == 0
            }
        }
        run.cancel()
        try await run.value
    }
}

/// One who asks. Every answer is held against the API's description.
struct Visitor: Sendable {
    let server: Server
    let token: String?

    func get(_ path: String, _ location: SourceLocation = #_sourceLocation) async throws -> Answer {
        try await send(.get, path, location)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil,
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let bytes = try body.map { try JSON.encode($0) }
        return try await send(method, path, body: bytes, type: bytes == nil ? nil : "application/json", location)
    }

    private func send(
        _ method: HTTPRequest.Method, _ path: String, _ location: SourceLocation
    ) async throws -> Answer {
        try await send(method, path, body: nil, type: nil, location)
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, body: ByteBuffer?, type: String?,
        _ location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        headers[.authorization] = token.map { "Bearer \($0)" }
        headers[.contentType] = type
        let response = try await server.client.execute(uri: path, method: method, headers: headers, body: body)
        let answer = Answer(status: response.status, headers: response.headers, body: response.body)
        for violation in try Contract.shared.get().violations(of: answer, to: method, path) {
            Issue.record("\(method) \(path): \(violation)", sourceLocation: location)
        }
        return answer
    }

    /// A bookmark of theirs.
    func save(_ url: String, _ more: [String: JSONValue] = [:]) async throws -> Int64 {
        let answer = try await send(.post, "/api/bookmarks", .object(more.merging(["url": .string(url)]) { $1 }))
        return answer.json["id"]?.number ?? 0
    }

    /// A file sent as a form does.
    func upload(
        _ content: String, to path: String, field: String = "file", _ location: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let form = """
            --edge\r
            Content-Disposition: form-data; name="\(field)"; filename="bookmarks.html"\r
            Content-Type: text/html\r
            \r
            \(content)\r
            --edge--\r\n
            """
        return try await send(
            .post, path, body: ByteBuffer(string: form), type: "multipart/form-data; boundary=edge", location)
    }
}

struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer

    var text: String { String(buffer: body) }
    /// Null where it is none.
    var json: JSONValue { (try? JSON.decode(JSONValue.self, from: body)) ?? .null }
    var isJSON: Bool { headers[.contentType]?.hasPrefix("application/json") == true }
    var items: [JSONValue] { json["items"]?.list ?? [] }
}

extension JSONValue {
    subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var number: Int64? { if case .integer(let number) = self { number } else { nil } }
    var list: [JSONValue]? { if case .array(let list) = self { list } else { nil } }
    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
}
