/// A readable pattern for paths with query parameters, such as `/r/{sub}/comments/{id}` or
/// `/watch?v={id}`. A capture in braces takes one segment or a part of one; after a colon it can
/// say what it takes: `digits`, `hex`, `locale` (`de`, `pt-br`) or a number of letters, digits,
/// `-` and `_`. `{name...}` at the end takes all remaining segments.
struct PathPattern: Sendable {
    private enum Token: Sendable {
        case literal(String)
        case capture(String, Kind)
    }

    private enum Kind: Sendable, Equatable {
        case anything, digits, hex, locale
        case word(count: Int)

        init(_ name: Substring?) {
            switch name {
            case nil: self = .anything
            case "digits": self = .digits
            case "hex": self = .hex
            case "locale": self = .locale
            case let count?: self = .word(count: Int(count) ?? 0)
            }
        }
    }

    private var segments: [[Token]]
    private var rest: String?
    /// Parameters that must be there, and the names under which their values are captured.
    private(set) var parameters: [(name: String, capture: String)] = []

    init(_ pattern: String) {
        let halves = pattern.split(separator: "?", maxSplits: 1)
        var pieces = halves[0].split(separator: "/").map(String.init)
        if let last = pieces.last, last.hasSuffix("...}") {
            rest = String(last.dropFirst().dropLast(4))
            pieces.removeLast()
        }
        segments = pieces.map(Self.tokens)
        guard halves.count == 2 else { return }
        parameters = halves[1].split(separator: "&").map { item in
            let parts = item.split(separator: "=")
            return (String(parts[0]), String(parts[1].dropFirst().dropLast()))
        }
    }

    private static func tokens(_ segment: String) -> [Token] {
        var tokens: [Token] = []
        var text = Substring(segment)
        while let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") {
            if open > text.startIndex { tokens.append(.literal(String(text[..<open]))) }
            let parts = text[text.index(after: open)..<close].split(separator: ":")
            tokens.append(.capture(String(parts[0]), Kind(parts.dropFirst().first)))
            text = text[text.index(after: close)...]
        }
        if !text.isEmpty { tokens.append(.literal(String(text))) }
        return tokens
    }

    /// The captured texts, or nil where path or query do not fit.
    /// - Parameter pieces: the segments of the path.
    func match(_ pieces: [Substring], query: [AddressParts.QueryItem]) -> [String: String]? {
        guard rest == nil ? pieces.count == segments.count : pieces.count > segments.count else { return nil }
        var captures: [String: String] = [:]
        for (tokens, piece) in zip(segments, pieces) {
            guard Self.match(tokens[...], piece, into: &captures) else { return nil }
        }
        for parameter in parameters {
            guard let value = query.first(where: { $0.name == parameter.name })?.value, !value.isEmpty else {
                return nil
            }
            captures[parameter.capture] = value
        }
        if let rest, let start = pieces.dropFirst(segments.count).first?.startIndex {
            captures[rest] = String(pieces[0].base[start..<pieces[pieces.count - 1].endIndex])
        }
        return captures
    }

    private static func match(
        _ tokens: ArraySlice<Token>, _ text: Substring, into captures: inout [String: String]
    ) -> Bool {
        guard let token = tokens.first else { return text.isEmpty }
        let others = tokens.dropFirst()
        switch token {
        case .literal(let literal):
            return text.utf8.starts(with: literal.utf8)
                && match(others, Substring(text.utf8.dropFirst(literal.utf8.count)), into: &captures)
        case .capture(let name, let kind):
            guard let end = end(of: kind, in: text, before: others.first) else { return false }
            captures[name] = String(text[..<end])
            return match(others, text[end...], into: &captures)
        }
    }

    /// Where a capture ends: in front of the next literal's last occurrence, or at the end.
    private static func end(of kind: Kind, in text: Substring, before next: Token?) -> Substring.Index? {
        var end = text.endIndex
        if case .literal(let literal) = next {
            guard let start = text.lastRange(of: literal) else { return nil }
            end = start
        }
        let captured = text[..<end]
        return !captured.isEmpty && accepts(kind, captured) ? end : nil
    }

    private static func accepts(_ kind: Kind, _ text: Substring) -> Bool {
        let bytes = text.utf8
        switch kind {
        case .anything: return true
        case .digits: return bytes.allSatisfy(\.isASCIIDigit)
        case .hex: return bytes.count >= 8 && bytes.allSatisfy { $0.hexValue != nil }
        case .word(let count): return bytes.count == count && bytes.allSatisfy(\.isWordCharacter)
        case .locale:
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count <= 2 && parts.allSatisfy { $0.utf8.count == 2 && $0.utf8.allSatisfy(\.isASCIILetter) }
        }
    }
}

extension UInt8 {
    var isWordCharacter: Bool { isASCIILetter || isASCIIDigit || self == .hyphen || self == UInt8(ascii: "_") }
}

extension Substring {
    fileprivate func lastRange(of literal: String) -> Index? {
        var start = endIndex
        while true {
            if self[start...].hasPrefix(literal) { return start }
            guard start > startIndex else { return nil }
            start = index(before: start)
        }
    }
}
