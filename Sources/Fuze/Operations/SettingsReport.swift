import Foundation

/// What is set, as it may be shown: without secrets.
struct SettingsReport {
    /// Settings that only one command reads, or programs beside Fuze.
    private static let others: Set = [
        "FUZE_COPY_DATABASE_URL", "FUZE_PACKAGES", "FUZE_BINARY", "FUZE_EVAL_DATA", "FUZE_BENCH_PYTHON",
    ]

    /// Each setting that was asked for and is set, by its name in the environment.
    private(set) var shown: [(name: String, value: String)] = []
    /// Names in the environment that no setting has: most likely misspelt.
    private(set) var unknown: [String] = []

    /// - Parameters:
    ///   - asked: every setting's short name, such as `port`, with what was set.
    init(asked: [String: String?], environment: [String: String]) {
        for (name, value) in asked.sorted(by: { $0.key < $1.key }) {
            guard let value, !value.isEmpty else { continue }
            shown.append((name: Self.environmentName(name), value: Self.masked(value, of: name)))
        }
        let known = Set(asked.keys.map(Self.environmentName))
        unknown = environment.keys.filter { name in
            name.hasPrefix("FUZE_") && !known.contains(name) && !Self.others.contains(name)
        }.sorted()
    }

    private static func environmentName(_ name: String) -> String { "FUZE_\(name.uppercased())" }

    /// Keys and the like are not shown at all, addresses without whom they let in.
    static func masked(_ value: String, of name: String) -> String {
        let words = name.lowercased().split(separator: "_")
        if words.contains(where: { ["key", "secret", "password", "token"].contains($0) }) { return "(hidden)" }
        var addresses: [String] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            // A comma that no address follows belongs to the one before: to its password, or to a list of hosts.
            if part.contains("://") || addresses.isEmpty {
                addresses.append(String(part))
            } else {
                addresses[addresses.count - 1] += ",\(part)"
            }
        }
        return addresses.map(maskingPassword).joined(separator: ",")
    }

    private static func maskingPassword(_ address: String) -> String {
        guard let scheme = address.range(of: "://") else { return address }
        var shown = address
        // Up to the last @, for a password may hold anything.
        if let at = address[scheme.upperBound...].lastIndex(of: "@") {
            shown = address[..<scheme.upperBound] + "(hidden)" + address[at...]
        }
        // Parameters may carry passwords and files of keys.
        guard let query = shown.firstIndex(of: "?") else { return shown }
        return shown[..<query] + "?(hidden)"
    }
}
