import Glibc
import NIOCore
import NIOPosix

/// Looks up the addresses of a host name.
public struct HostResolver: Sendable {
    public enum Failure: Error, Sendable {
        /// There is no such name; asking again is pointless.
        case unknownName
        case temporary
    }

    /// Every address of a name, best first. The lookup may outlive the fetch that asked for it, so
    /// it is told after which moment nobody waits for it any more. Fails with ``Failure``.
    public let addresses:
        @Sendable (_ hostname: String, _ until: NIODeadline, _ eventLoop: any EventLoop) ->
            EventLoopFuture<[IPAddress]>

    public init(
        addresses:
            @escaping @Sendable (_ hostname: String, _ until: NIODeadline, _ on: any EventLoop) ->
            EventLoopFuture<[IPAddress]>
    ) {
        self.addresses = addresses
    }

    /// The system's resolver. It blocks, so it runs on `threads`, which also bound how many
    /// lookups run at once.
    public static func live(on threads: NIOThreadPool) -> HostResolver {
        HostResolver { hostname, until, eventLoop in
            threads.runIfActive(eventLoop: eventLoop) {
                guard NIODeadline.now() < until else { throw Failure.temporary }
                return try systemLookup(hostname)
            }
        }
    }

    private static func systemLookup(_ hostname: String) throws(Failure) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(hostname, nil, &hints, &list)
        defer { if list != nil { freeaddrinfo(list) } }
        switch code {
        case 0: break
        // -5 is glibc's EAI_NODATA, which its headers hide: the name exists but has no address.
        case EAI_NONAME, -5: throw .unknownName
        default: throw .temporary
        }
        return sequence(first: list) { $0?.pointee.ai_next }
            .prefix { $0 != nil }
            .compactMap { $0.flatMap(address) }
    }

    private static func address(of entry: UnsafeMutablePointer<addrinfo>) -> IPAddress? {
        guard let raw = UnsafeRawPointer(entry.pointee.ai_addr) else { return nil }
        switch entry.pointee.ai_family {
        case AF_INET:
            return .v4(UInt32(bigEndian: raw.load(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6: return IPAddress(raw.load(as: sockaddr_in6.self).sin6_addr)
        default: return nil
        }
    }
}
