import HTTPTypes

/// The headers that keep browsers from misusing answers. A route that sets one itself keeps its own.
public struct SecurityHeaders: Sendable {
    /// For pages only: what a page may load. Everything from the product's own origin, nothing inline.
    public static let strictContentPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    private static let always: [HTTPField] = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "strict-origin-when-cross-origin"),
        HTTPField(name: .xFrameOptions, value: "DENY"),
    ]

    private let contentPolicy: HTTPField

    public init(contentPolicy: String = strictContentPolicy) {
        self.contentPolicy = HTTPField(name: .contentSecurityPolicy, value: contentPolicy)
    }

    /// - Parameter isAPI: API answers belong to one person and must not be kept by caches on the way.
    func apply(to headers: inout HTTPFields, isAPI: Bool) {
        for field in Self.always where !headers.contains(field.name) {
            headers.append(field)
        }
        if isAPI {
            if !headers.contains(.cacheControl) { headers.append(HTTPField(name: .cacheControl, value: "no-store")) }
        } else if !headers.contains(.contentSecurityPolicy),
            headers[.contentType]?.hasPrefix("text/html") == true
        {
            headers.append(contentPolicy)
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = Self("Referrer-Policy")!
    static let xFrameOptions = Self("X-Frame-Options")!
}
