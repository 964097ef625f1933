/// Finds the rule for a host.
struct SiteRules: Sendable {
    private var exact: [String: SiteRule] = [:]
    private var below: [String: SiteRule] = [:]
    private var brands: [String: SiteRule] = [:]

    static let all = SiteRules(search + video + social + knowledge + code + shopping + news + wrappers)

    init(_ rules: [SiteRule]) {
        for rule in rules {
            for host in rule.hosts {
                if host.hasPrefix("*.") {
                    below[String(host.dropFirst(2))] = rule
                } else if host.hasSuffix(".*") {
                    brands[String(host.dropLast(2))] = rule
                } else {
                    exact[host] = rule
                }
            }
        }
    }

    subscript(host: String) -> SiteRule? {
        if let rule = exact[host] { return rule }
        if let brand = HostName.brand(host), let rule = brands[String(brand)] { return rule }
        var domain = Substring(host)
        while true {
            if let rule = below[String(domain)] { return rule }
            guard let dot = domain.utf8.firstIndex(of: .dot) else { return nil }
            domain = Substring(domain.utf8[domain.utf8.index(after: dot)...])
        }
    }
}
