import Foundation

/// Moves an installation's records from one database to another, of the same engine or not.
///
/// The source is read as it is at one moment, and may be used meanwhile; what is written later is not copied. A copy
/// that was stopped goes on where it was, unless the source has changed: then it begins anew.
public struct DatabaseCopy: Sendable {
    let source: Database
    let target: Database
    let migrations: [Migration]

    /// - Parameters:
    ///   - target: on SQLite, opened without `checksReferences`.
    ///   - migrations: those of this program, oldest first; the source must have them all.
    public init(from source: Database, to target: Database, migrations: [Migration]) {
        self.source = source
        self.target = target
        self.migrations = migrations
    }

    /// Copies, and compares the number and checksum of every table's rows on both sides.
    ///
    /// - Throws: `TransferFailure`; the target keeps what has arrived, and refuses to be used until the copy is
    ///   complete.
    public func run(progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }) async throws -> TransferSummary
    {
        try await source.snapshot { snapshot in
            let contents = try await snapshot.read { try self.contents(of: $0) }
            try await begin(copying: contents)
            if try await !marksStillHold(contents.tables, in: snapshot) { try await beginAnew(contents.tables) }

            var rows = 0
            var sent: [String: TableChecksum] = [:]
            for table in contents.tables {
                let before = rows
                let checksum = try await copy(table, from: snapshot) { done in
                    progress(TransferProgress(table: table.name, rows: before + done, total: contents.rows))
                }
                rows += checksum.rows
                sent[table.name] = checksum
            }
            try await verify(contents.tables, sent: sent)
            try await finish(contents)
            return TransferSummary(tables: contents.tables.count, rows: rows, bytes: 0)
        }
    }

    /// One transaction of the target, however long it takes: a table's references are checked at once.
    private func write(_ body: @escaping @Sendable (SQLConnection) throws -> Void) async throws {
        try await target.write { connection in
            try connection.liftTimeLimits()
            try body(connection)
        }
    }

    private struct Contents: Sendable {
        /// What tells the installation from others.
        let birth: String
        let tables: [TableDescription]
        let lastIdentities: [Int64]
        let rows: Int
    }

    private func contents(of connection: SQLConnection) throws -> Contents {
        try connection.refuseUnfinishedCopy()
        let missing = Set(migrations.map(\.id)).symmetricDifference(try connection.appliedMigrations())
        guard missing.isEmpty else { throw TransferFailure.otherSchema(missing.sorted()) }
        let tables = try TableCatalogue(connection: connection).tables()
        return Contents(
            birth: try connection.birth(), tables: tables,
            lastIdentities: try tables.map { try connection.lastIdentity(of: $0) },
            rows: try tables.reduce(0) { sum, table in try sum + connection.count(table) })
    }

    /// Makes the target's schema and marks, or finds those of an earlier try.
    private func begin(copying contents: Contents) async throws {
        try await write { connection in
            try connection.takeTurns(on: "migrations")
            let marks = TransferMarks(connection: connection)
            if try TableCatalogue(connection: connection).has(TransferMarks.table) {
                guard try marks.get("source") == contents.birth else { throw TransferFailure.otherCopy }
                return
            }
            try connection.migrate(migrations)
            let there = try TableCatalogue(connection: connection).tables()
            let full = try there.filter { try !connection.isEmpty($0) }
            guard full.isEmpty else { throw TransferFailure.notEmpty(full.map(\.name).sorted()) }
            let different =
                contents.tables.filter { !there.contains($0) } + there.filter { !contents.tables.contains($0) }
            guard different.isEmpty else { throw TransferFailure.differentTables(Set(different.map(\.name)).sorted()) }
            try marks.create()
            try marks.set("source", to: contents.birth)
            try marks.set("references", to: try ReferenceSuspension.begin(in: connection))
        }
    }

    /// Whether the source still has the rows that an earlier try copied.
    private func marksStillHold(_ tables: [TableDescription], in snapshot: any DatabaseSnapshot) async throws -> Bool {
        for table in tables {
            let mark = try await target.read { try TransferMarks(connection: $0).place(in: table) }
            guard let mark else { continue }
            let checksum = try await snapshot.checksum(of: table, upTo: mark.key)
            if checksum != mark.checksum { return false }
        }
        return true
    }

    private func beginAnew(_ tables: [TableDescription]) async throws {
        try await write { connection in
            try connection.empty(tables)
            try TransferMarks(connection: connection).clearTables()
        }
    }

    /// Copies what is missing of a table, and gives the checksum of all its rows in the source.
    private func copy(
        _ table: TableDescription, from snapshot: any DatabaseSnapshot, onRows: (Int) -> Void
    ) async throws -> TableChecksum {
        var place = try await target.read { try TransferMarks(connection: $0).place(in: table) } ?? TableReader.Place()
        while !place.isAtEnd {
            let rows = try await snapshot.rows(of: table, from: &place)
            onRows(place.checksum.rows)
            if rows.isEmpty { break }
            let end = place
            try await write { connection in
                var unused = TableChecksum()
                try TableWriter(table: table, connection: connection).insert(rows, adding: &unused)
                try TransferMarks(connection: connection).set(end, in: table)
            }
        }
        return place.checksum
    }

    private func verify(_ tables: [TableDescription], sent: [String: TableChecksum]) async throws {
        let different = try await target.snapshot { arrived in
            var different: [String] = []
            for table in tables where try await arrived.checksum(of: table) != sent[table.name] {
                different.append(table.name)
            }
            return different
        }
        guard different.isEmpty else {
            // The next try begins with nothing.
            try await beginAnew(tables)
            throw TransferFailure.notTheSame(different)
        }
    }

    private func finish(_ contents: Contents) async throws {
        try await write { connection in
            let marks = TransferMarks(connection: connection)
            for (table, last) in zip(contents.tables, contents.lastIdentities) {
                try connection.setLastIdentity(last, of: table)
            }
            try marks.get("references", as: ReferenceSuspension.self)?.end(in: connection)
            try connection.refuseBrokenReferences()
            try marks.remove()
        }
        try await write { _ = try $0.execute("ANALYZE") }
    }
}

extension SQLConnection {
    /// What tells one installation from another: when its schema was first made.
    fileprivate func birth() throws -> String {
        try first("SELECT id, applied_at FROM schema_migrations ORDER BY applied_at, id LIMIT 1") { row in
            "\(try row.next(String.self)) \(try row.next(Int64.self))"
        } ?? ""
    }

    /// SQLite does not check references that were written while it was told not to.
    fileprivate func refuseBrokenReferences() throws {
        guard dialect == .sqlite else { return }
        let broken = try values("SELECT DISTINCT \"table\" FROM pragma_foreign_key_check", as: String.self)
        guard broken.isEmpty else { throw DatabaseFailure.foreignKeyViolation(broken.joined(separator: ", ")) }
    }
}
