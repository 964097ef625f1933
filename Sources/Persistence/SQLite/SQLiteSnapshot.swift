import GRDB

/// A connection whose read transaction stays open.
struct SQLiteSnapshot: DatabaseSnapshot {
    private let snapshot: GRDB.DatabaseSnapshot

    init(of pool: DatabasePool) throws {
        snapshot = try translatingErrors { try pool.makeSnapshot() }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await snapshot.read { database in try body(SQLConnection(database)) }
        } catch let error as GRDB.DatabaseError {
            throw DatabaseFailure(error)
        }
    }

    func close() async {
        // A connection that cannot be closed is closed with the pool.
        try? snapshot.close()
    }
}
