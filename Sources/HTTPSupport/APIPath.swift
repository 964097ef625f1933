import HTTPTypes
import Hummingbird

/// Where a request is routed to: `/api/v1/…` is another name of `/api/…`, and `HEAD` is a `GET` without its body.
struct APIPath {
    private let path: String
    private let isVersioned: Bool
    let isAPI: Bool

    init(_ path: String) {
        self.path = path
        isAPI = Self.begins(path, with: "/api")
        isVersioned = isAPI && Self.begins(path, with: "/api/v1")
    }

    func route(_ request: Request) -> Request {
        guard isVersioned || request.method == .head else { return request }
        var head = request.head
        if isVersioned { head.path = "/api" + path.dropFirst("/api/v1".count) }
        if head.method == .head { head.method = .get }
        return Request(head: head, body: request.body)
    }

    private static func begins(_ path: String, with prefix: String) -> Bool {
        guard path.utf8.starts(with: prefix.utf8) else { return false }
        let next = path.utf8.dropFirst(prefix.utf8.count).first
        return next == nil || next == UInt8(ascii: "/") || next == UInt8(ascii: "?")
    }
}
