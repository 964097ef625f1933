/// The spelling of a term while it is read: at most 64 bytes, what is longer is cut.
struct TermBuffer: ~Copyable {
    /// A longer run of letters is no word; its start is enough to find it again.
    static let capacity = 64

    /// What the stemmer may read before the first letter.
    private static let margin = 8

    let bytes: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    /// Whether all are ASCII letters, which the English stemmer is for.
    private(set) var isPlain = true

    init() {
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.margin + Self.capacity + Self.margin)
        memory.initialize(repeating: 0, count: Self.margin + Self.capacity + Self.margin)
        bytes = memory + Self.margin
    }

    deinit { (bytes - Self.margin).deallocate() }

    var spelling: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: count) }

    mutating func clear() {
        count = 0
        isPlain = true
    }

    mutating func append(_ byte: UInt8) {
        guard count < Self.capacity else { return }
        bytes[count] = byte
        count += 1
        isPlain = isPlain && byte.isLowercase
    }

    mutating func append(_ fold: FoldedScalar) {
        guard count + fold.count <= Self.capacity else { return }
        for index in 0..<fold.count { append(fold.spelling[index]) }
    }

    mutating func append(_ other: borrowing TermBuffer) {
        append(other, 0..<other.count)
    }

    mutating func append(_ other: borrowing TermBuffer, _ range: Range<Int>) {
        guard count + range.count <= Self.capacity else { return }
        (bytes + count).update(from: other.bytes + range.lowerBound, count: range.count)
        count += range.count
        isPlain = isPlain && other.isPlain
    }

    mutating func stem() {
        if isPlain { count = EnglishStemmer.stem(bytes, count: count) }
    }
}
