/// What makes two addresses the same bookmark.
///
/// Alike are: http and https; hosts with and without `www.`; any spelling of the same path and
/// query; any order of differently named parameters; a folder and its index document; with and
/// without tracking and session parameters, credentials and fragments (but `#/routes` are pages);
/// a redirector and what it leads to; and the aliases of one resource on well-known sites, where a
/// place inside of it (the second of a video, the comment of a page) is not a resource of its own.
public enum URLIdentity {
    /// Wrappers inside of wrappers; what is deeper was made to confuse and is left as it is.
    private static let maximumDepth = 16
    /// A site's rules settle after two or three applications.
    private static let maximumPasses = 8

    /// The identity key: itself a URL, whose key is itself. nil where `url` is no web address.
    public static func key(of url: WebURL) -> WebURL? {
        guard url.isWeb else { return nil }
        var url = url
        for _ in 0..<maximumPasses {
            guard let parts = AddressParts(url) else { return nil }
            guard let rule = SiteRules.all[parts.host] else { return IdentityPass.apply(nil, to: parts) }
            if let target = unwrapped(url, by: rule) {
                url = target
                continue
            }
            let pass = IdentityPass.apply(rule, to: parts) ?? IdentityPass.apply(nil, to: parts)
            guard let next = pass, next != url else { return url }
            url = next
        }
        return url
    }

    /// The identity key of what a person typed or pasted; nil where that is no web address.
    public static func key(of text: String) -> WebURL? {
        WebURL(pasted: text).flatMap { key(of: $0) }
    }

    /// The same for all pages of one site and path, whatever the query: "you may have saved this
    /// already". Where the query alone chooses the page (`/watch?v=`), it counts too.
    public static func similarityKey(of url: WebURL) -> String {
        guard let key = key(of: url), let parts = AddressParts(key) else { return url.href }
        var text = parts.host + parts.path
        let names = SiteRules.all[parts.host]?.keptNames(of: parts) ?? []
        AddressParts.append(parts.query.filter { names.contains($0.name) }, to: &text)
        return text
    }

    /// The innermost address that a chain of redirectors leads to, or nil where there is none.
    private static func unwrapped(_ url: WebURL, by rule: SiteRule) -> WebURL? {
        guard var current = rule.target(of: url) else { return nil }
        for _ in 0..<maximumDepth {
            let host = HostName.bare(current.slice(current.layout.hostStart, current.layout.hostEnd))
            guard let target = SiteRules.all[host]?.target(of: current) else { return current }
            current = target
        }
        return nil
    }
}
