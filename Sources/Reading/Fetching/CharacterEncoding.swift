/// A character encoding of the WHATWG Encoding standard.
struct CharacterEncoding: Hashable, Sendable {
    /// The standard's name in lower case, such as `utf-8` or `windows-1252`.
    let name: String

    static let utf8 = CharacterEncoding(name: "utf-8")
    static let utf16LittleEndian = CharacterEncoding(name: "utf-16le")
    static let utf16BigEndian = CharacterEncoding(name: "utf-16be")
    static let windows1252 = CharacterEncoding(name: "windows-1252")
    static let userDefined = CharacterEncoding(name: "x-user-defined")

    private init(name: String) {
        self.name = name
    }

    /// The encoding that a page or header means by a label; nil for an unknown one.
    init?(label: some StringProtocol) {
        let trimmed = String(label.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" })
        guard let name = Self.nameByLabel[trimmed.lowercased()] else { return nil }
        self.name = name
    }

    var isUTF16: Bool { self == .utf16LittleEndian || self == .utf16BigEndian }

    /// One byte a character, so that any byte string is valid in it and proves nothing.
    var isSingleByte: Bool {
        ["windows-", "iso-8859-", "koi8-", "ibm", "mac", "x-mac"].contains { name.hasPrefix($0) }
    }
}
