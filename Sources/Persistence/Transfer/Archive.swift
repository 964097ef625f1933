/// Writes the records of an archive in their order.
struct ArchiveWriter {
    private let file: GzipWriter
    private let hash = ArchiveHash()
    private var tables = 0
    private(set) var rowsOfEndedTables = 0

    init(descriptor: Int32, header: ArchiveHeader) throws {
        file = try GzipWriter(descriptor: descriptor)
        try write(.header, try ArchiveRecord.encode(header))
    }

    mutating func begin(_ table: TableDescription, lastIdentity: Int64) throws {
        tables += 1
        try write(.table, try ArchiveRecord.encode(ArchiveTable(table: table, lastIdentity: lastIdentity)))
    }

    func write(rows: [UInt8]) throws {
        if !rows.isEmpty { try write(.rows, rows) }
    }

    mutating func endTable(_ checksum: TableChecksum) throws {
        rowsOfEndedTables += checksum.rows
        try write(.tableEnd, try ArchiveRecord.encode(ArchiveTableEnd(checksum: checksum.description)))
    }

    /// Ends the archive.
    func finish() throws -> TransferSummary {
        let end = ArchiveEnd(tables: tables, rows: rowsOfEndedTables, checksum: hash.finish())
        try write(.end, try ArchiveRecord.encode(end))
        try file.finish()
        return TransferSummary(tables: tables, rows: rowsOfEndedTables, bytes: file.bytesWritten)
    }

    private func write(_ record: ArchiveRecord, _ payload: [UInt8]) throws {
        var head = [record.rawValue]
        withUnsafeBytes(of: UInt32(payload.count).littleEndian) { head.append(contentsOf: $0) }
        for bytes in [head, payload] {
            try bytes.withUnsafeBytes { bytes in
                if record != .end { hash.add(bytes) }
                try file.write(bytes)
            }
        }
    }
}

/// Reads the records of an archive, and believes none of them before it fits.
struct ArchiveReader {
    private let file: GzipReader
    private let hash = ArchiveHash()
    private var tables = 0
    private var rows = 0

    init(descriptor: Int32) throws { file = try GzipReader(descriptor: descriptor) }

    /// The first record.
    func header() throws -> ArchiveHeader {
        let (record, payload) = try next()
        guard record == .header else { throw TransferFailure.notAnArchive("it begins with something else") }
        let header = try ArchiveRecord.decode(ArchiveHeader.self, from: payload)
        guard header.format == ArchiveHeader.currentFormat else {
            throw TransferFailure.notAnArchive(
                "its format is \(header.format), this version reads \(ArchiveHeader.currentFormat)")
        }
        return header
    }

    /// The next table; nil where the archive ends, which it is checked for.
    mutating func nextTable() throws -> ArchiveTable? {
        let (record, payload) = try next()
        switch record {
        case .table:
            tables += 1
            return try ArchiveRecord.decode(ArchiveTable.self, from: payload)
        case .end:
            let end = try ArchiveRecord.decode(ArchiveEnd.self, from: payload)
            guard end.tables == tables, end.rows == rows, end.checksum == hash.finish() else {
                throw TransferFailure.damaged("its checksum is not that of what it holds")
            }
            try file.expectEnd()
            return nil
        default: throw TransferFailure.damaged("rows of no table")
        }
    }

    /// Hands over the rows of the table that has begun, and checks what they come to.
    mutating func rows(
        of table: TableDescription, _ body: ([UInt8], inout TableChecksum) throws -> Void
    ) throws -> TableChecksum {
        var checksum = TableChecksum()
        while true {
            let (record, payload) = try next()
            switch record {
            case .rows: try body(payload, &checksum)
            case .tableEnd:
                let end = try ArchiveRecord.decode(ArchiveTableEnd.self, from: payload)
                guard end.checksum == checksum.description else {
                    throw TransferFailure.damaged("the rows of \(table.name) are not those that were written")
                }
                rows += checksum.rows
                return checksum
            default: throw TransferFailure.damaged("a table without an end")
            }
        }
    }

    private func next() throws -> (ArchiveRecord, [UInt8]) {
        let head = try file.read(5)
        let length = head[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard let record = ArchiveRecord(rawValue: head[0]), length <= ArchiveRecord.lengthLimit else {
            throw TransferFailure.notAnArchive("a record in it is unknown")
        }
        let payload = try file.read(length)
        if record != .end {
            head.withUnsafeBytes { hash.add($0) }
            payload.withUnsafeBytes { hash.add($0) }
        }
        return (record, payload)
    }
}

/// What was moved.
public struct TransferSummary: Sendable, Equatable {
    public let tables: Int
    public let rows: Int
    /// The size of the archive; 0 where there was none.
    public let bytes: Int
}

/// How far a transfer is.
public struct TransferProgress: Sendable {
    public let table: String
    public let rows: Int
    public let total: Int
}
