/// Phrases to look for in a text, all in one pass over its bytes.
struct PhraseSet: ExpressibleByArrayLiteral, Sendable {
    /// Phrases by their first byte.
    private let table: [[[UInt8]]]

    init(arrayLiteral phrases: String...) { self.init(phrases) }

    init(_ phrases: [String]) {
        var table = [[[UInt8]]](repeating: [], count: 256)
        for phrase in phrases {
            let bytes = Array(phrase.utf8)
            if let first = bytes.first { table[Int(first)].append(bytes) }
        }
        self.table = table
    }

    /// Whether any phrase occurs anywhere, letter case as it is.
    func occurs(in text: String) -> Bool { !matches(in: text) { _, _ in false } }

    /// Whether one of the phrases occurs in such a way that `isAccepted` holds, which sees the
    /// UTF-8 of the text and the place of the phrase in it.
    func occurs(in text: String, where isAccepted: ([UInt8], Range<Int>) -> Bool) -> Bool {
        !matches(in: text) { !isAccepted($0, $1) }
    }

    /// False as soon as `goesOn` says so of a match.
    private func matches(in text: String, goesOn: ([UInt8], Range<Int>) -> Bool) -> Bool {
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            for phrase in table[Int(bytes[index])] where begins(phrase, bytes, at: index) {
                if !goesOn(bytes, index..<(index + phrase.count)) { return false }
            }
        }
        return true
    }

    private func begins(_ phrase: [UInt8], _ bytes: [UInt8], at index: Int) -> Bool {
        guard index + phrase.count <= bytes.count else { return false }
        for offset in phrase.indices where bytes[index + offset] != phrase[offset] { return false }
        return true
    }
}
