/// What a page's `<meta>` elements say.
struct MetaTags {
    /// By the names that OpenGraph, Dublin Core, Twitter cards, Parse.ly and Weibo share.
    private(set) var described: [String: String] = [:]
    /// The first value under any name, lowercased.
    private(set) var named: [String: String] = [:]

    init(_ document: HTMLDocument) {
        for meta in document.descendants(of: HTMLDocument.root, [.meta]) {
            guard let content = document.filled(.content, meta) else { continue }
            let value = UTF8Text.trimmed(content)
            let property = document.attribute(.property, meta)
            let name = document.attribute(.name, meta)
            if let key = property.flatMap(Self.propertyKey) ?? name.flatMap(Self.nameKey) {
                described[key] = value
            }
            for key in [property, name, document.attribute(.itemprop, meta)] {
                guard let key, !value.isEmpty else { continue }
                for part in key.lowercased().split(separator: " ") where named[String(part)] == nil {
                    named[String(part)] = value
                }
            }
        }
    }

    /// The first of `keys` that the page fills.
    func first(_ keys: [String]) -> String? {
        for key in keys {
            if let value = described[key], !value.isEmpty { return value }
        }
        return nil
    }

    func firstNamed(_ keys: [String]) -> String? {
        for key in keys {
            if let value = named[key] { return value }
        }
        return nil
    }

    private static let propertyPrefixes = ["article", "dc", "dcterm", "og", "twitter"]
    private static let propertyFields = [
        "author", "creator", "description", "published_time", "title", "site_name",
    ]
    private static let namePrefixes = [
        "dc", "dcterm", "dcterms", "og", "twitter", "parsely", "weibo:article", "weibo:webpage",
    ]
    private static let nameFields = ["author", "creator", "pub-date", "description", "title", "site_name"]

    /// `property` may list several names apart by spaces; the first that is known counts.
    private static func propertyKey(_ property: String) -> String? {
        let text = property.lowercased().filter { !$0.isWhitespace || $0 == " " }
        for part in text.replacing(" :", with: ":").replacing(": ", with: ":").split(separator: " ") {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (prefix, field) in zip(pieces, pieces.dropFirst()) where propertyPrefixes.contains(String(prefix)) {
                if let known = propertyFields.first(where: field.hasPrefix) { return "\(prefix):\(known)" }
            }
        }
        return nil
    }

    private static func nameKey(_ name: String) -> String? {
        let key = name.lowercased().filter { !$0.isWhitespace }.replacing(".", with: ":")
        if nameFields.contains(key) { return key }
        for prefix in namePrefixes where key.hasPrefix(prefix) {
            let rest = key.dropFirst(prefix.count)
            if let separator = rest.first, ":-".contains(separator), nameFields.contains(String(rest.dropFirst())) {
                return key
            }
        }
        return nil
    }
}
