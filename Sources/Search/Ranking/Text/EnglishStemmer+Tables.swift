/// An ending as one number, compared with a word's last bytes in one step.
struct Suffix: ExpressibleByStringLiteral {
    let letters: UInt64
    let mask: UInt64
    let count: Int

    /// - Parameter ending: at most seven ASCII letters
    init(stringLiteral ending: StaticString) {
        count = ending.utf8CodeUnitCount
        letters = (0..<count).reduce(0) { $0 << 8 | UInt64(ending.utf8Start[$1]) }
        mask = 1 << UInt64(count * 8) - 1
    }
}

extension EnglishStemmer {
    /// What a step looks for and what it puts in its place; from long to short, so that the first
    /// match is the longest.
    typealias Rules = [(ending: Suffix, replacement: Suffix)]

    static let doubleSuffixes: Rules = [
        ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"), ("ousness", "ous"),
        ("biliti", "ble"), ("lessli", "less"), ("tional", "tion"),
        ("alism", "al"), ("aliti", "al"), ("ation", "ate"), ("entli", "ent"), ("fulli", "ful"), ("iviti", "ive"),
        ("ousli", "ous"), ("ogist", "og"),
        ("abli", "able"), ("alli", "al"), ("anci", "ance"), ("ator", "ate"), ("enci", "ence"), ("izer", "ize"),
        ("bli", "ble"), ("ogi", "og"), ("li", ""),
    ]

    static let singleSuffixes: Rules = [
        ("ational", "ate"), ("tional", "tion"), ("alize", "al"), ("ative", ""), ("icate", "ic"), ("iciti", "ic"),
        ("ical", "ic"), ("ness", ""), ("ful", ""),
    ]

    static let removedSuffixes: Rules = [
        ("ement", ""), ("able", ""), ("ance", ""), ("ence", ""), ("ible", ""), ("ment", ""), ("ant", ""),
        ("ate", ""), ("ent", ""), ("ion", ""), ("ism", ""), ("iti", ""), ("ive", ""), ("ize", ""), ("ous", ""),
        ("al", ""), ("er", ""), ("ic", ""),
    ]

    /// Prefixes after which R1 starts although a vowel pattern would start it earlier.
    static let longPrefixes: [StaticString] = [
        "gener", "commun", "arsen", "univers", "organ", "emerg", "later", "inter",
    ]

    /// Words that look inflected and are not.
    static let keptAfterPlural: [StaticString] = [
        "inning", "outing", "canning", "herring", "earring", "evening", "proceed", "exceed", "succeed",
    ]

    private static let exceptions: [(StaticString, StaticString)] = [
        ("skis", "ski"), ("skies", "sky"), ("idly", "idl"), ("gently", "gentl"), ("ugly", "ugli"),
        ("early", "earli"), ("only", "onli"), ("singly", "singl"), ("sky", "sky"), ("news", "news"),
        ("howe", "howe"), ("atlas", "atlas"), ("cosmos", "cosmos"), ("bias", "bias"), ("andes", "andes"),
    ]

    /// Writes the stem of an irregular word and returns its length; nil for all others.
    static func replaceException(_ buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Int? {
        guard count <= 6, buffer[count - 1] == .y || buffer[count - 1] == .s || buffer[count - 1] == .e,
            let (_, stem) = exceptions.first(where: { $0.0.utf8CodeUnitCount == count && $0.0.equals(buffer) })
        else { return nil }
        for index in 0..<stem.utf8CodeUnitCount { buffer[index] = stem.utf8Start[index] }
        return stem.utf8CodeUnitCount
    }
}

extension StaticString {
    func equals(_ letters: UnsafePointer<UInt8>) -> Bool {
        for index in 0..<utf8CodeUnitCount where utf8Start[index] != letters[index] { return false }
        return true
    }
}
