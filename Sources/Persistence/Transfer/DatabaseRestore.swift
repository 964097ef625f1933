import Foundation
import Synchronization

/// Puts the records of an archive into a database, all of them or none.
public struct DatabaseRestore: Sendable {
    let database: Database
    let migrations: [Migration]

    /// - Parameter migrations: those of this program, oldest first.
    public init(into database: Database, migrations: [Migration]) {
        self.database = database
        self.migrations = migrations
    }

    /// Restores in one transaction. An archive that was cut off or changed is refused, and the database is as before.
    ///
    /// - Parameters:
    ///   - descriptor: a file or pipe with the archive.
    ///   - replacing: whether rows that are there may be taken out first.
    /// - Throws: `TransferFailure`.
    public func read(
        from descriptor: Int32, replacing: Bool = false,
        progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> TransferSummary {
        let wasBegun = Mutex(false)
        return try await database.write { connection in
            // A transaction that begins anew reads from the beginning, which a pipe cannot.
            let again = wasBegun.withLock { begun in
                defer { begun = true }
                return begun
            }
            if again, lseek(descriptor, 0, SEEK_SET) != 0 {
                throw TransferFailure.systemFailure("The archive cannot be read a second time")
            }
            return try restore(descriptor, replacing: replacing, connection, progress)
        }
    }

    private func restore(
        _ descriptor: Int32, replacing: Bool, _ connection: SQLConnection,
        _ progress: (TransferProgress) -> Void
    ) throws -> TransferSummary {
        var reader = try ArchiveReader(descriptor: descriptor)
        let header = try reader.header()
        try connection.liftTimeLimits()
        try connection.takeTurns(on: "migrations")
        try prepareSchema(for: header, connection)
        let references = try ReferenceSuspension.begin(in: connection)
        let tables = try emptyTables(replacing: replacing, connection)
        var waiting = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) })
        var rows = 0
        while let next = try reader.nextTable() {
            guard waiting.removeValue(forKey: next.table.name) == next.table else {
                throw TransferFailure.differentTables([next.table.name])
            }
            let writer = TableWriter(table: next.table, connection: connection)
            let checksum = try reader.rows(of: next.table) { bytes, checksum in
                try writer.insert(bytes, adding: &checksum)
                progress(TransferProgress(table: next.table.name, rows: rows + checksum.rows, total: header.rows))
            }
            rows += checksum.rows
            try connection.setLastIdentity(next.lastIdentity, of: next.table)
        }
        guard waiting.isEmpty else { throw TransferFailure.differentTables(waiting.keys.sorted()) }
        try references.end(in: connection)
        try connection.migrate(migrations)
        return TransferSummary(tables: tables.count, rows: rows, bytes: 0)
    }

    /// Brings the schema to where the archive's was.
    private func prepareSchema(for header: ArchiveHeader, _ connection: SQLConnection) throws {
        let newer = Set(header.migrations).subtracting(migrations.map(\.id))
        guard newer.isEmpty else { throw TransferFailure.newerSchema(newer.sorted()) }
        let further = Set(try connection.appliedMigrations()).subtracting(header.migrations)
        guard further.isEmpty else { throw TransferFailure.otherSchema(further.sorted()) }
        try connection.refuseUnfinishedCopy()
        try connection.migrate(migrations.filter { header.migrations.contains($0.id) })
    }

    private func emptyTables(replacing: Bool, _ connection: SQLConnection) throws -> [TableDescription] {
        let tables = try TableCatalogue(connection: connection).tables()
        let full = try tables.filter { try !connection.isEmpty($0) }
        guard replacing || full.isEmpty else { throw TransferFailure.notEmpty(full.map(\.name).sorted()) }
        if !full.isEmpty { try connection.empty(tables) }
        return tables
    }
}
