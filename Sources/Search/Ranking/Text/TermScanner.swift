/// Finds the terms in a text, character by character.
///
/// A chunk is words joined without space by one of `- . _ @ & ' ,`; it gives each word and, where
/// there are several, the whole.
struct TermScanner: ~Copyable {
    /// A longer chain is a path or an address, which nobody types as one word.
    private static let longestCompound = 6

    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var folds: FoldCache?

    private var word = TermBuffer()
    private var wordStart = 0
    /// Where capital letters begin a part of the word, as offsets in it.
    private var humps: [Int] = []
    private var joiner: UInt8 = 0

    private var whole = TermBuffer()
    private var chunkStart = 0
    private var words = 0

    private var scratch = TermBuffer()
    private var pairs = CharacterPairs()

    private let initials: TermInitials

    init(_ text: UnsafeBufferPointer<UInt8>, _ initials: TermInitials) {
        self.text = text
        self.initials = initials
    }

    mutating func run(_ body: (TermOccurrence) -> Void) {
        while position < text.count {
            let byte = text[position]
            if byte.isAlphanumeric {
                readLetter(byte, body)
            } else if byte < 0x80 {
                readPunctuation(byte, start: position, end: position + 1, body)
            } else {
                readScalar(body)
            }
        }
        endChunk(at: position, body)
        pairs.end(body)
        folds?.share()
    }
}

// MARK: Characters

extension TermScanner {
    private mutating func readLetter(_ byte: UInt8, _ body: (TermOccurrence) -> Void) {
        beginWord(body)
        if byte.isUppercase {
            noteHump()
            word.append(byte | 0x20)
        } else {
            word.append(byte)
        }
        position += 1
    }

    /// A hump is a capital after a small letter, or before one ("HTMLParser": at the P).
    private mutating func noteHump() {
        guard position > wordStart, word.count < TermBuffer.capacity else { return }
        let next = position + 1 < text.count ? text[position + 1] : 0
        if text[position - 1].isLowercase || (text[position - 1].isUppercase && next.isLowercase) {
            humps.append(word.count)
        }
    }

    private mutating func readScalar(_ body: (TermOccurrence) -> Void) {
        let (scalar, end) = decodeScalar(at: position)
        if folds == nil { folds = FoldCache() }
        guard let fold = folds?[scalar] else { return }
        switch fold.role {
        case .ignored:
            position = end
        case .separator:
            separate(at: position, body)
            position = end
        case .punctuation(let ascii):
            readPunctuation(ascii, start: position, end: end, body)
        case .word:
            beginWord(body)
            word.append(fold)
            position = end
        case .mark where !pairs.isOpen:
            beginWord(body)
            word.append(fold)
            position = end
        case .mark, .unspaced, .ideograph:
            endChunk(at: position, body)
            pairs.read(fold, range: position..<end, body)
            position = end
        }
    }

    private mutating func readPunctuation(
        _ byte: UInt8, start: Int, end: Int, _ body: (TermOccurrence) -> Void
    ) {
        position = end
        let next = end < text.count ? text[end] : 0
        let joins = next.isAlphanumeric || next >= 0xC2
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "#"):
            endWithSigns(byte, start: start, body)
        case UInt8(ascii: ".") where word.count == 0 && joins && (start == 0 || !text[start - 1].isAlphanumeric):
            separate(at: start, body)
            joiner = byte
        case UInt8(ascii: ",") where !(next.isDigit && endsInDigit):
            separate(at: start, body)
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: ","):
            if word.count > 0, joins {
                endWord(at: start, body)
                joiner = byte
            } else {
                separate(at: start, body)
            }
        default:
            separate(at: start, body)
        }
    }

    private var endsInDigit: Bool { word.count > 0 && word.bytes[word.count - 1].isDigit }

    private mutating func separate(at end: Int, _ body: (TermOccurrence) -> Void) {
        endChunk(at: end, body)
        pairs.end(body)
    }
}

// MARK: Words and chunks

extension TermScanner {
    private mutating func beginWord(_ body: (TermOccurrence) -> Void) {
        guard word.count == 0 else { return }
        pairs.end(body)
        wordStart = position
        if words == 0 { chunkStart = position }
    }

    /// "C++" and "C#" are terms beside "C".
    private mutating func endWithSigns(_ sign: UInt8, start: Int, _ body: (TermOccurrence) -> Void) {
        guard word.count > 0 else { return separate(at: start, body) }
        var end = start + 1
        while end < text.count, text[end] == sign, end < start + 2 { end += 1 }
        scratch.clear()
        scratch.append(word)
        for _ in start..<end { scratch.append(sign) }
        emit(scratch, wordStart..<end, isVariant: true, body)
        position = max(position, end)
        endChunk(at: start, body)
    }

    private mutating func endWord(at end: Int, _ body: (TermOccurrence) -> Void) {
        guard word.count > 0 else { return }
        defer {
            word.clear()
            if !humps.isEmpty { humps.removeAll(keepingCapacity: true) }
            joiner = 0
        }
        // The genitive: "John's" is John.
        if joiner == UInt8(ascii: "'"), word.count == 1, word.bytes[0] == .s { return }
        if words == 0, joiner == UInt8(ascii: ".") { emitWithDot(end, body) }
        extendWhole()
        emitHumps(end, body)
        // Stemming leaves the first letter as it is.
        guard initials.contains(word.bytes[0]) else { return }
        scratch.clear()
        scratch.append(word)
        scratch.stem()
        emit(scratch, wordStart..<end, isVariant: false, body)
    }

    /// ".NET" is a term beside "net".
    private mutating func emitWithDot(_ end: Int, _ body: (TermOccurrence) -> Void) {
        scratch.clear()
        scratch.append(joiner)
        scratch.append(word)
        emit(scratch, wordStart - 1..<end, isVariant: true, body)
    }

    /// The whole is the words without what joins them ("e-mail" and "email" are one), but numbers
    /// keep it: 6.3 is not 63. Groups of thousands are one number.
    private mutating func extendWhole() {
        let last = whole.count > 0 ? whole.bytes[whole.count - 1] : 0
        if last.isDigit, word.bytes[0].isDigit, joiner != UInt8(ascii: ",") { whole.append(joiner) }
        whole.append(word)
        words += 1
    }

    private mutating func endChunk(at end: Int, _ body: (TermOccurrence) -> Void) {
        endWord(at: end, body)
        if words > 1, words <= Self.longestCompound {
            whole.stem()
            emit(whole, chunkStart..<end, isVariant: true, body)
        }
        if words > 0 { whole.clear() }
        words = 0
        joiner = 0
    }

    /// The parts of a camel case word, as far as they are words: three letters or more.
    private mutating func emitHumps(_ end: Int, _ body: (TermOccurrence) -> Void) {
        guard !humps.isEmpty, humps.count < Self.longestCompound, end - wordStart == word.count else { return }
        for index in 0...humps.count {
            let start = index == 0 ? 0 : humps[index - 1]
            let next = index == humps.count ? word.count : humps[index]
            guard next - start >= 3 else { continue }
            scratch.clear()
            scratch.append(word, start..<next)
            scratch.stem()
            emit(scratch, wordStart + start..<wordStart + next, isVariant: true, body)
        }
    }

    private func emit(
        _ term: borrowing TermBuffer, _ range: Range<Int>, isVariant: Bool, _ body: (TermOccurrence) -> Void
    ) {
        body(
            TermOccurrence(
                hash: TermHash.hash(term.spelling), spelling: term.spelling, range: range, isVariant: isVariant))
    }
}

// MARK: UTF-8

extension TermScanner {
    /// The character that starts at `start`, and where it ends. Decomposed Hangul, as some file
    /// systems write it, is read as its syllable.
    private func decodeScalar(at start: Int) -> (Unicode.Scalar, end: Int) {
        let (value, end) = codePoint(at: start)
        guard 0x1100...0x1112 ~= value, end < text.count else { return (Unicode.Scalar(value) ?? " ", end) }
        let (vowel, vowelEnd) = codePoint(at: end)
        guard 0x1161...0x1175 ~= vowel else { return (Unicode.Scalar(value) ?? " ", end) }
        var syllable = 0xAC00 + ((value - 0x1100) * 21 + vowel - 0x1161) * 28
        var syllableEnd = vowelEnd
        if vowelEnd < text.count {
            let (final, finalEnd) = codePoint(at: vowelEnd)
            if 0x11A8...0x11C2 ~= final {
                syllable += final - 0x11A7
                syllableEnd = finalEnd
            }
        }
        return (Unicode.Scalar(syllable) ?? " ", syllableEnd)
    }

    private func codePoint(at start: Int) -> (UInt32, end: Int) {
        let first = text[start]
        let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = count == 1 ? UInt32(first) : UInt32(first) & (0xFF >> UInt32(count + 1))
        for index in start + 1..<start + count { value = value << 6 | UInt32(text[index] & 0x3F) }
        return (value, start + count)
    }
}
