import Foundation
import Synchronization

/// A Redis server of a test's own: on a free loopback port, in a folder of its own, ended with the test.
public final class RedisServer: Sendable {
    public let port: Int
    private let arguments: [String]
    private let folder = TemporaryFolder()
    private let process = Mutex<Process?>(nil)

    /// - Parameters:
    ///   - options: more of the server's command line, such as `["--requirepass", "secret"]`.
    ///   - isEncrypted: whether the port speaks TLS; `options` then name the certificate.
    public static func start(_ options: [String] = [], isEncrypted: Bool = false) async throws -> RedisServer {
        let server = RedisServer(port: try LoopbackPort.free(), options: options, isEncrypted: isEncrypted)
        try await server.start()
        return server
    }

    private init(port: Int, options: [String], isEncrypted: Bool) {
        self.port = port
        let ports = isEncrypted ? ["--port", "0", "--tls-port", String(port)] : ["--port", String(port)]
        arguments =
            ports + [
                "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                folder.url.path,
            ] + options
    }

    deinit { kill() }

    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts it, again where it was killed, and waits until it takes connections.
    public func start() async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["redis-server"] + arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        for _ in 0..<1000 where process.isRunning {
            if LoopbackPort.isOpen(port) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw NotStarted(command: (process.arguments ?? []).joined(separator: " "))
    }

    public struct NotStarted: Error {
        let command: String
    }

    /// Ends it at once, as a power cut does.
    public func kill() {
        process.withLock { process in
            if let process, process.isRunning {
                Foundation.kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            process = nil
        }
    }

    /// Takes connections, and answers nothing.
    public func pause() { signal(SIGSTOP) }
    public func resume() { signal(SIGCONT) }

    private func signal(_ signal: Int32) {
        process.withLock { process in
            if let process { _ = Foundation.kill(process.processIdentifier, signal) }
        }
    }

    /// What `redis-cli` says to a command.
    @discardableResult
    public func ask(_ command: String...) throws -> String {
        try Shell.run(["redis-cli", "-p", String(port)] + command)
    }
}

/// A Redis Cluster of three servers.
public struct RedisCluster3: Sendable {
    public let servers: [RedisServer]

    public static func start() async throws -> RedisCluster3 {
        var servers: [RedisServer] = []
        for _ in 0..<3 {
            servers.append(
                try await .start([
                    "--cluster-enabled", "yes", "--cluster-port", String(try LoopbackPort.free()),
                    "--cluster-node-timeout", "2000",
                ]))
        }
        let addresses = servers.map { "127.0.0.1:\($0.port)" }
        try Shell.run(["redis-cli", "--cluster", "create"] + addresses + ["--cluster-yes"])
        for server in servers {
            while try !server.ask("cluster", "info").contains("cluster_state:ok") {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        return RedisCluster3(servers: servers)
    }

    public var url: String { "redis://" + servers.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") }
}

/// Ports of this machine that only it can reach.
public enum LoopbackPort {
    public struct Unavailable: Error {}

    /// One that nothing listens on.
    public static func free() throws -> Int {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
            }
        }
        guard bound else { throw Unavailable() }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    public static func isOpen(_ port: Int) -> Bool {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = loopback(port: UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// Programs that tests need.
public enum Shell {
    public struct Failed: Error {
        let command: String
        let output: String
    }

    /// Runs a program to its end and returns what it printed.
    @discardableResult
    public static func run(_ command: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(command: command.joined(separator: " "), output: text)
        }
        return text
    }
}
