import Foundation

/// What a database says of its own state; for whoever looks after an installation.
public struct DatabaseInspection {
    let connection: SQLConnection

    public init(_ connection: SQLConnection) { self.connection = connection }

    /// Such as "SQLite 3.40.1".
    public func engine() throws -> String {
        switch connection.dialect {
        case .sqlite: "SQLite \(try connection.value("SELECT sqlite_version()", as: String.self) ?? "")"
        case .postgresql:
            "PostgreSQL \(try connection.value("SELECT current_setting('server_version')", as: String.self) ?? "")"
        }
    }

    /// What is missing of the schema, and what this program does not know of it.
    public func schema(_ migrations: [Migration]) throws -> (missing: [String], unknown: [String]) {
        let applied = try connection.appliedMigrations()
        let known = migrations.map(\.id)
        return (known.filter { !applied.contains($0) }, applied.filter { !known.contains($0) })
    }

    /// Whether a copy into this database has begun and not ended.
    public func isUnfinishedCopy() throws -> Bool {
        try TableCatalogue(connection: connection).has(TransferMarks.table)
    }

    /// What is damaged, in the engine's words; reads the whole database.
    public func damages() throws -> [String] {
        try connection.liftTimeLimits()
        return switch connection.dialect {
        case .sqlite: try sqliteDamages()
        case .postgresql: try postgresDamages()
        }
    }

    private func sqliteDamages() throws -> [String] {
        let pages = try connection.values("PRAGMA integrity_check(20)", as: String.self).filter { $0 != "ok" }
        let references = try connection.all(
            "SELECT \"table\", \"parent\", COUNT(*) FROM pragma_foreign_key_check GROUP BY 1, 2"
        ) { row in
            let (table, parent) = (try row.next(String.self), try row.next(String.self))
            return "\(try row.next(Int.self)) rows of \(table) refer to rows of \(parent) that are not there"
        }
        return pages + references
    }

    private func postgresDamages() throws -> [String] {
        let invalid = try connection.values(
            """
            SELECT 'the index ' || relname || ' is not valid' FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
            WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
            UNION ALL
            SELECT 'the constraint ' || conname || ' is not checked' FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
            """, as: String.self)
        guard try hasAmcheck() else { return invalid }
        let indexes = try connection.values(
            """
            SELECT pg_class.oid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
                JOIN pg_am ON pg_am.oid = relam
            WHERE relnamespace = current_schema()::regnamespace AND amname = 'btree' AND indisvalid
            """, as: Int64.self)
        return try invalid
            + indexes.compactMap { index in
                do {
                    try connection.first("SELECT bt_index_check(\(index)::oid::regclass)") { _ in }
                    return nil
                } catch DatabaseFailure.corrupt(let text) {
                    return text
                }
            }
    }

    /// Whether the extension that looks into PostgreSQL's indexes may be used.
    public func hasAmcheck() throws -> Bool {
        guard connection.dialect == .postgresql else { return false }
        return try connection.value(
            """
            SELECT EXISTS (SELECT 1 FROM pg_extension, pg_proc WHERE extname = 'amcheck' AND proname = 'bt_index_check'
                AND has_function_privilege(pg_proc.oid, 'execute'))
            """) ?? false
    }

    /// Whether row-level security holds for whom the program signs in as; SQLite has none.
    public func ignoresRowSecurity() throws -> Bool {
        guard connection.dialect == .postgresql else { return false }
        return try connection.value(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") ?? false
    }

    /// Settings of the server under which it may lose what it has acknowledged; SQLite's are set by the program.
    public func riskySettings() throws -> [String] {
        guard connection.dialect == .postgresql else { return [] }
        return try connection.values(
            """
            SELECT name || '=' || setting FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name
            """)
    }

    /// Where the primary's log ends, for `replicaLag`.
    public func logPosition() throws -> String { try connection.value("SELECT pg_current_wal_lsn()::text") ?? "0/0" }

    /// How a replica follows its primary.
    public struct ReplicaLag: Sendable {
        public let isReplica: Bool
        public let isPaused: Bool
        /// Of the log, from what the replica shows to `logPosition`.
        public let bytes: Int
    }

    /// How far a replica is behind its primary; to be asked on the replica.
    ///
    /// - Parameter logPosition: of the primary, as `logPosition()` says it there.
    public func replicaLag(behind logPosition: String) throws -> ReplicaLag {
        guard try connection.value("SELECT pg_is_in_recovery()") ?? false else {
            return ReplicaLag(isReplica: false, isPaused: false, bytes: 0)
        }
        return ReplicaLag(
            isReplica: true, isPaused: try connection.value("SELECT pg_is_wal_replay_paused()") ?? false,
            bytes: try connection.value(
                "SELECT pg_wal_lsn_diff(\(logPosition)::pg_lsn, pg_last_wal_replay_lsn())::bigint") ?? 0)
    }

    /// The clock that the database goes by.
    public func clock() throws -> Date {
        switch connection.dialect {
        case .sqlite:
            try connection.value(
                "SELECT CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)") ?? .distantPast
        case .postgresql:
            try connection.value(
                "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint") ?? .distantPast
        }
    }

    /// The bytes that the records take on disk, indexes included.
    public func size() throws -> Int {
        switch connection.dialect {
        case .sqlite:
            try connection.value(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()") ?? 0
        case .postgresql: try connection.value("SELECT pg_database_size(current_database())") ?? 0
        }
    }
}
