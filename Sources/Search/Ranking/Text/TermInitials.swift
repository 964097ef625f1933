/// The first bytes of terms. A reader that wants a few terms is spared making all the others.
struct TermInitials: Sendable {
    private var bits = SIMD4<UInt64>()

    /// Every byte.
    static let all = TermInitials(bits: SIMD4(repeating: .max))

    private init(bits: SIMD4<UInt64>) { self.bits = bits }

    init(of terms: [String]) {
        for byte in terms.compactMap(\.utf8.first) { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    func contains(_ byte: UInt8) -> Bool { bits[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
}
