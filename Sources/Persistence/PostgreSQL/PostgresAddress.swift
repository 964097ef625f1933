import CLibPQ

/// Where a PostgreSQL is and how to get in: a `postgres://` address as libpq understands it, with all its parameters
/// (`sslmode`, `host=/a/folder` for a socket, `connect_timeout`, …).
///
/// Its description never has the password; nothing else of it is printed.
public struct PostgresAddress: Sendable {
    private(set) var parameters: [(keyword: String, value: String)]
    /// Whether the address itself says how long connecting may take.
    private let limitsConnecting: Bool

    /// - Throws: `DatabaseFailure.unavailable` where libpq does not understand the address.
    public init(_ url: String) throws {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            // libpq's own words repeat the address, and so the password.
            PQfreemem(message)
            throw DatabaseFailure.unavailable("The address of the PostgreSQL is not one that libpq understands.")
        }
        defer { PQconninfoFree(options) }
        var parameters: [(keyword: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        limitsConnecting = parameters.contains { $0.keyword == "connect_timeout" }
        self.parameters =
            Self.usual.filter { usual in !parameters.contains { $0.keyword == usual.keyword } }
            + parameters.filter { $0.keyword != "client_encoding" } + [("client_encoding", "UTF8")]
    }

    /// What holds unless the address says otherwise. A server that is not there is noticed within seconds, and a
    /// network that is gone within a minute: the system asks after 30 s of silence, and again three times.
    private static let usual = [
        (keyword: "application_name", value: "fuze"), (keyword: "connect_timeout", value: "5"),
        (keyword: "tcp_user_timeout", value: "30000"), (keyword: "keepalives_idle", value: "30"),
        (keyword: "keepalives_interval", value: "10"), (keyword: "keepalives_count", value: "3"),
    ]

    /// The same, given up sooner while it is connected to, unless it says itself how long that may take.
    ///
    /// - Parameter seconds: libpq takes no less than 2.
    func connecting(within seconds: Int) -> PostgresAddress {
        guard !limitsConnecting else { return self }
        var address = self
        address.parameters.removeAll { $0.keyword == "connect_timeout" }
        address.parameters.append(("connect_timeout", String(seconds)))
        return address
    }

    /// Whether it has a password itself; otherwise libpq looks for one in the environment and the passfile.
    public var hasPassword: Bool { self["password"].map { !$0.isEmpty } ?? false }

    private subscript(keyword: String) -> String? { parameters.last { $0.keyword == keyword }?.value }
}

extension PostgresAddress: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let host = self["host"] ?? self["hostaddr"] ?? "local"
        return "PostgreSQL \(self["dbname"] ?? "?") at \(host)\(self["port"].map { ":\($0)" } ?? "")"
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
