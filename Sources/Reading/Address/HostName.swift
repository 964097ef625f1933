/// What is the same in two spellings of a host, whatever the site.
enum HostName {
    /// Without the final dot and `www.`, unless a bare public suffix would be left.
    static func bare(_ host: Substring) -> String {
        var bytes = host.utf8[...]
        if bytes.last == .dot, bytes.dropLast().last.map({ $0 != .dot }) ?? false { bytes.removeLast() }
        while bytes.first == UInt8(ascii: "w"), bytes.starts(with: "www.".utf8) {
            let rest = bytes.dropFirst(4)
            guard !isPublicSuffix(Substring(rest)) else { break }
            bytes = rest
        }
        return String(Substring(bytes))
    }

    /// Names under which strangers register: top-level domains, `co.uk` and the like, and the
    /// best-known hosting domains. Rules for single sites never apply to them.
    static func isPublicSuffix(_ host: Substring) -> Bool {
        guard let dot = host.utf8.firstIndex(of: .dot) else { return true }
        let top = host[host.utf8.index(after: dot)...]
        if !top.utf8.contains(.dot) {
            return top.utf8.count == 2 && secondLevels.contains(String(host[..<dot]))
                || hostingDomains.contains(String(host))
        }
        return hostingDomains.contains(String(host))
    }

    /// The second-level labels that national registries use.
    static let secondLevels: Set<String> = [
        "ac", "co", "com", "edu", "gen", "go", "gob", "gouv", "gov", "govt", "gv", "id", "ltd",
        "me", "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch",
    ]

    private static let hostingDomains: Set<String> = [
        "altervista.org", "appspot.com", "azurewebsites.net", "bitbucket.io", "blogspot.com",
        "cloudfront.net", "firebaseapp.com", "fly.dev", "github.io", "gitlab.io", "glitch.me",
        "herokuapp.com", "myshopify.com", "neocities.org", "netlify.app", "now.sh", "onrender.com",
        "pages.dev", "readthedocs.io", "repl.co", "s3.amazonaws.com", "surge.sh", "vercel.app",
        "web.app", "workers.dev",
    ]

    /// `amazon` for `amazon.com`, `amazon.de` and `amazon.co.uk`, so that one rule serves every
    /// country; nil for all other shapes. A subdomain is kept: `docs.google` for `docs.google.com`.
    static func brand(_ host: String) -> Substring? {
        let bytes = host.utf8
        guard let dot = bytes.lastIndex(of: .dot) else { return nil }
        let top = bytes[bytes.index(after: dot)...]
        if top.elementsEqual("com".utf8) { return host[..<dot] }
        guard top.count == 2 else { return nil }
        if let second = bytes[..<dot].lastIndex(of: .dot),
            secondLevels.contains(String(host[bytes.index(after: second)..<dot]))
        {
            return host[..<second]
        }
        return host[..<dot]
    }
}
