/// The forward index of an entry where its bytes lie, such as in a row of the database; valid as
/// long as they are.
struct TermFrequenciesView {
    static let version: UInt8 = 1
    private static let headerSize = 1 + SearchField.allCases.count * 8

    private let bytes: UnsafeRawBufferPointer
    /// Where each field's hashes begin; nil where the bytes are none that this version wrote.
    private let starts: SIMD8<Int>?

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        guard bytes.count >= Self.headerSize, bytes[0] == Self.version else {
            starts = nil
            return
        }
        var starts = SIMD8<Int>()
        var end = Self.headerSize
        for field in SearchField.allCases.indices {
            starts[field] = end
            end += Int(Self.integer(bytes, at: 5 + field * 8)) * 5
        }
        self.starts = end == bytes.count ? starts : nil
    }

    func length(of field: SearchField) -> Int {
        starts == nil ? 0 : Int(Self.integer(bytes, at: 1 + field.rawValue * 8))
    }

    func count(of field: SearchField) -> Int {
        starts == nil ? 0 : Int(Self.integer(bytes, at: 5 + field.rawValue * 8))
    }

    func hashes(of field: SearchField) -> [UInt32] {
        guard let start = starts?[field.rawValue] else { return [] }
        return (0..<count(of: field)).map { Self.integer(bytes, at: start + $0 * 4) }
    }

    func section(of field: SearchField) -> Slice<UnsafeRawBufferPointer> {
        guard let start = starts?[field.rawValue] else { return bytes[0..<0] }
        return bytes[start..<start + count(of: field) * 5]
    }

    /// How often the term occurs in the field.
    ///
    /// Hashes are spread evenly, so where one must be is nearly known from its value: the search
    /// steps from there with doubling strides and halves what is left.
    func frequency(of term: UInt32, in field: SearchField) -> Int {
        guard let start = starts?[field.rawValue] else { return 0 }
        let count = count(of: field)
        guard count > 0 else { return 0 }
        var low = Int(UInt64(term) * UInt64(count) >> 32)
        var high = low
        var stride = 4
        while low > 0, Self.integer(bytes, at: start + low * 4) > term {
            high = low
            low = max(0, low - stride)
            stride *= 2
        }
        stride = 4
        while high < count, Self.integer(bytes, at: start + high * 4) < term {
            low = high
            high = min(count, high + stride)
            stride *= 2
        }
        return find(term, from: low, to: min(high + 1, count), start: start, count: count)
    }

    private func find(_ term: UInt32, from first: Int, to end: Int, start: Int, count: Int) -> Int {
        var (low, high) = (first, end)
        while low < high {
            let middle = (low + high) / 2
            if Self.integer(bytes, at: start + middle * 4) < term { low = middle + 1 } else { high = middle }
        }
        guard low < end, Self.integer(bytes, at: start + low * 4) == term else { return 0 }
        return Int(bytes[start + count * 4 + low])
    }

    private static func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
