import Foundation
import Glibc

/// A connection kept open to a server on this machine: blocking and plain, so that the time of an answer is the
/// server's.
final class HTTPConnection {
    struct Answer {
        let status: Int
        let body: [UInt8]

        /// - Throws: `BenchFailure` with what the server said, unless it answered with success.
        func checked() throws -> Answer {
            guard (200..<300).contains(status) else {
                throw BenchFailure(
                    "The server answered \(status): \(String(decoding: body.prefix(300), as: UTF8.self))")
            }
            return self
        }

        func json() throws -> [String: Any] {
            try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] ?? [:]
        }
    }

    private let socket: Int32
    private let token: String?
    /// Received and not used so far.
    private var received: [UInt8] = []

    init(port: Int, token: String? = nil) throws {
        self.token = token
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var noDelay: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        guard connected == 0 else {
            close(socket)
            throw BenchFailure("No connection: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(socket) }

    func get(_ path: String) throws -> Answer { try send("GET", path, type: nil, []) }

    func post(_ path: String, _ json: [String: Any]) throws -> Answer {
        try send("POST", path, type: "application/json", [UInt8](try JSONSerialization.data(withJSONObject: json)))
    }

    func send(_ method: String, _ path: String, type: String?, _ body: [UInt8]) throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        if let type { head += "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n" }
        try write(Array((head + "\r\n").utf8) + body)
        return try answer()
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    socket, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw BenchFailure("The server hung up.") }
            sent += count
        }
    }

    private func answer() throws -> Answer {
        let head = try line()
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        var length = 0
        var isChunked = false
        while case let field = try line(), !field.isEmpty {
            let parts = field.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else { continue }
            if parts[0].lowercased() == "content-length" { length = Int(parts[1]) ?? 0 }
            if parts[0].lowercased() == "transfer-encoding" { isChunked = parts[1].lowercased() == "chunked" }
        }
        guard isChunked else { return Answer(status: status, body: try take(length)) }
        var body: [UInt8] = []
        while case let size = Int(try line(), radix: 16) ?? 0, size > 0 {
            body += try take(size)
            _ = try line()
        }
        _ = try line()
        return Answer(status: status, body: body)
    }

    private func line() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                return line.hasSuffix("\r") || line.hasSuffix("\r\n") ? String(line.dropLast()) : line
            }
            try receive()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while received.count < count { try receive() }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    private func receive() throws {
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
        }
        guard !bytes.isEmpty else { throw BenchFailure("The server hung up.") }
        received += bytes
    }
}
