import Foundation
import Measurements

/// A real `fuze serve` on a folder of data, and what `/proc` tells of its memory.
final class ServerProcess {
    let port: Int
    /// From the start of the process to the first 200 of `/ready`.
    let readyAfter: Duration
    private let process = Process()

    /// Starts the server and waits until it is ready.
    ///
    /// - Parameters:
    ///   - packages: the folder with the model in place of the installed one.
    ///   - database: the address of a PostgreSQL database; nil for SQLite in the folder of data.
    init(_ bench: Bench, data: URL, packages: URL? = nil, database: String? = nil) throws {
        port = try Self.freePort()
        process.executableURL = bench.program
        process.arguments = ["serve", "--host", "127.0.0.1", "--port", "\(port)", "--data-dir", data.path]
        // No `.env` of the folder this runs in.
        process.currentDirectoryURL = data
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("FUZE_") }
        environment["FUZE_RATE_LIMITS"] = "off"
        environment["FUZE_PACKAGES"] = packages?.path ?? ModelPackages.folder
        environment["FUZE_DATABASE_URL"] = database
        process.environment = environment
        let log = data.appending(path: "server.log")
        try Data().write(to: log)
        process.standardError = try FileHandle(forWritingTo: log)
        process.standardOutput = FileHandle.nullDevice
        let start = ContinuousClock.now
        try process.run()
        while (try? HTTPConnection(port: port).get("/ready").status) != 200 {
            guard process.isRunning, ContinuousClock.now - start < .seconds(60) else {
                let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
                throw BenchFailure("The server did not become ready: \(said.suffix(500))")
            }
            usleep(500)
        }
        readyAfter = ContinuousClock.now - start
    }

    func connection(token: String? = nil) throws -> HTTPConnection { try HTTPConnection(port: port, token: token) }

    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// Bytes in memory, by the names of `/proc/…/status`.
    func memory(_ field: MemoryField = .resident) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(field.rawValue + ":") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        return (kilobytes ?? 0) * 1024
    }

    enum MemoryField: String {
        case resident = "VmRSS"
        case peak = "VmHWM"
        /// Without the pages of mapped files, which the system may take back at any time.
        case anonymous = "RssAnon"
    }

    /// The only person of a bench's library.
    static let person = ["username": "bench", "email": "bench@example.com", "password": "correct horse battery"]

    /// Makes the account, and gives its access token.
    func register() throws -> String { try token(from: "/api/auth/register") }

    func signIn() throws -> String { try token(from: "/api/auth/login") }

    private func token(from path: String) throws -> String {
        let answer = try connection().post(path, Self.person).checked().json()
        guard let token = answer["access_token"] as? String else { throw BenchFailure("No access token came.") }
        return token
    }

    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 ? getsockname(listener, address, &size) : -1
            }
        }
        guard code == 0 else { throw BenchFailure("There is no free port.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// Bytes as people read them.
func megabytes(_ bytes: Double) -> Double { bytes / Double(1 << 20) }
