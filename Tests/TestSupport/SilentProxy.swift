import Foundation
import Synchronization

/// Stands before a server on a Unix socket and can fall silent, as a network does whose other end is gone: connections
/// stay open, new ones are accepted, and nothing comes through.
public final class SilentProxy: Sendable {
    private struct State {
        var isSilent = false
        /// How many pieces of what a client sends still come through, on each connection.
        var piecesFromClients = Int.max
        var sockets: [Int32] = []
    }

    public struct Failure: Error {}

    public let port: Int
    private let listener: Int32
    private let server: String
    private let state = Mutex(State())

    /// - Parameter server: the path of the server's socket.
    public init(before server: String) throws {
        self.server = server
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard isListening else { throw Failure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// What is sent from now on is lost, in both directions.
    public func fallSilent() { state.withLock { $0.isSilent = true } }

    /// From the next connection on, only so many pieces of what the client sends come through.
    public func fallSilent(afterPieces pieces: Int) { state.withLock { $0.piecesFromClients = pieces } }

    /// Connections made from now on work; those that were silent are cut.
    public func wakeUp() {
        state.withLock { state in
            state.isSilent = false
            state.piecesFromClients = .max
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
            state.sockets = []
        }
    }

    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        wakeUp()
    }

    private func acceptAll() {
        while case let client = accept(listener, nil, nil), client >= 0 {
            guard let upstream = connectToServer() else {
                Glibc.close(client)
                continue
            }
            let pieces = state.withLock { state in
                state.sockets += [client, upstream]
                return state.piecesFromClients
            }
            Thread.detachNewThread { [self] in pump(from: client, to: upstream, pieces: pieces) }
            Thread.detachNewThread { [self] in pump(from: upstream, to: client, pieces: .max) }
        }
        Glibc.close(listener)
    }

    private func connectToServer() -> Int32? {
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: server.utf8.prefix($0.count - 1)) }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(upstream, address, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        return isConnected ? upstream : nil
    }

    private func pump(from source: Int32, to target: Int32, pieces: Int) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var sent = 0
        while case let count = read(source, &buffer, buffer.count), count > 0 {
            if sent == pieces || state.withLock(\.isSilent) { continue }
            sent += 1
            guard send(target, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        // Neither is closed, for the other thread may use it still and its number would go to somebody else; there are few.
        shutdown(target, Int32(SHUT_RDWR))
    }
}
