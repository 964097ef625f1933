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

    /// Made by consent software, or named after cookies and consent.
    static let consent = ElementTraits(rawValue: 1 << 8)
    /// Named like a part of the frame that all pages of a site have.
    static let frame = ElementTraits(rawValue: 1 << 9)
    /// Named like one contribution to a conversation.
    static let post = ElementTraits(rawValue: 1 << 10)

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
