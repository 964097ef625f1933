import Foundation

/// How far a copy has come, kept in the target until it is complete: a database with such marks is not to be used.
struct TransferMarks {
    static let table = "transfer_marks"

    let connection: SQLConnection

    /// How far one table was copied.
    private struct TableMark: Codable {
        /// The key of the last row that arrived, encoded as a row of the key's columns.
        let key: Data
        /// Of all rows that arrived.
        let checksum: String
    }

    func create() throws {
        try connection.execute("CREATE TABLE transfer_marks (name TEXT PRIMARY KEY, mark TEXT NOT NULL)")
    }

    /// Ends the copy: from now on the database is one like any other.
    func remove() throws { try connection.execute("DROP TABLE transfer_marks") }

    func set(_ name: String, to mark: some Encodable) throws {
        let text = String(decoding: try JSONEncoder().encode(mark), as: UTF8.self)
        try connection.execute(
            """
            INSERT INTO transfer_marks (name, mark) VALUES (\(name), \(text))
            ON CONFLICT (name) DO UPDATE SET mark = excluded.mark
            """)
    }

    func get<Mark: Decodable>(_ name: String, as _: Mark.Type = Mark.self) throws -> Mark? {
        let text: String? = try connection.value("SELECT mark FROM transfer_marks WHERE name = \(name)")
        return try text.map { try JSONDecoder().decode(Mark.self, from: Data($0.utf8)) }
    }

    func set(_ place: TableReader.Place, in table: TableDescription) throws {
        let key = Data(RowCoding(columns: table.keyColumns).encode(place.key))
        try set("table:\(table.name)", to: TableMark(key: key, checksum: place.checksum.description))
    }

    /// Where the copy of a table goes on; nil where it has not begun.
    func place(in table: TableDescription) throws -> TableReader.Place? {
        guard let mark = try get("table:\(table.name)", as: TableMark.self),
            let checksum = TableChecksum(mark.checksum)
        else { return nil }
        let key = try mark.key.withUnsafeBytes { bytes in
            var position = 0
            return try RowCoding(columns: table.keyColumns).row(in: bytes, at: &position)
        }
        return TableReader.Place(key: key, checksum: checksum)
    }

    func clearTables() throws { try connection.execute("DELETE FROM transfer_marks WHERE name LIKE 'table:%'") }
}

extension SQLConnection {
    /// - Throws: `DatabaseFailure.unfinishedCopy` where a copy into this database has begun and not ended.
    func refuseUnfinishedCopy() throws {
        guard try TableCatalogue(connection: self).has(TransferMarks.table) else { return }
        throw DatabaseFailure.unfinishedCopy
    }
}
