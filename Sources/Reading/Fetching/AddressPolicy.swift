/// Which addresses and host names the fetcher may open a connection to.
///
/// Users supply the links, so without this rule anyone could make the server read its own network
/// (server-side request forgery). Ranges: the IANA special-purpose registries for IPv4 and IPv6.
public struct AddressPolicy: Sendable {
    /// How far an address reaches.
    public enum Reach: Sendable {
        /// A public address of the internet.
        case global
        /// Loopback and private networks: opened for tests and intranets.
        case local
        /// Never a web site: cloud metadata, link-local, multicast, reserved, documentation.
        case never
    }

    /// Whether loopback and private addresses are open too.
    public let allowsPrivate: Bool

    public init(allowsPrivate: Bool = false) {
        self.allowsPrivate = allowsPrivate
    }

    public func permits(_ address: IPAddress) -> Bool {
        switch Self.reach(of: address) {
        case .global: true
        case .local: allowsPrivate
        case .never: false
        }
    }

    public static func reach(of address: IPAddress) -> Reach {
        switch address {
        case .v4: reachOfV4(address)
        case .v6(let number): embeddedV4(in: number).map(reachOfV4) ?? reachOfV6(address)
        }
    }

    private static func reachOfV4(_ address: IPAddress) -> Reach {
        if closedV4.contains(where: { $0.contains(address) }) { return .never }
        return localV4.contains { $0.contains(address) } ? .local : .global
    }

    private static func reachOfV6(_ address: IPAddress) -> Reach {
        if closedV6.contains(where: { $0.contains(address) }) { return .never }
        if localV6.contains(where: { $0.contains(address) }) { return .local }
        return globalUnicastV6.contains(address) ? .global : .never
    }

    /// The IPv4 address that a translating IPv6 address leads to: mapped (`::ffff:a.b.c.d`), NAT64
    /// (`64:ff9b::a.b.c.d`), 6to4 (`2002:aabb:ccdd::`) and ISATAP (`…:5efe:a.b.c.d`).
    private static func embeddedV4(in number: UInt128) -> IPAddress? {
        let address = IPAddress.v6(number)
        if mappedV4.contains(address) || nat64.contains(address) {
            return .v4(UInt32(truncatingIfNeeded: number))
        }
        if sixToFour.contains(address) { return .v4(UInt32(truncatingIfNeeded: number >> 80)) }
        let interface = UInt32(truncatingIfNeeded: number >> 32)
        guard interface == 0x0000_5efe || interface == 0x0200_5efe,
            globalUnicastV6.contains(address)
        else { return nil }
        return .v4(UInt32(truncatingIfNeeded: number))
    }

    private static let closedV4: [IPNetwork] = [
        IPNetwork("0.0.0.0/8"), IPNetwork("169.254.0.0/16"), IPNetwork("192.0.0.0/24"),
        IPNetwork("192.0.2.0/24"), IPNetwork("192.88.99.0/24"), IPNetwork("198.51.100.0/24"),
        IPNetwork("203.0.113.0/24"), IPNetwork("224.0.0.0/4"), IPNetwork("240.0.0.0/4"),
        // Metadata services of Alibaba Cloud and Azure outside the link-local range.
        IPNetwork("100.100.100.200/32"), IPNetwork("168.63.129.16/32"),
    ]

    private static let localV4: [IPNetwork] = [
        IPNetwork("10.0.0.0/8"), IPNetwork("100.64.0.0/10"), IPNetwork("127.0.0.0/8"),
        IPNetwork("172.16.0.0/12"), IPNetwork("192.168.0.0/16"), IPNetwork("198.18.0.0/15"),
    ]

    private static let closedV6: [IPNetwork] = [
        // Protocol assignments (Teredo, benchmarking, ORCHID), documentation, NAT64 for local use,
        // and the metadata service of AWS.
        IPNetwork("2001::/23"), IPNetwork("2001:db8::/32"), IPNetwork("3fff::/20"),
        IPNetwork("64:ff9b:1::/48"), IPNetwork("fd00:ec2::254/128"),
    ]

    private static let localV6: [IPNetwork] = [IPNetwork("::1/128"), IPNetwork("fc00::/7")]

    private static let globalUnicastV6 = IPNetwork("2000::/3")
    private static let mappedV4 = IPNetwork("::ffff:0:0/96")
    private static let nat64 = IPNetwork("64:ff9b::/96")
    private static let sixToFour = IPNetwork("2002::/16")
}
