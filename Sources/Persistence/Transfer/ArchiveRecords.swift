import Foundation

/// What an archive holds, record by record; `docs/backup-format.md` describes it for readers in other languages.
enum ArchiveRecord: UInt8 {
    case header = 0x48  // H
    case table = 0x54  // T
    case rows = 0x52  // R
    case tableEnd = 0x45  // E
    case end = 0x5A  // Z

    /// A longer record is no record: a piece of rows is about a megabyte, or one row, and no engine keeps longer ones.
    static let lengthLimit = 1 << 30
}

/// The first record: what wrote the archive, and which schema its rows are for.
struct ArchiveHeader: Codable, Sendable {
    static let currentFormat = 1

    var format = Self.currentFormat
    let version: String
    let engine: String
    /// UTC, ISO 8601: the moment that the archive shows.
    let takenAt: String
    let migrations: [String]
    /// Of all tables, so that whoever reads the archive knows how far it is.
    let rows: Int

    enum CodingKeys: String, CodingKey {
        case format, version, engine, migrations, rows
        case takenAt = "taken_at"
    }
}

/// Begins a table.
struct ArchiveTable: Codable, Sendable {
    let table: TableDescription
    /// The last number that the table handed out.
    let lastIdentity: Int64

    enum CodingKeys: String, CodingKey {
        case table
        case lastIdentity = "last_identity"
    }
}

/// Ends a table.
struct ArchiveTableEnd: Codable, Sendable {
    /// `TableChecksum` as text.
    let checksum: String
}

/// The last record.
struct ArchiveEnd: Codable, Sendable {
    let tables: Int
    let rows: Int
    /// BLAKE2b of 32 bytes over every record before this one, heads included, in hexadecimal digits.
    let checksum: String
}

extension ArchiveRecord {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    static func decode<Value: Decodable>(_: Value.Type, from bytes: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw TransferFailure.damaged("a record that cannot be read")
        }
    }
}
