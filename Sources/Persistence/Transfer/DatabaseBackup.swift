import Foundation

/// Writes an installation's records into an archive while others go on using them.
///
/// The archive shows one moment and belongs to no engine: either can restore it.
public struct DatabaseBackup: Sendable {
    let database: Database
    let version: String

    /// - Parameter version: of the program, for whoever reads the archive.
    public init(of database: Database, version: String) {
        self.database = database
        self.version = version
    }

    /// - Parameter descriptor: where the archive goes; it stays open.
    public func write(
        to descriptor: Int32, progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }
    ) async throws -> TransferSummary {
        try await database.snapshot { snapshot in
            let contents = try await snapshot.read { try self.contents(of: $0) }
            var writer = try ArchiveWriter(descriptor: descriptor, header: contents.header)
            for table in contents.tables {
                try await write(table, from: snapshot, to: &writer) { rows in
                    progress(TransferProgress(table: table.name, rows: rows, total: contents.header.rows))
                }
            }
            return try writer.finish()
        }
    }

    private struct Contents: Sendable {
        let header: ArchiveHeader
        let tables: [TableDescription]
    }

    private func contents(of connection: SQLConnection) throws -> Contents {
        try connection.refuseUnfinishedCopy()
        let tables = try TableCatalogue(connection: connection).tables()
        let header = ArchiveHeader(
            version: version, engine: connection.dialect.name, takenAt: Date().formatted(.iso8601),
            migrations: try connection.appliedMigrations(),
            rows: try tables.reduce(0) { sum, table in try sum + connection.count(table) })
        return Contents(header: header, tables: tables)
    }

    private func write(
        _ table: TableDescription, from snapshot: any DatabaseSnapshot, to writer: inout ArchiveWriter,
        onRows: (Int) -> Void
    ) async throws {
        try writer.begin(table, lastIdentity: try await snapshot.read { try $0.lastIdentity(of: table) })
        var place = TableReader.Place()
        while !place.isAtEnd {
            try writer.write(rows: try await snapshot.rows(of: table, from: &place))
            onRows(writer.rowsOfEndedTables + place.checksum.rows)
        }
        try writer.endTable(place.checksum)
    }
}
