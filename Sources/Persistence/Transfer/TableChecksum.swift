import CSodium

/// What the rows of a table come to, in whichever order they are read: engines sort texts differently.
///
/// The sum, modulo 2²⁵⁶, of each row's BLAKE2b hash of 32 bytes, read as a little-endian number. Rows differ in their
/// keys, so that no two cancel each other out by being the same.
public struct TableChecksum: Equatable, Sendable {
    public private(set) var rows = 0
    /// The low word first.
    private var sum: [UInt64] = [0, 0, 0, 0]

    public init() {}

    /// Takes in one encoded row.
    mutating func add(_ row: UnsafeRawBufferPointer) {
        var hash: [UInt64] = [0, 0, 0, 0]
        hash.withUnsafeMutableBytes { hash in
            guard let output = hash.bindMemory(to: UInt8.self).baseAddress else { return }
            let input = row.bindMemory(to: UInt8.self).baseAddress
            // It only fails for lengths of hash that it does not make.
            _ = crypto_generichash(output, hash.count, input, UInt64(row.count), nil, 0)
        }
        rows += 1
        var carry: UInt64 = 0
        for index in 0..<4 {
            let (partial, first) = sum[index].addingReportingOverflow(UInt64(littleEndian: hash[index]))
            let (total, second) = partial.addingReportingOverflow(carry)
            sum[index] = total
            carry = first || second ? 1 : 0
        }
    }
}

extension TableChecksum: LosslessStringConvertible {
    /// The number of rows, a colon and the sum as 64 hexadecimal digits, the highest first.
    public var description: String {
        let digits = sum.reversed().map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "\(rows):\(digits.joined())"
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":")
        guard parts.count == 2, let rows = Int(parts[0]), rows >= 0, parts[1].utf8.count == 64 else { return nil }
        let digits = Array(parts[1])
        let words = stride(from: 0, to: 64, by: 16).map { UInt64(String(digits[$0..<$0 + 16]), radix: 16) }
        guard !words.contains(nil) else { return nil }
        self.rows = rows
        sum = words.compactMap(\.self).reversed()
    }
}
