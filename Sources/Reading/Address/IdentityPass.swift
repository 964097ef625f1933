/// One application of the rules of identity to an address.
enum IdentityPass {
    /// - Returns: nil where a rule made something that is no address.
    static func apply(_ rule: SiteRule?, to parts: AddressParts) -> WebURL? {
        var parts = parts
        if let rule { applySite(rule, to: &parts) }
        parts.path = page(parts.path, keepsIndexDocuments: rule?.keepsIndexDocuments ?? false)
        if !parts.query.isEmpty {
            parts.query = AddressParts.sorted(parts.query.filter { choosesPage($0) })
        }
        parts.fragment = page(fragment: parts.fragment, opening: rule?.pageFragments ?? [])
        return rule == nil ? parts.urlOfKnownHost : parts.url
    }

    private static func applySite(_ rule: SiteRule, to parts: inout AddressParts) {
        parts.host = rule.canonicalHost(of: parts.host)
        if rule.foldsCase > 0 { parts.path = folded(parts.path, segments: rule.foldsCase) }
        if rule.underscoresForSpaces {
            parts.path = parts.path.replacing("%20", with: "_")
        }
        parts.query.removeAll { rule.drops($0) }
        let segments = parts.path.split(separator: "/")
        for rewrite in rule.rewrites where rewrite.apply(to: &parts, segments: segments) { break }
        if let kept = rule.keptNames(of: parts) { parts.query.removeAll { !kept.contains($0.name) } }
    }

    private static func choosesPage(_ item: AddressParts.QueryItem) -> Bool {
        item.value != "" && !(item.name.isEmpty && item.value == nil) && !TrackingParameters.contains(item)
    }

    private static func folded(_ path: String, segments: Int) -> String {
        let pieces = path.split(separator: "/", omittingEmptySubsequences: false)
        // The first piece is the empty one in front of the leading slash.
        return pieces.enumerated()
            .map {
                $0.offset <= segments
                    ? CanonicalEncoding.path.canonical(Substring($0.element.lowercased())) : String($0.element)
            }
            .joined(separator: "/")
    }
}

// MARK: - Paths

extension IdentityPass {
    private static let indexDocuments: Set<String> = [
        "index.html", "index.htm", "index.xhtml", "index.shtml", "index.php", "index.php3", "index.php4",
        "index.php5", "index.phtml", "index.jsp", "index.jspx", "index.asp", "index.aspx", "index.cfm",
        "index.cgi", "index.pl", "default.html", "default.htm", "default.asp", "default.aspx",
    ]

    /// Segments of code browsers, below which an index document is a file of its own.
    private static let fileBrowsers: Set<Substring> = [
        "blob", "raw", "src", "browse", "browser", "blame", "tree", "plain", "edit", "commits",
    ]

    private static func page(_ path: String, keepsIndexDocuments: Bool) -> String {
        var path = path
        if path.utf8.contains(UInt8(ascii: ";")) || path.utf8.contains(UInt8(ascii: "(")) {
            path = withoutSession(path)
        }
        if !keepsIndexDocuments, let folder = folder(ofIndexDocument: path) { path = folder }
        return AddressParts.withoutTrailingSlash(path)
    }

    private static func folder(ofIndexDocument path: String) -> String? {
        guard let slash = path.utf8.lastIndex(of: .slash) else { return nil }
        let name = path[path.utf8.index(after: slash)...]
        guard (8...12).contains(name.utf8.count), indexDocuments.contains(name.lowercased()),
            !path.split(separator: "/").contains(where: { fileBrowsers.contains($0) })
        else { return nil }
        return String(path[..<slash])
    }

    /// Without `;jsessionid=…` and the `(S(…))` segments of ASP.NET.
    private static func withoutSession(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { segment in
                segment.split(separator: ";", omittingEmptySubsequences: false)
                    .filter { parameter in
                        let name = parameter.prefix { $0 != "=" }.lowercased()
                        return !(parameter.contains("=") && (name == "jsessionid" || name == "phpsessid"))
                    }
                    .joined(separator: ";")
            }
            .filter { !(($0.hasPrefix("(S(") || $0.hasPrefix("(X(")) && $0.hasSuffix("))")) }
            .joined(separator: "/")
    }
}

// MARK: - Fragments

extension IdentityPass {
    /// `/route` and `!route` with their own parameters cleaned; nil for all that only scroll.
    private static func page(fragment: String?, opening pages: [String]) -> String? {
        guard var text = fragment?[...] else { return nil }
        if let directive = text.firstOccurrence(of: ":~:") { text = text[..<directive] }
        guard text.hasPrefix("/") || text.hasPrefix("!") || pages.contains(where: { text.hasPrefix($0) }) else {
            return nil
        }
        guard text.contains(where: { $0 != "/" && $0 != "!" }) else { return nil }
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var route = AddressParts.withoutTrailingSlash(CanonicalEncoding.route.canonical(halves[0]))
        if halves.count == 2 {
            let items = AddressParts.items(halves[1]).filter { choosesPage($0) }
            AddressParts.append(AddressParts.sorted(items), to: &route)
        }
        return route
    }
}

extension Substring {
    fileprivate func firstOccurrence(of text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}

// MARK: - Rewrites

extension SiteRule.Rewrite {
    /// - Returns: whether the address was of this shape.
    func apply(to parts: inout AddressParts, segments: [Substring]) -> Bool {
        guard let captures = pattern.match(segments, query: parts.query) else { return false }
        let consumed = pattern.parameters.map(\.name)
        let others = parts.query.filter { !consumed.contains($0.name) }
        if isWholeQuery, others.contains(where: { !TrackingParameters.contains($0) }) { return false }
        parts.query = others
        target.fill(&parts, with: captures)
        return true
    }
}
