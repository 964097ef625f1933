import Foundation
import GRDB
import NIOPosix
import Synchronization

/// SQLite in WAL mode: many readers beside one writer, whose transactions are committed in groups.
public final class SQLiteEngine: DatabaseEngine {
    public let dialect = SQLDialect.sqlite
    private let pool: DatabasePool
    /// As many threads as readers: a read is handed over once, and never waits for a connection on its thread.
    private let threads: NIOThreadPool
    private let writer: GroupCommitWriter
    private let readers: SQLiteReaders
    private let isClosed = Mutex(false)

    /// Opens or creates the database file.
    ///
    /// - Parameters:
    ///   - path: the file; its folder must exist.
    ///   - readers: how many reads run at once.
    ///   - checksReferences: whether a row must refer to rows that are there; off while a copy fills the database.
    public init(path: String, readers: Int = 4, checksReferences: Bool = true) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = checksReferences
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(10)
        configuration.label = "fuze.sqlite"
        configuration.prepareDatabase { database in
            // An acknowledged write survives a power cut, which WAL mode alone does not promise.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA cache_size = -8000")
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            try database.execute(sql: "PRAGMA secure_delete = FAST")
        }
        pool = try translatingErrors { try DatabasePool(path: path, configuration: configuration) }
        writer = GroupCommitWriter(pool: pool)
        self.readers = try SQLiteReaders(path: path, count: readers, configuration: configuration)
        threads = NIOThreadPool(numberOfThreads: readers)
        threads.start()
    }

    public func read<Value: Sendable>(
        _: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await threads.runIfActive { [readers] in
                try translatingErrors { try readers.read(body) }
            }
        } catch is NIOThreadPoolError.ThreadPoolInactive {
            throw DatabaseFailure.closed
        } catch is CancellationError where !Task.isCancelled {
            // What waited while the threads were stopped.
            throw DatabaseFailure.closed
        }
    }

    public func write<Value: Sendable>(
        _: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        guard !isClosed.withLock({ $0 }) else { throw DatabaseFailure.closed }
        return try await writer.write(body)
    }

    public func openSnapshot() async throws -> any DatabaseSnapshot { try SQLiteSnapshot(of: pool) }

    public func close() throws {
        isClosed.withLock { $0 = true }
        threads.shutdownGracefully { _ in }
        try translatingErrors {
            try readers.close()
            try pool.close()
        }
    }
}

extension SQLConnection {
    init(_ database: GRDB.Database) {
        self.init(dialect: .sqlite, driver: SQLiteDriver(database: database))
    }
}

func translatingErrors<Value>(_ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as GRDB.DatabaseError {
        throw DatabaseFailure(error)
    }
}

extension DatabaseFailure {
    init(_ error: GRDB.DatabaseError) {
        self.init(sqliteCode: error.extendedResultCode.rawValue, message: error.message ?? "")
    }
}
