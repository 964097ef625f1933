import NIOHTTP1

/// The cookies of one fetch: some sites set one, redirect, and go round in circles until it comes
/// back. Nothing is kept between fetches.
struct CookieJar {
    private struct Cookie: Hashable {
        let name: String
        let domain: String
        let coversSubdomains: Bool
        var isSecure: Bool
    }

    private static let capacity = 32
    private static let longest = 4_096

    private var values: [Cookie: String] = [:]

    /// The `Cookie` header for a request; nil where there is nothing to send.
    func header(host: String, isSecure: Bool) -> String? {
        let fitting = values.filter { cookie, _ in
            let reaches = cookie.coversSubdomains && host.hasSuffix(".\(cookie.domain)")
            return (host == cookie.domain || reaches) && (isSecure || !cookie.isSecure)
        }
        guard !fitting.isEmpty else { return nil }
        return fitting.map { "\($0.name)=\($1)" }.sorted().joined(separator: "; ")
    }

    /// Takes over the `Set-Cookie` headers of a response (RFC 6265, without paths and dates).
    mutating func store(_ headers: HTTPHeaders, host: String) {
        for line in headers["set-cookie"] where line.utf8.count <= Self.longest {
            store(line, host: host)
        }
    }

    private mutating func store(_ line: String, host: String) {
        let parts = line.split(separator: ";").map { Self.pair($0) }
        guard let (name, value) = parts.first, !name.isEmpty, Self.isPlain(name + value) else { return }
        let attributes = Dictionary(
            parts.dropFirst().map { ($0.lowercased(), $1) }, uniquingKeysWith: { $1 })
        let domain = attributes["domain"].map { $0.drop { $0 == "." }.lowercased() }
        if let domain, host != domain, !(domain.contains(".") && host.hasSuffix(".\(domain)")) { return }
        let cookie = Cookie(
            name: name, domain: domain ?? host, coversSubdomains: domain != nil,
            isSecure: attributes["secure"] != nil)
        if attributes["max-age"] == "0" {
            values[cookie] = nil
        } else if values.count < Self.capacity || values[cookie] != nil {
            values[cookie] = value
        }
    }

    private static func pair(_ part: Substring) -> (String, String) {
        let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (halves[0].trimmingSpaces, halves.count > 1 ? halves[1].trimmingSpaces : "")
    }

    /// Only what may stand in a header is sent back.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
