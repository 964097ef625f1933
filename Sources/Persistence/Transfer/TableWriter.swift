/// Puts encoded rows into a table as they are, with their ids.
struct TableWriter {
    /// Rows in one statement at the most: few round trips, and far below the engines' limits on bound values.
    private static let rowsTogether = 64

    let table: TableDescription
    let connection: SQLConnection

    /// - Returns: how many rows there were.
    @discardableResult
    func insert(_ bytes: [UInt8], adding checksum: inout TableChecksum) throws -> Int {
        let coding = RowCoding(columns: table.columns)
        var rows: [[SQLValue]] = []
        try bytes.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let start = position
                rows.append(try coding.row(in: bytes, at: &position))
                checksum.add(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
            }
        }
        var rest = rows[...]
        while !rest.isEmpty {
            // Powers of two, so that few different statements are prepared.
            var count = Self.rowsTogether
            while count > rest.count { count /= 2 }
            try insert(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return rows.count
    }

    private func insert(_ rows: ArraySlice<[SQLValue]>) throws {
        let values = SQL.joined(rows.map { "(\(SQL.values($0)))" }, by: ", ")
        try connection.execute(
            "INSERT INTO \(SQL.name(table.name)) (\(SQL.names(table.columns.map(\.name)))) VALUES \(values)")
    }
}

extension SQLConnection {
    func isEmpty(_ table: TableDescription) throws -> Bool {
        try first("SELECT 1 FROM \(SQL.name(table.name)) LIMIT 1") { try $0.next(Int.self) } == nil
    }

    func count(_ table: TableDescription) throws -> Int {
        try value("SELECT COUNT(*) FROM \(SQL.name(table.name))") ?? 0
    }

    /// Takes out all rows, and what is derived from them. References must be put aside.
    ///
    /// - Parameter tables: parents first, as the catalogue lists them.
    func empty(_ tables: [TableDescription]) throws {
        switch dialect {
        case .sqlite:
            for table in tables.reversed() { try execute("DELETE FROM \(SQL.name(table.name))") }
        case .postgresql:
            // What is derived goes first, for the others' triggers empty some of it as well.
            let derived = try TableCatalogue(connection: self).derived()
            for names in [derived, tables.map(\.name)] where !names.isEmpty {
                try execute("TRUNCATE \(SQL.names(names))")
            }
        }
    }

    /// The last number that a table handed out; 0 where it has handed out none.
    func lastIdentity(of table: TableDescription) throws -> Int64 {
        guard let identity = table.identity else { return 0 }
        switch dialect {
        case .sqlite:
            return try value("SELECT seq FROM sqlite_sequence WHERE name = \(table.name)") ?? 0
        case .postgresql:
            return try value(
                """
                SELECT COALESCE(pg_sequence_last_value(
                    pg_get_serial_sequence(quote_ident(\(table.name)::text), \(identity)::text)::regclass), 0)
                """) ?? 0
        }
    }

    /// Lets a table go on counting where another left off, so that no id is given twice.
    func setLastIdentity(_ last: Int64, of table: TableDescription) throws {
        guard let identity = table.identity else { return }
        switch dialect {
        case .sqlite:
            try execute("DELETE FROM sqlite_sequence WHERE name = \(table.name)")
            try execute("INSERT INTO sqlite_sequence (name, seq) VALUES (\(table.name), \(last))")
        case .postgresql:
            try first(
                """
                SELECT setval(pg_get_serial_sequence(quote_ident(\(table.name)::text), \(identity)::text)::regclass,
                    \(max(last, 1))::bigint, \(max(last, 1))::bigint = \(last)::bigint)
                """
            ) { _ in }
        }
    }
}
