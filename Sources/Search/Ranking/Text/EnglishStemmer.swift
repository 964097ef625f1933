/// The Porter2 stemmer for English: "connections" and "connecting" become "connect".
///
/// Implemented from the published algorithm (https://snowballstem.org/algorithms/english/stemmer.html);
/// the names of the steps and regions are those of its description. A word is small ASCII letters in
/// `buffer[..<count]`, with eight readable bytes before them; the stem replaces it there and is
/// never longer.
struct EnglishStemmer {
    typealias Letter = UInt8

    private let buffer: UnsafeMutablePointer<Letter>
    private var count: Int
    /// Start of the region after the first consonant that follows a vowel.
    private var r1 = 0
    /// The same again within R1.
    private var r2 = 0

    /// Stems in place; returns the length of the stem.
    static func stem(_ buffer: UnsafeMutablePointer<Letter>, count: Int) -> Int {
        guard count > 2 else { return count }
        if let length = replaceException(buffer, count: count) { return length }
        var stemmer = EnglishStemmer(buffer: buffer, count: count)
        stemmer.run()
        return stemmer.count
    }

    private init(buffer: UnsafeMutablePointer<Letter>, count: Int) {
        self.buffer = buffer
        self.count = count
    }

    private mutating func run() {
        markConsonantY()
        markRegions()
        removePlural()
        if !Self.keptAfterPlural.contains(where: { count == $0.utf8CodeUnitCount && ends(with: $0) }) {
            removePastAndGerund()
            replaceFinalY()
            shortenDoubleSuffix()
            shortenSingleSuffix()
            removeSuffix()
            removeFinalLetter()
        }
        for index in 0..<count where buffer[index] == .consonantY { buffer[index] = .y }
    }

    /// A y that is a consonant is written Y meanwhile: at the start, or after a vowel.
    private func markConsonantY() {
        for index in 0..<count where buffer[index] == .y {
            if index == 0 || isVowel(index - 1) { buffer[index] = .consonantY }
        }
    }

    private mutating func markRegions() {
        r1 = Self.longPrefixes.first { starts(with: $0) }?.utf8CodeUnitCount ?? regionStart(after: 0)
        r2 = regionStart(after: r1)
    }

    private func regionStart(after start: Int) -> Int {
        var index = start
        while index < count, !isVowel(index) { index += 1 }
        while index < count, isVowel(index) { index += 1 }
        return min(index + 1, count)
    }
}

// MARK: Steps

extension EnglishStemmer {
    /// Step 1a.
    private mutating func removePlural() {
        if ends(with: "sses") {
            count -= 2
        } else if ends(with: "ied") || ends(with: "ies") {
            count -= count > 4 ? 2 : 1
        } else if ends(with: "s"), !ends(with: "us"), !ends(with: "ss"), hasVowel(before: count - 2) {
            count -= 1
        }
    }

    /// Step 1b.
    private mutating func removePastAndGerund() {
        if ends(with: "eed") || ends(with: "eedly") {
            let length = ends(with: "eed") ? 3 : 5
            if count - length >= r1 { count -= length - 2 }
            return
        }
        guard let length = pastOrGerund, hasVowel(before: count - length) else { return }
        let isGerund = length == 3
        count -= length
        if count == 2, buffer[1] == .y, isGerund {
            // "dying", "lying", "tying"
            count = 1
            append(.i)
            append(.e)
        } else if ends(with: "at") || ends(with: "bl") || ends(with: "iz") {
            append(.e)
        } else if endsInDouble {
            count -= 1
        } else if r1 >= count, endsInShortSyllable(count) {
            append(.e)
        }
    }

    private var pastOrGerund: Int? {
        if ends(with: "ing") { return 3 }
        if ends(with: "ed") { return 2 }
        if ends(with: "ingly") { return 5 }
        return ends(with: "edly") ? 4 : nil
    }

    /// Step 1c.
    private func replaceFinalY() {
        guard count > 2, buffer[count - 1] | 0x20 == .y, !isVowel(count - 2) else { return }
        buffer[count - 1] = .i
    }

    /// Step 2: one suffix instead of two.
    private mutating func shortenDoubleSuffix() {
        guard let (suffix, replacement) = rule(of: Self.doubleSuffixes) else { return }
        let start = count - suffix.count
        guard start >= r1 else { return }
        if suffix.count == 2, !buffer[start - 1].isValidBeforeLi { return }
        if suffix.count == 3, buffer[start] == .o, buffer[start - 1] != .l { return }
        replace(suffix, by: replacement)
    }

    /// Step 3.
    private mutating func shortenSingleSuffix() {
        guard let (suffix, replacement) = rule(of: Self.singleSuffixes) else { return }
        let start = count - suffix.count
        guard start >= r1 else { return }
        // "ative"
        if suffix.count == 5, replacement.count == 0, start < r2 { return }
        replace(suffix, by: replacement)
    }

    /// Step 4.
    private mutating func removeSuffix() {
        guard let (suffix, _) = rule(of: Self.removedSuffixes) else { return }
        let start = count - suffix.count
        guard start >= r2 else { return }
        // "ion"
        if suffix.count == 3, buffer[start + 1] == .o, buffer[start] == .i {
            guard buffer[start - 1] == .s || buffer[start - 1] == .t else { return }
        }
        count = start
    }

    /// Step 5.
    private mutating func removeFinalLetter() {
        let last = count - 1
        if buffer[last] == .e {
            if last >= r2 || (last >= r1 && !endsInShortSyllable(last)) { count = last }
        } else if buffer[last] == .l, last >= r2, last > 0, buffer[last - 1] == .l {
            count = last
        }
    }
}

// MARK: Conditions and changes

extension EnglishStemmer {
    private func isVowel(_ index: Int) -> Bool {
        buffer[index].isVowel
    }

    private func hasVowel(before end: Int) -> Bool {
        (0..<max(end, 0)).contains(where: isVowel)
    }

    private var endsInDouble: Bool {
        guard count > 1, buffer[count - 1] == buffer[count - 2],
            buffer[count - 1].isDoubled
        else { return false }
        // "add", "egg" and "off" are whole words.
        return !(count == 3 && (buffer[0] == .a || buffer[0] == .e || buffer[0] == .o))
    }

    /// Whether the letters before `end` end in a vowel between consonants (the last not w, x or
    /// Y), or are a vowel and a consonant.
    private func endsInShortSyllable(_ end: Int) -> Bool {
        if end == 4, starts(with: "past") { return true }
        guard end > 1, !isVowel(end - 1), isVowel(end - 2) else { return false }
        if end == 2 { return true }
        let last = buffer[end - 1]
        return !isVowel(end - 3) && last != .w && last != .x && last != .consonantY
    }

    private func starts(with prefix: StaticString) -> Bool {
        count >= prefix.utf8CodeUnitCount && prefix.equals(buffer)
    }

    private func ends(with suffix: StaticString) -> Bool {
        let start = count - suffix.utf8CodeUnitCount
        return start >= 0 && suffix.equals(buffer + start)
    }

    /// The rule of the longest suffix that the word ends with.
    private func rule(of rules: Rules) -> Rules.Element? {
        let tail = UnsafeRawPointer(buffer + count - 8).loadUnaligned(as: UInt64.self).bigEndian
        for rule in rules where tail & rule.ending.mask == rule.ending.letters && rule.ending.count < count {
            return rule
        }
        return nil
    }

    private mutating func append(_ letter: Letter) {
        buffer[count] = letter
        count += 1
    }

    private mutating func replace(_ suffix: Suffix, by replacement: Suffix) {
        count -= suffix.count
        for index in (0..<replacement.count).reversed() {
            append(Letter(truncatingIfNeeded: replacement.letters >> UInt64(index * 8)))
        }
    }
}
