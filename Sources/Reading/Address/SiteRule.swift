/// What one site's addresses mean, as far as it differs from other sites. The rules are in the
/// `SiteRules` files.
struct SiteRule: Sendable {
    /// `reddit.com` is that host alone, `*.reddit.com` it and everything below it, `amazon.*` the
    /// site under any country's domain.
    let hosts: [String]
    /// Labels in front of the domain that serve the same pages: `m`, `old`.
    var mirrors: Set<String> = []
    /// Whether a language or country in front of the domain serves the same pages.
    var hasLocaleMirrors = false
    /// Addresses of this site that only lead to another one.
    var redirectors: [Redirector] = []
    /// Other addresses of the same page, and the one that stands for them.
    var rewrites: [Rewrite] = []
    /// Parameters that do not choose the page; `*` at the end stands for any ending, and
    /// `name=value` for that value only.
    var drops: [ParameterRule] = []
    /// For the paths of a pattern, the only parameters that choose the page.
    var keeps: [Keep] = []
    /// How many leading path segments ignore case.
    var foldsCase = 0
    /// What a fragment begins with where it chooses the page.
    var pageFragments: [String] = []
    /// Whether `index.html` is a file to be shown, not the folder's page.
    var keepsIndexDocuments = false

    /// Whether a space in the path is written as `_`, too.
    var underscoresForSpaces = false

    struct Rewrite: Sendable {
        let pattern: PathPattern
        /// A path on the same host, or host and path; captures in braces.
        let target: AddressTemplate
        /// Whether the pattern's parameters must be the only ones left.
        let isWholeQuery: Bool

        init(_ pattern: String, to target: String, isWholeQuery: Bool = false) {
            self.pattern = PathPattern(pattern)
            self.target = AddressTemplate(target)
            self.isWholeQuery = isWholeQuery
        }
    }

    struct Keep: Sendable {
        let pattern: PathPattern
        let names: Set<String>

        init(_ pattern: String, only names: Set<String> = []) {
            self.pattern = PathPattern(pattern)
            self.names = names
        }
    }
}

extension SiteRule {
    /// The host that stands for its mirrors.
    func canonicalHost(of host: String) -> String {
        guard !mirrors.isEmpty || hasLocaleMirrors else { return host }
        guard let domain = domain(of: host) else {
            let labels = host.split(separator: ".", maxSplits: 1)
            return labels.count == 2 && mirrors.contains(String(labels[0])) ? String(labels[1]) : host
        }
        let labels = host.dropLast(domain.count).split(separator: ".").filter { label in
            !mirrors.contains(String(label)) && !(hasLocaleMirrors && Self.isLocale(label))
        }
        return (labels + [Substring(domain)]).joined(separator: ".")
    }

    private func domain(of host: String) -> String? {
        hosts.lazy.filter { $0.hasPrefix("*.") }.map { String($0.dropFirst(2)) }
            .first { host.hasSuffix(".\($0)") }
    }

    private static func isLocale(_ label: Substring) -> Bool {
        let parts = label.split(separator: "-")
        return parts.count <= 2 && parts.allSatisfy { $0.utf8.count == 2 }
    }

    /// The web address that a redirector of this site leads to.
    func target(of url: WebURL) -> WebURL? {
        guard !redirectors.isEmpty else { return nil }
        let segments = url.slice(url.layout.pathStart, url.pathEnd).split(separator: "/")
        return redirectors.lazy.compactMap { $0.target(in: url, segments: segments) }.first
    }

    func drops(_ item: AddressParts.QueryItem) -> Bool {
        drops.contains { rule in
            rule.accepts(item)
        }
    }

    /// The only parameters that choose the page at this path, or nil where any may.
    func keptNames(of parts: AddressParts) -> Set<String>? {
        guard !keeps.isEmpty else { return nil }
        let segments = parts.path.split(separator: "/")
        return keeps.first { $0.pattern.match(segments, query: parts.query) != nil }?.names
    }
}
