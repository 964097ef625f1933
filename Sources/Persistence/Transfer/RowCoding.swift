/// Rows as bytes that are the same on every engine: what archives hold and checksums are made of.
///
/// A row is its columns in the order of their names, each one byte for what it is and then its value:
///
///     0  NULL
///     1  integer   8 bytes, little-endian, two's complement
///     2  real      8 bytes, little-endian, IEEE 754
///     3  text      length, then that many bytes of UTF-8
///     4  blob      length, then that many bytes
///
/// Lengths are unsigned LEB128: seven bits a byte, the low ones first, the highest bit set in all but the last.
struct RowCoding: Sendable {
    let columns: [TableDescription.Column]

    /// Appends the row that a statement stands on.
    func append(_ row: borrowing SQLRow, to bytes: inout [UInt8]) {
        for (index, column) in columns.enumerated() {
            if row.source.isNull(at: index) {
                bytes.append(0)
                continue
            }
            switch column.kind {
            case .integer: bytes.append(integer: row.source.integer(at: index))
            case .real: bytes.append(real: row.source.real(at: index))
            case .text: bytes.append(text: row.source.text(at: index))
            case .blob: row.source.withBlob(at: index) { bytes.append(blob: $0) }
            }
        }
    }

    func encode(_ values: [SQLValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number): bytes.append(integer: number)
            case .real(let number): bytes.append(real: number)
            case .text(let text): bytes.append(text: text)
            case .blob(let blob): blob.withUnsafeBytes { bytes.append(blob: $0) }
            }
        }
        return bytes
    }

    /// Reads the row that begins at `position`, and moves that to its end.
    func row(in bytes: UnsafeRawBufferPointer, at position: inout Int) throws -> [SQLValue] {
        var reader = ByteReader(bytes: bytes, position: position)
        let values = try columns.map { column in
            let value = try reader.value() ?? .null(column.kind)
            guard column.takes(value) else { throw TransferFailure.damaged("a column of another kind") }
            return value
        }
        position = reader.position
        return values
    }
}

extension TableDescription.Column {
    fileprivate func takes(_ value: SQLValue) -> Bool {
        switch (kind, value) {
        case (_, .null), (.integer, .integer), (.real, .real), (.text, .text), (.blob, .blob): true
        default: false
        }
    }
}

/// Reads encoded values one after another; nothing in the bytes is believed before it is looked at.
private struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    /// Nil for NULL.
    mutating func value() throws -> SQLValue? {
        switch try byte() {
        case 0: nil
        case 1: .integer(Int64(bitPattern: try word()))
        case 2: .real(Double(bitPattern: try word()))
        case 3: .text(try text())
        case 4: .blob([UInt8](try measured()))
        default: throw TransferFailure.damaged("a value of no kind")
        }
    }

    private mutating func byte() throws -> UInt8 {
        guard position < bytes.count else { throw TransferFailure.damaged("a row that ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw TransferFailure.damaged("a row that ends too early") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    private mutating func word() throws -> UInt64 {
        UInt64(littleEndian: try take(8).loadUnaligned(as: UInt64.self))
    }

    private mutating func measured() throws -> UnsafeRawBufferPointer {
        var length = 0
        for shift in stride(from: 0, through: 56, by: 7) {
            let byte = try byte()
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return try take(length) }
        }
        throw TransferFailure.damaged("a length beyond all measure")
    }

    private mutating func text() throws -> String {
        guard let text = String(validating: try measured(), as: UTF8.self) else {
            throw TransferFailure.damaged("a text that is none")
        }
        return text
    }
}

extension [UInt8] {
    fileprivate mutating func append(integer: Int64) { append(1, then: UInt64(bitPattern: integer)) }

    fileprivate mutating func append(real: Double) { append(2, then: real.bitPattern) }

    fileprivate mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(3, measured: UnsafeRawBufferPointer($0)) }
    }

    fileprivate mutating func append(blob: UnsafeRawBufferPointer) { append(4, measured: blob) }

    private mutating func append(_ tag: UInt8, then word: UInt64) {
        append(tag)
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }

    private mutating func append(_ tag: UInt8, measured bytes: UnsafeRawBufferPointer) {
        append(tag)
        var length = bytes.count
        while length >= 0x80 {
            append(UInt8(length & 0x7F) | 0x80)
            length >>= 7
        }
        append(UInt8(length))
        append(contentsOf: bytes)
    }
}
