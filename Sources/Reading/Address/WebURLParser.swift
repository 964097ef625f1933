/// The basic URL parser of https://url.spec.whatwg.org/#concept-basic-url-parser without state
/// override, as a descent through the components: each is written to `output` in the order in
/// which it is serialised, so nothing is assembled twice.
struct WebURLParser {
    let input: [UInt8]
    let base: WebURL?
    var output: [UInt8] = []
    var layout = WebURL.Layout()
    var scheme = SchemeKind.other

    /// Offsets are kept in 32 bits and encoding may triple the length.
    private static let maximumLength = Int(Int32.max) / 4

    init(_ input: String, base: WebURL?) {
        self.input = Self.cleaned(input)
        self.base = base
    }

    /// Without C0 controls and spaces at both ends and without tabs and newlines anywhere.
    private static func cleaned(_ input: String) -> [UInt8] {
        var bytes = Array(input.utf8)
        if let last = bytes.lastIndex(where: { $0 > 0x20 }) {
            bytes.removeLast(bytes.count - 1 - last)
        } else {
            return []
        }
        if let first = bytes.firstIndex(where: { $0 > 0x20 }), first > 0 { bytes.removeFirst(first) }
        if bytes.contains(where: { $0 < 0x0E && $0.isTabOrNewline }) {
            bytes.removeAll { $0.isTabOrNewline }
        }
        return bytes
    }

    mutating func parse() -> WebURL? {
        guard input.count < Self.maximumLength else { return nil }
        output.reserveCapacity(input.count + 16)
        if let colon = schemeEnd() {
            output.append(contentsOf: input[..<colon].lazy.map(\.lowercasedASCII))
            scheme = SchemeKind(output)
            finishScheme()
            guard parseAfterScheme(colon + 1) else { return nil }
        } else {
            guard parseWithoutScheme() else { return nil }
        }
        separatePathFromAuthority()
        layout.end = Int32(output.count)
        return WebURL(href: String(decoding: output, as: UTF8.self), layout: layout)
    }

    private func schemeEnd() -> Int? {
        guard let first = input.first, first.isASCIILetter else { return nil }
        for index in input.indices {
            let byte = input[index]
            if byte == .colon { return index }
            guard byte.isASCIILetter || byte.isASCIIDigit || byte == .plus || byte == .hyphen || byte == .dot
            else { return nil }
        }
        return nil
    }

    private mutating func finishScheme() {
        layout.schemeEnd = Int32(output.count)
        output.append(.colon)
    }

    private mutating func parseAfterScheme(_ start: Int) -> Bool {
        if scheme == .file { return parseFile(start) }
        if scheme.isSpecial {
            let isRelative = base.map { $0.hasScheme(of: self) } ?? false
            if isRelative, !starts(at: start, with: "//") {
                return parseRelative(start)
            }
            return parseAuthority(skipSlashes(from: start))
        }
        if starts(at: start, with: "//") { return parseAuthority(start + 2) }
        if byte(at: start) == .slash {
            startPath()
            return parseQueryAndFragment(parsePath(start + 1))
        }
        return parseOpaquePath(start)
    }

    private mutating func parseWithoutScheme() -> Bool {
        guard let base else { return false }
        if base.hasOpaquePath, byte(at: 0) != .hash { return false }
        output.append(contentsOf: base.href.utf8.prefix(Int(base.layout.schemeEnd)))
        scheme = SchemeKind(output)
        finishScheme()
        if base.hasOpaquePath {
            copyFromBase(upTo: base.queryEnd)
            return parseQueryAndFragment(0)
        }
        return scheme == .file ? parseFile(0) : parseRelative(0)
    }

    /// The relative state and the relative slash state.
    private mutating func parseRelative(_ start: Int) -> Bool {
        guard let base else { return false }
        if isSlash(at: start) {
            if isSlash(at: start + 1) {
                return parseAuthority(scheme.isSpecial ? skipSlashes(from: start) : start + 2)
            }
            copyFromBase(upTo: base.layout.pathStart)
            startPath()
            return parseQueryAndFragment(parsePath(start + 1))
        }
        return resolvePath(start)
    }

    /// What follows against the whole base: nothing, a query, a fragment or a relative path.
    mutating func resolvePath(_ start: Int) -> Bool {
        guard let base else { return false }
        switch byte(at: start) {
        case nil, .hash:
            copyFromBase(upTo: base.queryEnd)
            return parseQueryAndFragment(start)
        case .question:
            copyFromBase(upTo: base.pathEnd)
            return parseQueryAndFragment(start)
        default:
            copyFromBase(upTo: base.pathEnd)
            shortenPath()
            return parseQueryAndFragment(parsePath(start))
        }
    }
}

// MARK: - Reading

extension WebURLParser {
    func byte(at index: Int) -> UInt8? { index < input.count ? input[index] : nil }

    func starts(at index: Int, with text: StaticString) -> Bool {
        guard index + text.utf8CodeUnitCount <= input.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount
        where input[index + offset] != text.utf8Start[offset] {
            return false
        }
        return true
    }

    /// A backslash counts where the scheme is special.
    func isSlash(_ byte: UInt8) -> Bool {
        byte == .slash || (byte == .backslash && scheme.isSpecial)
    }

    func isSlash(at index: Int) -> Bool { byte(at: index).map { isSlash($0) } ?? false }

    func skipSlashes(from start: Int) -> Int {
        var index = start
        while isSlash(at: index) { index += 1 }
        return index
    }
}

extension WebURL {
    fileprivate func hasScheme(of parser: WebURLParser) -> Bool {
        href.utf8.prefix(Int(layout.schemeEnd)).elementsEqual(parser.output.dropLast())
    }
}

extension UInt8 {
    static let tab = UInt8(ascii: "\t")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let colon = UInt8(ascii: ":")
    static let question = UInt8(ascii: "?")
    static let hash = UInt8(ascii: "#")
    static let at = UInt8(ascii: "@")
    static let plus = UInt8(ascii: "+")
    static let hyphen = UInt8(ascii: "-")
    static let dot = UInt8(ascii: ".")
    static let percent = UInt8(ascii: "%")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let space = UInt8(ascii: " ")
    static let pipe = UInt8(ascii: "|")

    var isTabOrNewline: Bool { self == 0x09 || self == 0x0A || self == 0x0D }
}
