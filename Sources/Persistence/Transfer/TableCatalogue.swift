/// The tables of a database, as the database itself lists them: nobody keeps a list of them, so none is forgotten.
///
/// Left out are the tables that say how far the schema is or a transfer has come, which database this is, the versions
/// of contents, and on PostgreSQL those with the comment "derived": triggers fill these from others.
struct TableCatalogue {
    private static let bookkeeping: Set = [
        "schema_migrations", TransferMarks.table, ContentVersions.table, DatabaseIdentity.table,
    ]

    let connection: SQLConnection

    /// The tables with rows of their own, parents before their children.
    ///
    /// - Throws: `TransferFailure.unknownColumn` where a column holds what other engines have no equal for.
    func tables() throws -> [TableDescription] {
        let found = try connection.dialect == .sqlite ? sqliteTables() : postgresTables()
        return found.parentsFirst(try references())
    }

    func names() throws -> [String] { try allNames().filter { !Self.bookkeeping.contains($0) } }

    func has(_ table: String) throws -> Bool { try allNames().contains(table) }

    /// PostgreSQL's tables that triggers, or the program, fill from others.
    func derived() throws -> [String] {
        try connection.values(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
                AND obj_description(oid, 'pg_class') = 'derived'
            """)
    }

    private func allNames() throws -> [String] {
        switch connection.dialect {
        case .sqlite:
            // What a virtual table keeps its rows in is a "shadow", and no table of its own.
            try connection.values(
                """
                SELECT name FROM pragma_table_list
                WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                """)
        case .postgresql:
            try connection.values(
                """
                SELECT relname::text FROM pg_class
                WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                    AND obj_description(oid, 'pg_class') IS DISTINCT FROM 'derived'
                    AND NOT EXISTS (SELECT 1 FROM pg_depend
                        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
                """)
        }
    }

    private func references() throws -> [TableReference] {
        let sql: SQL =
            switch connection.dialect {
            case .sqlite:
                """
                SELECT tables.name, keys."table" FROM pragma_table_list AS tables, pragma_foreign_key_list(tables.name) AS keys
                WHERE tables.schema = 'main' AND tables.type = 'table'
                """
            case .postgresql:
                """
                SELECT child.relname::text, parent.relname::text FROM pg_constraint
                JOIN pg_class AS child ON child.oid = conrelid JOIN pg_class AS parent ON parent.oid = confrelid
                WHERE contype = 'f' AND child.relnamespace = current_schema()::regnamespace
                """
            }
        return try connection.all(sql) { TableReference(table: try $0.next(), parent: try $0.next()) }
    }

    /// A column as its engine tells of it.
    private struct FoundColumn {
        let name: String
        let type: String
        /// Its place in the primary key, from 1; 0 outside.
        let keyPosition: Int
        let isIdentity: Bool
    }

    private func describe(_ table: String, _ found: [FoundColumn]) throws -> TableDescription {
        let columns = try found.map { column in
            guard let kind = SQLType(type: column.type, dialect: connection.dialect) else {
                throw TransferFailure.unknownColumn("\(table).\(column.name) (\(column.type))")
            }
            return TableDescription.Column(name: column.name, kind: kind)
        }
        let key = found.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }
        guard !key.isEmpty else { throw TransferFailure.noKey(table) }
        return TableDescription(
            name: table, columns: columns.sorted { $0.name < $1.name }, key: key.map(\.name),
            identity: found.first(where: \.isIdentity)?.name)
    }
}

extension TableCatalogue {
    private func sqliteTables() throws -> [TableDescription] {
        try names().map { table in
            let definition: String? = try connection.value("SELECT sql FROM sqlite_master WHERE name = \(table)")
            let numbersRows = definition?.contains("AUTOINCREMENT") ?? false
            // Generated columns and a virtual table's own are hidden.
            var columns = try connection.all(
                "SELECT name, type, pk FROM pragma_table_xinfo(\(table)) WHERE hidden = 0"
            ) { row in
                let (name, type) = (try row.next(String.self), try row.next(String.self))
                let position = try row.next(Int.self)
                return FoundColumn(
                    name: name, type: type, keyPosition: position, isIdentity: numbersRows && position > 0)
            }
            if definition?.hasPrefix("CREATE VIRTUAL TABLE") ?? false {
                // The words of a full-text index have no type, and its rows a number without a column.
                columns = columns.map {
                    FoundColumn(name: $0.name, type: "TEXT", keyPosition: 0, isIdentity: false)
                }
                columns.append(FoundColumn(name: "rowid", type: "INTEGER", keyPosition: 1, isIdentity: false))
            }
            return try describe(table, columns)
        }
    }

    private func postgresTables() throws -> [TableDescription] {
        try names().map { table in
            let columns = try connection.all(
                """
                SELECT attname::text, format_type(atttypid, NULL),
                    COALESCE(array_position((SELECT string_to_array(indkey::text, ' ')::int[] FROM pg_index
                        WHERE indrelid = attrelid AND indisprimary), attnum::int), 0),
                    CASE WHEN attidentity = '' THEN 0 ELSE 1 END
                FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
                WHERE relname = \(table) AND relnamespace = current_schema()::regnamespace
                    AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                """
            ) { row in
                FoundColumn(
                    name: try row.next(), type: try row.next(), keyPosition: try row.next(),
                    isIdentity: try row.next(Int.self) == 1)
            }
            return try describe(table, columns)
        }
    }
}

extension SQLType {
    /// - Parameter type: as the table was declared in SQLite, or as PostgreSQL names it.
    fileprivate init?(type: String, dialect: SQLDialect) {
        switch (dialect, type.lowercased()) {
        case (_, "bigint"), (_, "integer"), (.postgresql, "smallint"): self = .integer
        case (.sqlite, "real"), (.postgresql, "double precision"): self = .real
        case (_, "text"): self = .text
        case (.sqlite, "blob"), (.postgresql, "bytea"): self = .blob
        default: return nil
        }
    }
}
