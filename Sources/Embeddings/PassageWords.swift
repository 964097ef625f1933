/// The words of a text with what the choice of passage borders needs to know of them.
struct PassageWords {
    /// How good a place before a word is to begin or end a passage.
    private enum Border: UInt8 {
        case none
        case space
        case sentence
        case paragraph
    }

    private var ranges: [Range<Int32>] = []
    private var tokens: [Int32] = []
    private var borders: [Border] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, tokenizer: WordPiece) {
        tokenizer.forEachWord(in: bytes) { word in
            // Offsets of 32 bits halve the memory; nothing near 2 GB is split.
            guard word.range.upperBound < Int(Int32.max) else { return false }
            borders.append(border(before: word.range.lowerBound, in: bytes))
            ranges.append(Int32(word.range.lowerBound)..<Int32(word.range.upperBound))
            tokens.append(Int32(word.pieces.count))
            return true
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// Where a part, given as indices of words, stands in the text.
    func range(_ part: Range<Int>) -> Range<Int> {
        Int(ranges[part.lowerBound].lowerBound)..<Int(ranges[part.upperBound - 1].upperBound)
    }

    /// Overlapping parts that cover all words.
    func parts() -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = 0
        while true {
            let end = end(from: start)
            parts.append(start..<end)
            if end == ranges.count { return parts }
            start = max(start + 1, overlapStart(before: end))
        }
    }

    private func end(from start: Int) -> Int {
        var end = start
        var total = 0
        var best = (place: start, border: Border.none)
        while end < ranges.count {
            total += Int(tokens[end])
            if total > Passages.tokens, end > start { break }
            end += 1
            guard end < ranges.count else { return end }
            let enough = Double(total) >= Passages.leastShare * Double(Passages.tokens)
            if enough, borders[end].rawValue >= best.border.rawValue {
                best = (end, borders[end])
            }
        }
        return best.place > start ? best.place : end
    }

    /// Where the next part begins: up to `overlap` tokens back, at the earliest of the best borders there.
    private func overlapStart(before end: Int) -> Int {
        var best = (place: end, border: Border.none)
        var place = end
        var total = 0
        while place > 0 {
            total += Int(tokens[place - 1])
            guard total <= Passages.overlap else { break }
            place -= 1
            if borders[place].rawValue >= best.border.rawValue { best = (place, borders[place]) }
        }
        return best.place
    }

    private func border(before start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Border {
        guard let last = ranges.last else { return .paragraph }
        let gap = bytes[Int(last.upperBound)..<start]
        if gap.contains(10) { return .paragraph }
        let word = bytes[Int(last.lowerBound)..<Int(last.upperBound)]
        let ends = Self.sentenceEnds.contains { word.elementsEqual($0.utf8) }
        if gap.isEmpty { return ends && word.count > 1 ? .sentence : .none }
        return ends ? .sentence : .space
    }

    /// The last three stand for languages that put no space after them.
    private static let sentenceEnds = [".", "!", "?", "…", "。", "！", "？"]
}
