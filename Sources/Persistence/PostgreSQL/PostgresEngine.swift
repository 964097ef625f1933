import NIOPosix

/// PostgreSQL on libpq: a pool of connections that block on threads of their own.
///
/// A read sees one state (`REPEATABLE READ`). Writes of one owner take turns, so that each sees what the one before
/// has committed (`READ COMMITTED` behind a lock); writes of different owners run at once.
///
/// Connecting, reads, and writes that have certainly not happened are tried three times. A write whose connection was
/// lost while it was committed is not: it fails with `DatabaseFailure.outcomeUnknown`.
public final class PostgresEngine: DatabaseEngine {
    public let dialect = SQLDialect.postgresql
    private let address: PostgresAddress
    private let primary: PostgresPool
    /// Nil where there are none.
    private let replicas: PostgresReplicas?
    private let retry = PostgresRetry()
    /// For versions of contents, which nearly every request waits for: apart from whatever else takes long.
    private let lookups: PostgresPool

    /// Opens no connection yet: the first transaction does.
    ///
    /// - Parameters:
    ///   - replicas: copies that answer the reads of single owners; each gets a pool of the same size.
    ///   - limits: of the primary's transactions; those of replicas are closer, for there is the primary.
    ///   - positions: how far a replica must be before an owner's reads go there.
    public init(
        _ address: PostgresAddress, replicas: [PostgresAddress] = [], size: PostgresPoolSize = PostgresPoolSize(),
        limits: PostgresLimits = PostgresLimits(), positions: WrittenPositions = .memory()
    ) {
        self.address = address
        self.replicas =
            replicas.isEmpty ? nil : PostgresReplicas(replicas, of: address, size: size, positions: positions)
        primary = PostgresPool(size) { try PostgresConnection(address, limits: limits) }
        lookups = PostgresPool(PostgresPoolSize(kept: 1, overflow: 0, waitLimit: .seconds(3))) {
            try PostgresConnection(address, limits: .brief)
        }
    }

    public func read<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await read(.read, access, body)
    }

    public func readOnce<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await read(.readOnce, access, body)
    }

    private func read<Value: Sendable>(
        _ kind: PostgresTransaction.Kind, _ access: RowAccess,
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        if case .owner(let id) = access, let replica = await replicas?.next(for: id) {
            do {
                return try await replica.read(kind, access, body)
            } catch is RepeatableFailure {
                // The primary answers it.
            }
        }
        return try await retry.run {
            try await primary.run { try $0.read(kind, access, body) }
        }
    }

    public func write<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        let notesPosition = replicas != nil
        let (value, position) = try await retry.run {
            try await primary.run { try $0.write(access, notesPosition: notesPosition, body) }
        }
        if let position { await replicas?.noteWrite(access, at: position) }
        return value
    }

    public func contentVersions(ofSpaces spaces: [Int64]) async throws -> [Int64: Int64] {
        try await PostgresRetry(tries: 2, firstDelay: .zero).run {
            try await lookups.run { connection in
                try connection.read(.readOnce, .installation) { try $0.contentVersions(ofSpaces: spaces) }
            }
        }
    }

    /// Not taken from the pool: others would wait for it.
    public func runAlone(_ statements: [SQL]) async throws {
        let address = address
        try await NIOThreadPool.singleton.runIfActive {
            let connection = try PostgresConnection(address, limits: .none)
            for statement in ["SET default_transaction_read_only = off"] + statements {
                try connection.send(statement)
                try connection.finish()
            }
        }
    }

    public func openSnapshot() async throws -> any DatabaseSnapshot { try await PostgresSnapshot(address) }

    public func close() throws {
        try primary.close()
        try lookups.close()
        try replicas?.close()
    }
}

extension PostgresConnection {
    /// - Throws: `RepeatableFailure` where the same read may succeed when it is tried again.
    func read<Value>(
        _ kind: PostgresTransaction.Kind, _ access: RowAccess, _ body: (SQLConnection) throws -> Value
    ) throws -> Value {
        beginTransaction()
        let transaction = PostgresTransaction(kind, access, on: self)
        defer { transaction.finishReading() }
        do {
            return try body(SQLConnection(dialect: .postgresql, driver: transaction))
        } catch {
            throw repeatable(error)
        }
    }

    /// - Throws: `RepeatableFailure` where nothing was written and the same may succeed when it is tried again.
    ///
    /// - Returns: also where the log is after the commit, where that is wanted and something was written.
    func write<Value>(
        _ access: RowAccess, notesPosition: Bool, _ body: (SQLConnection) throws -> Value
    ) throws -> (Value, LogPosition?) {
        beginTransaction()
        let transaction = PostgresTransaction(.write, access, on: self)
        do {
            let value = try body(SQLConnection(dialect: .postgresql, driver: transaction))
            return (value, try transaction.commit(notesPosition: notesPosition))
        } catch DatabaseFailure.outcomeUnknown {
            throw DatabaseFailure.outcomeUnknown
        } catch {
            transaction.rollback()
            throw repeatable(error)
        }
    }

    private func repeatable(_ error: any Error) -> any Error {
        if let loss { return RepeatableFailure(loss) }
        return hasConflict || error as? DatabaseFailure == .busy ? RepeatableFailure(error) : error
    }
}
