/// Where a key lives in a Redis Cluster: one of 16,384 slots.
enum RedisSlot {
    static let count = 16_384

    /// CRC16 (XMODEM) of the key or, where it has one, of its hash tag: what stands between the first `{` and the
    /// next `}`. From the specification of Redis Cluster.
    static func of(_ key: String) -> Int {
        let bytes = Array(key.utf8)
        return Int(crc16(hashed(bytes[...]))) % count
    }

    private static func hashed(_ key: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key }
        let rest = key[(open + 1)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > rest.startIndex else { return key }
        return rest[..<close]
    }

    private static func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        var crc: UInt16 = 0
        for byte in bytes {
            crc ^= UInt16(byte) << 8
            for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
        }
        return crc
    }
}

/// Which server has which slots.
struct SlotMap: Sendable, Equatable {
    private var owners: [RedisAddress?]

    init() { owners = Array(repeating: nil, count: RedisSlot.count) }

    /// Reads the answer to `CLUSTER SLOTS`.
    ///
    /// - Parameter host: who answered; a server that does not know its own name leaves it out.
    /// - Returns: nil where it is no such answer.
    init?(_ answer: RedisValue, from host: String) {
        self.init()
        guard let ranges = answer.elements else { return nil }
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = parts[0].integer,
                let last = parts[1].integer, 0 <= first, first <= last, last < RedisSlot.count,
                let primary = parts[2].elements, primary.count >= 2, let port = primary[1].integer,
                let port = Int(exactly: port)
            else { return nil }
            let name = primary[0].text ?? ""
            let address = RedisAddress(host: name.isEmpty ? host : name, port: port)
            for slot in Int(first)...Int(last) { owners[slot] = address }
        }
    }

    subscript(slot: Int) -> RedisAddress? {
        get { owners[slot] }
        set { owners[slot] = newValue }
    }

    var servers: Set<RedisAddress> { Set(owners.compactMap { $0 }) }
}
