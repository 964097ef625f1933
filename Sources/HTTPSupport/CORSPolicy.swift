import HTTPTypes
import Hummingbird

/// Which other sites' pages (and browser extensions) may use the API from a browser.
public struct CORSPolicy: Sendable {
    private let origins: Set<String>
    private let allowsEveryOrigin: Bool

    /// - Parameter origins: Such as `https://app.example` or `chrome-extension://…`; `*` allows all.
    ///   Empty: only the API's own pages.
    public init(origins: [String] = []) {
        self.origins = Set(origins.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 })
        allowsEveryOrigin = origins.contains("*")
    }

    var isEmpty: Bool { origins.isEmpty }

    /// The answer to a browser asking before it sends the real request; `nil` where this is no such question.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, request.headers.contains(.accessControlRequestMethod),
            let origin = request.headers[.origin]
        else { return nil }
        var headers = HTTPFields()
        apply(to: &headers, origin: origin)
        if headers.contains(.accessControlAllowOrigin) {
            headers[.accessControlAllowMethods] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
            headers[.accessControlAllowHeaders] =
                "Accept, Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID, X-Request-ID"
            headers[.accessControlMaxAge] = "600"
        }
        return Response(status: .noContent, headers: headers)
    }

    /// Bearer tokens are no cookies, so credentials need no allowance of their own.
    func apply(to headers: inout HTTPFields, origin: String?) {
        guard !isEmpty else { return }
        if allowsEveryOrigin {
            headers[.accessControlAllowOrigin] = "*"
        } else {
            headers.append(HTTPField(name: .vary, value: "Origin"))
            guard let origin, origins.contains(origin) else { return }
            headers[.accessControlAllowOrigin] = origin
        }
        headers[.accessControlExposeHeaders] =
            "Location, Retry-After, X-Request-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
    }
}
