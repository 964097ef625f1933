import CLibPQ

/// The values of one statement in PostgreSQL's binary form, in memory that is used again for the next.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    /// Where each value begins and how long it is; nil for NULL.
    private var places: [(start: Int, count: Int)?] = []
    private var pointers: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// A blob of some size should not stay with the connection.
    private static let keptCapacity = 64 * 1024

    mutating func encode(_ values: [SQLValue]) {
        bytes.removeAll(keepingCapacity: bytes.count <= Self.keptCapacity)
        places.removeAll(keepingCapacity: true)
        for value in values {
            let start = bytes.count
            switch value {
            case .null:
                places.append(nil)
                continue
            case .integer(let number): append(UInt64(bitPattern: number))
            case .real(let number): append(number.bitPattern)
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .blob(let blob): bytes.append(contentsOf: blob)
            }
            places.append((start, bytes.count - start))
        }
    }

    private mutating func append(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Lends what libpq's functions take: values, lengths and formats.
    mutating func withPointers<Result>(
        _ body: (
            _ count: Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        // An empty value has an address too: without one it would be NULL.
        if bytes.isEmpty { bytes.append(0) }
        return bytes.withUnsafeBytes { memory in
            pointers.removeAll(keepingCapacity: true)
            lengths.removeAll(keepingCapacity: true)
            while formats.count < places.count { formats.append(1) }
            for place in places {
                pointers.append(
                    place.flatMap { memory.baseAddress?.advanced(by: $0.start).assumingMemoryBound(to: CChar.self) })
                lengths.append(Int32(place?.count ?? 0))
            }
            return body(Int32(places.count), pointers, lengths, formats)
        }
    }
}

extension SQLType {
    /// The object id of the type in `pg_type`, the same in every PostgreSQL.
    var postgresType: Oid {
        switch self {
        case .integer: PostgresType.int8
        case .real: PostgresType.float8
        case .text: PostgresType.text
        case .blob: PostgresType.bytea
        }
    }
}

/// Object ids of types, from PostgreSQL's `pg_type.dat`.
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let numeric: Oid = 1700
    static let logPosition: Oid = 3220
}
