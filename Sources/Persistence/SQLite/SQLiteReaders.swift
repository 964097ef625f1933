import GRDB
import Synchronization

/// Connections that only read, as many as threads read at once.
///
/// GRDB's own pool asks for the schema's version and prepares its `BEGIN` and `COMMIT` anew for every read, which costs
/// more than reading a page of a list.
final class SQLiteReaders: Sendable {
    private let connections: [DatabaseQueue]
    private let idle: Mutex<[DatabaseQueue]>

    /// - Parameter configuration: of the connections; the file must be there, in WAL mode.
    init(path: String, count: Int, configuration: Configuration) throws {
        var configuration = configuration
        configuration.readonly = true
        let connections = try translatingErrors {
            try (0..<count).map { _ in try DatabaseQueue(path: path, configuration: configuration) }
        }
        self.connections = connections
        idle = Mutex(connections)
    }

    /// Runs `body` in a transaction that sees one state of the database.
    func read<Value>(_ body: (SQLConnection) throws -> Value) throws -> Value {
        // There are no more callers than connections.
        guard let connection = idle.withLock({ $0.popLast() }) else { throw DatabaseFailure.busy }
        defer { idle.withLock { $0.append(connection) } }
        return try connection.unsafeReentrantRead { database in
            let driver = SQLiteDriver(database: database)
            _ = try driver.run("BEGIN") { _ in }
            defer { _ = try? driver.run("COMMIT") { _ in } }
            return try body(SQLConnection(dialect: .sqlite, driver: driver))
        }
    }

    func close() throws {
        for connection in connections { try connection.close() }
    }
}
