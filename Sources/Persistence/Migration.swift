import Foundation

/// One forward step of the schema. A room declares its own; the wiring puts them in order.
public struct Migration: Sendable {
    /// Unique for ever, such as `0001_accounts`.
    public let id: String
    let statements: @Sendable (SQLDialect) -> [String]

    /// - Parameter statements: the statements in order, one each, for the dialect given.
    public init(_ id: String, statements: @escaping @Sendable (SQLDialect) -> [String]) {
        self.id = id
        self.statements = statements
    }
}

extension Database {
    /// Applies what is missing, each migration and its mark in one transaction, and returns the ids applied.
    ///
    /// Two starters take turns, for the whole runs inside one write transaction. A failed migration leaves the
    /// database as it was. A database that knows migrations this program does not is refused, and so is one that a copy
    /// has filled in part.
    @discardableResult
    public func migrate(_ migrations: [Migration], dryRun: Bool = false) async throws -> [String] {
        // As a rule nothing is, and whoever starts need not write for that.
        let isMigrated = try await read { try $0.isMigrated(migrations) }
        if isMigrated { return [] }
        return try await write { connection in
            try connection.liftTimeLimits()
            try connection.takeTurns(on: "migrations")
            try connection.refuseUnfinishedCopy()
            return try connection.migrate(migrations, dryRun: dryRun)
        }
    }
}

extension SQLConnection {
    fileprivate func isMigrated(_ migrations: [Migration]) throws -> Bool {
        try refuseUnfinishedCopy()
        let applied = try appliedMigrations()
        return !applied.isEmpty && Set(applied) == Set(migrations.map(\.id))
    }

    /// Applies what is missing inside the caller's own transaction.
    @discardableResult
    func migrate(_ migrations: [Migration], dryRun: Bool = false) throws -> [String] {
        let applied = Set(try appliedMigrations())
        let unknown = applied.subtracting(migrations.map(\.id))
        guard unknown.isEmpty else { throw DatabaseFailure.unknownMigrations(unknown.sorted()) }

        let missing = migrations.filter { !applied.contains($0.id) }
        if !dryRun {
            try execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (id TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)")
        }
        for migration in missing where !dryRun {
            for statement in migration.statements(dialect) { try execute(.statement(statement)) }
            try execute(
                "INSERT INTO schema_migrations (id, applied_at) VALUES (\(migration.id), \(Date.currentMicrosecond))")
        }
        return missing.map(\.id)
    }

    /// The ids of the migrations in this database, in the order in which they came.
    func appliedMigrations() throws -> [String] {
        guard try TableCatalogue(connection: self).has("schema_migrations") else { return [] }
        return try values("SELECT id FROM schema_migrations ORDER BY applied_at, id")
    }
}
