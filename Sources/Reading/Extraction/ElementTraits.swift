/// What the words in an element's class and id say of its part in the page.
struct ElementTraits: OptionSet, Sendable {
    let rawValue: UInt16

    /// Hardly content: banners, menus, comments, sidebars.
    static let unlikely = ElementTraits(rawValue: 1 << 0)
    /// May be content whatever else its name says.
    static let perhapsContent = ElementTraits(rawValue: 1 << 1)
    static let byline = ElementTraits(rawValue: 1 << 2)
    static let sharing = ElementTraits(rawValue: 1 << 3)
    static let positiveClass = ElementTraits(rawValue: 1 << 4)
    static let negativeClass = ElementTraits(rawValue: 1 << 5)
    static let positiveID = ElementTraits(rawValue: 1 << 6)
    static let negativeID = ElementTraits(rawValue: 1 << 7)

    /// The share of an element's score that its names give: 25 for each good one, −25 for each
    /// bad one.
    var weight: Double {
        var weight = 0.0
        if contains(.negativeClass) { weight -= 25 }
        if contains(.positiveClass) { weight += 25 }
        if contains(.negativeID) { weight -= 25 }
        if contains(.positiveID) { weight += 25 }
        return weight
    }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(classValue: ArraySlice<UInt8>?, idValue: ArraySlice<UInt8>?) {
        var traits: ElementTraits = []
        if let classValue { traits.formUnion(NameWords.traits(of: classValue, isID: false)) }
        if let idValue { traits.formUnion(NameWords.traits(of: idValue, isID: true)) }
        self = traits
    }
}

/// The word lists of content scoring (those of Mozilla's Readability), looked up in one pass over
/// a name.
private enum NameWords {
    private struct Word {
        let letters: [UInt8]
        var traits: ElementTraits
    }

    private static let positive = ElementTraits.positiveClass
    private static let negative = ElementTraits.negativeClass

    private static let lists: [(String, ElementTraits)] = [
        (
            """
            -ad- ai2html banner breadcrumbs combx comment community cover-wrap disqus extra footer \
            gdpr header legends menu related remark replies rss shoutbox sidebar skyscraper social \
            sponsor supplemental ad-break agegate pagination pager popup yom-remote
            """, .unlikely
        ),
        ("and article body column content main mathjax shadow", .perhapsContent),
        ("byline author dateline writtenby p-author", .byline),
        ("article body content entry hentry h-entry main page pagination post text blog story", positive),
        (
            """
            -ad- hidden banner combx comment com- contact footer gdpr masthead media meta outbrain \
            promo related scroll share shoutbox sidebar skyscraper sponsor shopping tags widget
            """, negative
        ),
    ]

    /// Words by their first letter.
    private static let table: [[Word]] = {
        var table = [[Word]](repeating: [], count: 256)
        for (words, traits) in lists {
            for word in words.split(separator: " ") {
                let letters = Array(word.utf8)
                table[Int(letters[0])].append(Word(letters: letters, traits: traits))
            }
        }
        return table
    }()

    static func traits(of name: ArraySlice<UInt8>, isID: Bool) -> ElementTraits {
        let lowered = name.map(UTF8Text.lowered)
        var traits: ElementTraits = []
        for index in lowered.indices {
            for word in table[Int(lowered[index])] where occurs(word.letters, in: lowered, at: index) {
                traits.formUnion(word.traits)
            }
        }
        if hasWholeWord("hid", in: lowered, boundary: { $0 == 0x20 }) { traits.formUnion(negative) }
        if isSharing(lowered) { traits.insert(.sharing) }
        return isID ? asID(traits) : traits
    }

    private static func asID(_ traits: ElementTraits) -> ElementTraits {
        var result = traits.subtracting([positive, negative])
        if traits.contains(positive) { result.insert(.positiveID) }
        if traits.contains(negative) { result.insert(.negativeID) }
        return result
    }

    private static func occurs(_ word: [UInt8], in name: [UInt8], at index: Int) -> Bool {
        guard index + word.count <= name.count else { return false }
        for offset in word.indices where name[index + offset] != word[offset] { return false }
        return true
    }

    private static func isSharing(_ name: [UInt8]) -> Bool {
        hasWholeWord("share", in: name, boundary: isNoWord)
            || hasWholeWord("sharedaddy", in: name, boundary: isNoWord)
    }

    private static func isNoWord(_ byte: UInt8) -> Bool { !UTF8Text.isLetter(byte) && !UTF8Text.isDigit(byte) }

    private static func hasWholeWord(
        _ word: StaticString, in name: [UInt8], boundary: (UInt8) -> Bool
    ) -> Bool {
        let letters = word.withUTF8Buffer(Array.init)
        guard name.count >= letters.count else { return false }
        for index in 0...(name.count - letters.count) where occurs(letters, in: name, at: index) {
            let end = index + letters.count
            if index == 0 || boundary(name[index - 1]), end == name.count || boundary(name[end]) { return true }
        }
        return false
    }
}
