import CLibPQ
import Foundation

/// How a connection begins.
extension PostgresConnection {
    static func connect(_ address: PostgresAddress) throws -> OpaquePointer {
        var keywords = address.parameters.map { UnsafePointer<CChar>(strdup($0.keyword)) } + [nil]
        var values = address.parameters.map { UnsafePointer<CChar>(strdup($0.value)) } + [nil]
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        guard let link = PQconnectdbParams(&keywords, &values, 0) else {
            throw DatabaseFailure.unavailable("No memory.")
        }
        guard PQstatus(link) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(link))
            PQfinish(link)
            throw DatabaseFailure.unavailable(message.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return link
    }

    /// Reads see one state without asking for it; a write says that it is one. The server, too, asks a client that is
    /// silent whether it is still there, for it may hold locks.
    private static let session = [
        (name: "default_transaction_isolation", value: "repeatable read"),
        (name: "default_transaction_read_only", value: "on"), (name: "client_min_messages", value: "error"),
        (name: "jit", value: "off"), (name: "tcp_keepalives_idle", value: "30"),
        (name: "tcp_keepalives_interval", value: "10"), (name: "tcp_keepalives_count", value: "3"),
        (name: "tcp_user_timeout", value: "30000"),
    ]

    /// The statement that makes a session ours.
    static func settings(_ limits: PostgresLimits) -> String {
        let settings = (session + limits.settings).map { "set_config('\($0.name)', '\($0.value)', false)" }
        return "SELECT \(settings.joined(separator: ", "))"
    }
}
