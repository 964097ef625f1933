/// Reads a table in the order of its key, a piece at a time, so that tables of any size take little memory.
struct TableReader: Sendable {
    /// About how much a piece holds; a single row may be larger.
    private static let pieceBytes = 1 << 20
    private static let pieceRows = 512

    let table: TableDescription

    /// How far a table was read.
    struct Place: Sendable {
        /// The key of the last row; empty before the first.
        var key: [SQLValue]
        /// Of all rows so far.
        var checksum: TableChecksum
        var isAtEnd = false
        /// Rows to ask for next: PostgreSQL sends what it was asked for in one go, so that pieces grow only as the
        /// rows prove small.
        fileprivate var limit = 16

        /// The place behind the row with this key.
        init(key: [SQLValue] = [], checksum: TableChecksum = TableChecksum()) {
            self.key = key
            self.checksum = checksum
        }
    }

    /// Encodes the rows that follow `place`, and moves it behind them.
    ///
    /// - Parameter last: the key of the row to end with; nil reads on to the table's end.
    func next(from place: inout Place, upTo last: [SQLValue]? = nil, in connection: SQLConnection) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let coding = RowCoding(columns: table.columns)
        let keyIndices = table.key.compactMap { name in table.columns.firstIndex { $0.name == name } }
        var count = 0
        var isCutShort = false
        do {
            try connection.forEach(query(after: place.key, upTo: last, limit: place.limit)) { row in
                if bytes.count >= Self.pieceBytes { throw PieceIsFull() }
                let start = bytes.count
                coding.append(row, to: &bytes)
                bytes.withUnsafeBytes { place.checksum.add(UnsafeRawBufferPointer(rebasing: $0[start...])) }
                place.key = keyIndices.map { row.value(at: $0, kind: table.columns[$0].kind) }
                count += 1
            }
        } catch is PieceIsFull {
            isCutShort = true
        }
        place.isAtEnd = count < place.limit && !isCutShort
        let average = max(1, bytes.count / max(1, count))
        place.limit = min(Self.pieceRows, max(1, min(place.limit * 2, Self.pieceBytes / average)))
        return bytes
    }

    private struct PieceIsFull: Error {}

    private func query(after key: [SQLValue], upTo last: [SQLValue]?, limit: Int) -> SQL {
        let columns = SQL.names(table.columns.map(\.name))
        let keyNames = SQL.names(table.key)
        var conditions: [SQL] = []
        if !key.isEmpty { conditions.append("(\(keyNames)) > (\(SQL.values(key)))") }
        if let last { conditions.append("(\(keyNames)) <= (\(SQL.values(last)))") }
        let condition: SQL = conditions.isEmpty ? "" : "WHERE \(SQL.joined(conditions, by: " AND "))"
        return "SELECT \(columns) FROM \(SQL.name(table.name)) \(condition) ORDER BY \(keyNames) LIMIT \(limit)"
    }
}

extension DatabaseSnapshot {
    /// The next rows of a table, encoded; moves `place` behind them.
    func rows(
        of table: TableDescription, from place: inout TableReader.Place, upTo last: [SQLValue]? = nil
    ) async throws -> [UInt8] {
        try Task.checkCancellation()
        let start = place
        let (rows, end) = try await read { connection in
            var place = start
            let rows = try TableReader(table: table).next(from: &place, upTo: last, in: connection)
            return (rows, place)
        }
        place = end
        return rows
    }

    /// The checksum of a table's rows.
    ///
    /// - Parameter last: the key of the last row to count; nil counts all.
    func checksum(of table: TableDescription, upTo last: [SQLValue]? = nil) async throws -> TableChecksum {
        var place = TableReader.Place()
        while !place.isAtEnd { _ = try await rows(of: table, from: &place, upTo: last) }
        return place.checksum
    }
}

extension SQLRow {
    fileprivate borrowing func value(at index: Int, kind: SQLType) -> SQLValue {
        if source.isNull(at: index) { return .null(kind) }
        return switch kind {
        case .integer: .integer(source.integer(at: index))
        case .real: .real(source.real(at: index))
        case .text: .text(source.text(at: index))
        case .blob: .blob(source.withBlob(at: index) { [UInt8]($0) })
        }
    }
}

extension SQL {
    /// A name that came from the database's own catalogue, quoted.
    static func name(_ name: String) -> SQL { .statement("\"\(name.replacing("\"", with: "\"\""))\"") }

    static func names(_ names: [String]) -> SQL { joined(names.map(name), by: ", ") }

    /// Each value bound, with commas between them.
    static func values(_ values: [SQLValue]) -> SQL { joined(values.map(bound), by: ", ") }
}
