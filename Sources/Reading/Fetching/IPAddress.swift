import Glibc
import NIOCore

/// An IPv4 or IPv6 address as a number, so that ranges can be compared.
public enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads the usual notation (`192.0.2.1`, `2001:db8::1`, also in brackets); nil for a name.
    public init?(_ literal: String) {
        var text = Substring(literal)
        if text.first == "[", text.last == "]" { text = text.dropFirst().dropLast() }
        var v4 = in_addr()
        if inet_pton(AF_INET, String(text), &v4) == 1 {
            self = .v4(UInt32(bigEndian: v4.s_addr))
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, String(text), &v6) == 1 else { return nil }
        self.init(v6)
    }

    /// The address inside a socket address; nil for other families than IPv4 and IPv6.
    public init?(_ socketAddress: SocketAddress) {
        switch socketAddress {
        case .v4(let address): self = .v4(UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address): self.init(address.address.sin6_addr)
        case .unixDomainSocket: return nil
        }
    }

    init(_ address: in6_addr) {
        self = .v6(
            withUnsafeBytes(of: address) { bytes in
                bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            })
    }

    /// Where to connect to: this very address, no name in between.
    func socketAddress(port: Int) throws -> SocketAddress {
        var packed = ByteBuffer()
        switch self {
        case .v4(let number): packed.writeInteger(number)
        case .v6(let number): packed.writeInteger(number)
        }
        return try SocketAddress(packedIPAddress: packed, port: port)
    }
}

/// A block of addresses such as `10.0.0.0/8`.
struct IPNetwork: Sendable {
    private let base: IPAddress
    private let prefixLength: Int

    /// - Precondition: `notation` is an address, a slash and a prefix length.
    init(_ notation: StaticString) {
        let parts = "\(notation)".split(separator: "/")
        guard parts.count == 2, let base = IPAddress(String(parts[0])), let length = Int(parts[1])
        else { preconditionFailure("\(notation) is no network") }
        self.base = base
        self.prefixLength = length
    }

    func contains(_ address: IPAddress) -> Bool {
        switch (base, address) {
        case (.v4(let base), .v4(let address)):
            prefixLength == 0 || (base ^ address) >> UInt32(32 - prefixLength) == 0
        case (.v6(let base), .v6(let address)):
            prefixLength == 0 || (base ^ address) >> UInt128(128 - prefixLength) == 0
        default: false
        }
    }
}
