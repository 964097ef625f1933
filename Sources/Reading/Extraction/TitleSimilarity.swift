enum TitleSimilarity {
    /// How much of `other` occurs in `text`, from 0 (nothing) to 1 (all of it), by length of words
    /// of ASCII letters, digits and underscores.
    static func of(_ text: String, to other: String) -> Double {
        let known = Set(words(text))
        let candidates = words(other)
        guard !known.isEmpty, !candidates.isEmpty else { return 0 }
        let strange = candidates.filter { !known.contains($0) }
        return 1 - Double(joinedLength(strange)) / Double(joinedLength(candidates))
    }

    private static func joinedLength(_ words: [[UInt8]]) -> Int {
        words.reduce(0) { $0 + $1.count } + max(0, words.count - 1)
    }

    private static func words(_ text: String) -> [[UInt8]] {
        let letters = text.utf8.map(UTF8Text.lowered)
        return letters.split { !UTF8Text.isWordByte($0) }.map { Array($0) }
    }
}
