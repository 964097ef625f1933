import NIOHTTP1

/// The way from the requested address to the page: what was visited, and where to go next.
struct Journey {
    private let maxRedirects: Int
    private(set) var current: WebURL
    private(set) var redirects: [WebURL] = []
    private(set) var cookies = CookieJar()
    private var visited: Set<Stop> = []

    /// The same address may be visited again with other cookies, but not in the same state.
    private struct Stop: Hashable {
        let address: Substring
        let cookies: String?
    }

    init(from url: WebURL, maxRedirects: Int) {
        current = url
        self.maxRedirects = maxRedirects
        visited = [stop]
    }

    var isSecure: Bool { current.scheme == "https" }

    /// The host without brackets and closing dot.
    var host: String {
        let name = current.hostname ?? ""
        if name.first == "[" { return String(name.dropFirst().dropLast()) }
        return name.last == "." ? String(name.dropLast()) : name
    }

    var port: Int { current.port ?? (isSecure ? 443 : 80) }

    /// Path and query, as they stand in the request line. A user name and password in the link are
    /// not sent.
    var target: String { current.path + (current.query.map { "?\($0)" } ?? "") }

    /// Follows a redirect.
    ///
    /// - Throws: `badRedirect`, `tooManyRedirects`; `unsupportedScheme` for one that leaves the web.
    mutating func follow(_ response: WireResponse) throws(FetchFailure) {
        cookies.store(response.headers, host: host)
        guard let location = response.headers.first(name: "location"), !location.isEmpty,
            let next = WebURL(location, base: current)
        else { throw FetchFailure(.badRedirect) }
        guard next.isWeb else { throw FetchFailure(.unsupportedScheme) }
        guard redirects.count < maxRedirects else { throw FetchFailure(.tooManyRedirects) }
        redirects.append(current)
        current = keepingFragment(next)
        guard visited.insert(stop).inserted else { throw FetchFailure(.tooManyRedirects) }
    }

    /// A redirect without a fragment keeps the one of the link (RFC 9110, 10.2.2).
    private func keepingFragment(_ next: WebURL) -> WebURL {
        guard next.fragment == nil, let fragment = current.fragment else { return next }
        return WebURL("\(next.href)#\(fragment)") ?? next
    }

    private var stop: Stop {
        Stop(address: current.href.prefix { $0 != "#" }, cookies: cookies.header(host: host, isSecure: isSecure))
    }
}
