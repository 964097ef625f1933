/// The terms of a run in a script without spaces: each pair of neighbours, Han characters also by
/// themselves, and a character that stands alone.
struct CharacterPairs: ~Copyable {
    private var previous = TermBuffer()
    private var current = TermBuffer()
    private var pair = TermBuffer()
    private var previousStart = 0
    private var currentRange = 0..<0
    private var isIdeograph = false

    var isOpen: Bool { current.count > 0 }

    mutating func read(_ fold: FoldedScalar, range: Range<Int>, _ body: (TermOccurrence) -> Void) {
        if case .mark = fold.role {
            current.append(fold)
            currentRange = currentRange.lowerBound..<range.upperBound
            return
        }
        finishCharacter(body)
        previous.clear()
        previous.append(current)
        previousStart = currentRange.lowerBound
        current.clear()
        current.append(fold)
        currentRange = range
        if case .ideograph = fold.role { isIdeograph = true } else { isIdeograph = false }
    }

    mutating func end(_ body: (TermOccurrence) -> Void) {
        guard isOpen else { return }
        finishCharacter(body, isLast: true)
        previous.clear()
        current.clear()
    }

    private mutating func finishCharacter(_ body: (TermOccurrence) -> Void, isLast: Bool = false) {
        guard isOpen else { return }
        let stands = isIdeograph || (isLast && previous.count == 0)
        if stands { emit(current, currentRange, isVariant: false, body) }
        guard previous.count > 0 else { return }
        pair.clear()
        pair.append(previous)
        pair.append(current)
        emit(pair, previousStart..<currentRange.upperBound, isVariant: stands, body)
    }

    private func emit(
        _ term: borrowing TermBuffer, _ range: Range<Int>, isVariant: Bool, _ body: (TermOccurrence) -> Void
    ) {
        body(
            TermOccurrence(
                hash: TermHash.hash(term.spelling), spelling: term.spelling, range: range, isVariant: isVariant))
    }
}
