/// Looks up, in one pass over a class or an id, the word lists of content scoring (those of Mozilla's
/// Readability, found anywhere in a name) and those of this room.
enum NameWords {
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
        (
            """
            cookie consent onetrust didomi qc-cmp usercentrics truste sp_message cc-window cybotcookie cmpbox \
            borlabs klaro iubenda-cs osano-cm gdpr rgpd dsgvo
            """, .consent
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

    /// Words that count only as a whole, apart from the rest of the name.
    private static let wholeWords: [UInt64: ElementTraits] = {
        let lists: [(String, ElementTraits)] = [
            (
                """
                nav navbar navigation menu sidebar footer breadcrumb breadcrumbs newsletter subscribe subscription \
                social share sharing advert advertisement ads banner popup modal overlay promo sponsored related \
                recommended recommendations toolbar pagination pager login signin signup search skip toc headerlink \
                editsection noprint masthead topbar tooltip flyout offscreen
                """, .frame
            ),
            (
                "post message comment reply answer question postbody postcontainer msg comtr ipscomment cpost forumpost",
                .post
            ),
        ]
        let pairs = lists.flatMap { words, traits in
            words.split(separator: " ").map { (Array($0.utf8).reduce(seed, mixed), traits) }
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }()

    /// FNV-1a, so that words are compared without making strings of them.
    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
    private static func mixed(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    private static func wholeWordTraits(_ name: [UInt8]) -> ElementTraits {
        var traits: ElementTraits = []
        var hash = seed
        for byte in name + [0x20] {
            if UTF8Text.isLetter(byte) || UTF8Text.isDigit(byte) {
                hash = mixed(hash, byte)
            } else if hash != seed {
                if let found = wholeWords[hash] { traits.formUnion(found) }
                hash = seed
            }
        }
        return traits
    }

    static func traits(of name: ArraySlice<UInt8>, isID: Bool) -> ElementTraits {
        let lowered = name.map(UTF8Text.lowered)
        var traits: ElementTraits = []
        for index in lowered.indices {
            for word in table[Int(lowered[index])] where occurs(word.letters, in: lowered, at: index) {
                traits.formUnion(word.traits)
            }
        }
        traits.formUnion(wholeWordTraits(lowered))
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
