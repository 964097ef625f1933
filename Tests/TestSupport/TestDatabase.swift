import CLibPQ
import Foundation
import Persistence
import Synchronization

/// A fresh database for one test: PostgreSQL where `FUZE_TEST_DATABASE_URL` names a server, else a file of SQLite.
/// It is gone with the object.
public final class TestDatabase: Sendable {
    /// The server of this test run; nil where the tests run on SQLite.
    public static let server: TestServer? = ProcessInfo.processInfo.environment["FUZE_TEST_DATABASE_URL"]
        .flatMap { $0.isEmpty ? nil : TestServer(address: $0) }

    /// The address of an own server that has the database alone; nil on SQLite.
    public let url: String?
    /// For what belongs to the test besides its records.
    public let folder = TemporaryFolder()
    private let opened = Mutex<[Database]>([])

    /// - Parameter migrations: the schema it begins with.
    public init(_ migrations: [Migration]) async throws {
        url = try await Self.server?.newDatabase(migrations)
        if url == nil { try await open().migrate(migrations) }
    }

    /// A database of PostgreSQL that has nothing but what PostgreSQL itself brings.
    public static func withoutExtensions(_ migrations: [Migration]) async throws -> TestDatabase {
        guard let server else { throw DatabaseFailure.unavailable("There is no PostgreSQL.") }
        let database = TestDatabase(url: try server.newDatabase(from: "template0"))
        try await database.open().migrate(migrations)
        return database
    }

    private init(url: String) { self.url = url }

    /// The database, as one more process sees it. It is closed with the object, if not before.
    public func open(pool: PostgresPoolSize = PostgresPoolSize(kept: 3, overflow: 3)) throws -> Database {
        let database = Database(engine: try engine(pool: pool))
        opened.withLock { $0.append(database) }
        return database
    }

    public func engine(pool: PostgresPoolSize = PostgresPoolSize(kept: 3, overflow: 3)) throws -> any DatabaseEngine {
        if let url { return PostgresEngine(try PostgresAddress(url), size: pool) }
        return try SQLiteEngine(path: folder.path("records.sqlite"))
    }

    deinit {
        let databases = opened.withLock { $0 }
        // The last to let it go may be the body of a transaction, on the very thread that closing waits for.
        DispatchQueue.global().async { [url] in
            for database in databases { try? database.close() }
            if let url { Self.server?.dropDatabase(at: url) }
        }
    }
}

/// A PostgreSQL for tests, as `scripts/postgres.sh start` starts one.
public final class TestServer: Sendable {
    private struct State {
        var databases = 0
        /// Migrated once and then copied, by the ids of their migrations.
        var templates: [[String]: Task<String, any Error>] = [:]
    }

    private let address: String
    private let state = Mutex(State())

    public init(address: String) { self.address = address }

    public func newDatabase(_ migrations: [Migration]) async throws -> String {
        try newDatabase(from: try await template(migrations))
    }

    func newDatabase(from template: String) throws -> String {
        let name = nextName()
        try execute("CREATE DATABASE \(name) TEMPLATE \(template)")
        return url(of: name)
    }

    func dropDatabase(at url: String) {
        guard let name = URLComponents(string: url)?.path.dropFirst() else { return }
        try? execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }

    private func nextName() -> String {
        let number = state.withLock { state in
            state.databases += 1
            return state.databases
        }
        return "fuze_test_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
    }

    private func template(_ migrations: [Migration]) async throws -> String {
        let task = state.withLock { state in
            let known = state.templates[migrations.map(\.id)]
            let task = known ?? Task { try await newTemplate(migrations) }
            state.templates[migrations.map(\.id)] = task
            return task
        }
        return try await task.value
    }

    private func newTemplate(_ migrations: [Migration]) async throws -> String {
        let name = nextName()
        try execute("CREATE DATABASE \(name) TEMPLATE template1")
        let engine = PostgresEngine(try PostgresAddress(url(of: name)), size: PostgresPoolSize(kept: 1, overflow: 0))
        let database = Database(engine: engine)
        try await database.migrate(migrations)
        try database.close()
        return name
    }

    private func url(of database: String) -> String {
        var components = URLComponents(string: address)
        components?.path = "/\(database)"
        return components?.string ?? address
    }

    /// A copy of the server that follows it; started by the first test that asks, and stopped with the server.
    ///
    /// - Returns: the address of the same database there.
    public func replica(of database: String) throws -> String {
        var components = URLComponents(string: try ServerScript().run("replica"))
        components?.path = URLComponents(string: database)?.path ?? ""
        guard let address = components?.string else { throw ServerScript.Failure() }
        return address
    }

    /// Runs a statement outside of any transaction, as making databases wants it.
    public func execute(_ statement: String) throws {
        let link = PQconnectdb(address)
        defer { PQfinish(link) }
        let result = PQexec(link, statement)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK else {
            throw DatabaseFailure.unavailable(String(cString: PQerrorMessage(link)))
        }
    }
}

/// `scripts/postgres.sh`, which starts and stops servers.
public struct ServerScript: Sendable {
    public struct Failure: Error {}

    /// Where the server keeps its files; nil for that of the test run.
    let folder: String?

    public init(folder: String? = nil) { self.folder = folder }

    /// - Returns: what it says, an address as a rule.
    @discardableResult
    public func run(_ command: String) throws -> String {
        let script = Process()
        script.executableURL = URL(filePath: "\(Checkout.scripts)/postgres.sh")
        script.arguments = [command]
        if let folder {
            script.environment = ProcessInfo.processInfo.environment.merging(["FUZE_TEST_POSTGRES": folder]) { $1 }
        }
        let output = Pipe()
        script.standardOutput = output
        try script.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        script.waitUntilExit()
        guard script.terminationStatus == 0 else { throw Failure() }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
