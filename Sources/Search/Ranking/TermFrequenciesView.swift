/// The forward index of an entry where its bytes lie, such as in a row of the database; valid as
/// long as they are.
struct TermFrequenciesView {
    static let version: UInt8 = 1
    private static let fieldCount = 5
    private static let headerSize = 1 + fieldCount * 8

    /// Fields there are; 0 where the bytes are none that this version wrote.
    let fields: Int
    /// Words in each field.
    private(set) var lengths = SIMD8<Int32>()
    /// Distinct terms in each field.
    private(set) var counts = SIMD8<Int32>()
    /// Where each field's hashes begin.
    private var starts = SIMD8<Int32>()
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var end = Self.headerSize
        if bytes.count >= end, bytes[0] == Self.version {
            for field in 0..<Self.fieldCount {
                let count = Int(Self.integer(bytes, at: 5 + field * 8))
                lengths[field] = Int32(clamping: Self.integer(bytes, at: 1 + field * 8))
                counts[field] = Int32(clamping: count)
                starts[field] = Int32(clamping: end)
                end += count * 5
            }
        }
        fields = end == bytes.count && bytes[0] == Self.version ? Self.fieldCount : 0
        if fields == 0 {
            lengths = .zero
            counts = .zero
        }
    }

    func hashes(of field: SearchField) -> [UInt32] {
        (0..<Int(counts[field.rawValue])).map { Self.integer(bytes, at: Int(starts[field.rawValue]) + $0 * 4) }
    }

    func section(of field: SearchField) -> Slice<UnsafeRawBufferPointer> {
        guard fields > 0 else { return bytes[0..<0] }
        let start = Int(starts[field.rawValue])
        return bytes[start..<start + Int(counts[field.rawValue]) * 5]
    }

    /// How often the term occurs in the field.
    ///
    /// Hashes are spread evenly, so where one must be is nearly known from its value: of `n` it is
    /// about √n / 2 places away, fewer than halving would jump over.
    func frequency(of term: UInt32, inField field: Int) -> Int {
        let start = Int(starts[field])
        let count = Int(counts[field])
        guard count > 0 else { return 0 }
        var place = Int(UInt64(term) &* UInt64(count) >> 32)
        var found = Self.integer(bytes, at: start &+ place &* 4)
        while found > term, place > 0 {
            place &-= 1
            found = Self.integer(bytes, at: start &+ place &* 4)
        }
        while found < term, place &+ 1 < count {
            place &+= 1
            found = Self.integer(bytes, at: start &+ place &* 4)
        }
        return found == term ? Int(bytes[start &+ count &* 4 &+ place]) : 0
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
