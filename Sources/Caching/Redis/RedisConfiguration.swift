import Foundation

/// Where a Redis server listens.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
    public let host: String
    public let port: Int

    public init(host: String, port: Int = 6379) {
        self.host = host
        self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads `host:port` as a cluster tells it; IPv6 addresses come without brackets.
    init?(_ text: Substring, asSeenFrom known: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
        let host = text[..<colon]
        self.init(host: host.isEmpty ? known : String(host), port: port)
    }
}

/// How to reach Redis.
public struct RedisConfiguration: Sendable {
    public var addresses: [RedisAddress]
    public var username: String?
    public var password: String?
    public var database = 0
    public var usesTLS = false
    /// PEM file of the authorities to trust instead of the system's.
    public var certificateAuthorities: String?
    public var isCluster = false
    /// A cache that answers later than this is no help; the connection is given up and made anew.
    public var commandTimeout = Duration.milliseconds(200)
    public var connectTimeout = Duration.milliseconds(1000)
    /// How many commands may wait for their answers at one server.
    public var queueLimit = 10_000

    public init(addresses: [RedisAddress]) { self.addresses = addresses }

    /// Reads `redis://[user:password@]host[:port][,host[:port]…][/database][?cluster=true&ca=file]`; `rediss` for TLS.
    /// Several hosts are a cluster's. Nil where it is no such address.
    public init?(url: String) {
        guard let (scheme, rest) = url.cut("://"), ["redis", "rediss"].contains(scheme.lowercased()) else { return nil }
        let (location, query) = rest.cut("?") ?? (rest, "")
        let (authority, path) = location.cut("/") ?? (location, "")
        let (credentials, hosts) = authority.cutAtLast("@") ?? ("", authority)
        let addresses = hosts.split(separator: ",", omittingEmptySubsequences: false).map(Self.address)
        guard !addresses.isEmpty, !addresses.contains(nil) else { return nil }
        self.init(addresses: addresses.compactMap { $0 })
        usesTLS = scheme.lowercased() == "rediss"
        isCluster = addresses.count > 1
        guard takeCredentials(credentials), takeDatabase(path), takeOptions(query) else { return nil }
    }

    private mutating func takeCredentials(_ text: Substring) -> Bool {
        if text.isEmpty { return true }
        let (name, secret) = text.cut(":") ?? (text, "")
        guard let name = String(name).removingPercentEncoding, let secret = String(secret).removingPercentEncoding
        else { return false }
        username = name.isEmpty ? nil : name
        password = secret
        return !secret.isEmpty
    }

    private mutating func takeDatabase(_ text: Substring) -> Bool {
        if text.isEmpty { return true }
        guard let number = Int(text), (0...65_535).contains(number) else { return false }
        database = number
        return true
    }

    private mutating func takeOptions(_ query: Substring) -> Bool {
        for option in query.split(separator: "&") {
            switch option.cut("=") {
            case ("cluster", "true")?: isCluster = true
            case ("cluster", "false")?: isCluster = false
            case ("ca", let file)?: certificateAuthorities = String(file).removingPercentEncoding
            default: return false
            }
        }
        // A cluster has one database.
        return !(isCluster && database != 0)
    }

    private static func address(_ text: Substring) -> RedisAddress? {
        if text.hasPrefix("[") {
            guard let (host, rest) = text.dropFirst().cut("]") else { return nil }
            return rest.isEmpty ? RedisAddress(host: String(host)) : address(host, port: rest.dropFirst())
        }
        guard let (host, port) = text.cut(":") else {
            return text.isEmpty ? nil : RedisAddress(host: String(text))
        }
        return address(host, port: port)
    }

    private static func address(_ host: Substring, port: Substring) -> RedisAddress? {
        guard !host.isEmpty, let port = Int(port), (1...65_535).contains(port) else { return nil }
        return RedisAddress(host: String(host), port: port)
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the secrets, for it may end in a log.
    public var description: String {
        "\(usesTLS ? "rediss" : "redis")://\(addresses.map(\.description).joined(separator: ","))/\(database)"
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

extension StringProtocol {
    fileprivate func cut(_ separator: String) -> (SubSequence, SubSequence)? {
        range(of: separator).map { (self[..<$0.lowerBound], self[$0.upperBound...]) }
    }

    fileprivate func cutAtLast(_ separator: String) -> (SubSequence, SubSequence)? {
        range(of: separator, options: .backwards).map { (self[..<$0.lowerBound], self[$0.upperBound...]) }
    }
}
