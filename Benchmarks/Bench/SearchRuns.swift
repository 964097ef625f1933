import Foundation
import Measurements
import Synchronization

/// Searches over the HTTP API, timed one by one.
struct SearchRuns: Sendable {
    private let port: Int
    private let token: String

    init(server: ServerProcess, token: String) {
        port = server.port
        self.token = token
    }

    /// Milliseconds of each query, sent one after the other.
    func time(_ queries: [String], _ mode: String) throws -> Samples {
        Samples(try Self.times(queries, mode, port: port, token: token))
    }

    /// The same by several clients at once, each with its part of the queries; and searches a second.
    func time(_ queries: [String], _ mode: String, clients: Int) throws -> (times: Samples, rate: Double) {
        let results = Mutex<[Result<[Double], any Error>]>([])
        let done = DispatchGroup()
        let start = ContinuousClock.now
        for client in 0..<clients {
            let part = stride(from: client, to: queries.count, by: clients).map { queries[$0] }
            done.enter()
            // A thread each: they wait for answers most of the time.
            Thread { [port, token] in
                let result = Result { try Self.times(part, mode, port: port, token: token) }
                results.withLock { $0.append(result) }
                done.leave()
            }.start()
        }
        done.wait()
        let elapsed = ContinuousClock.now - start
        let times = try results.withLock { try $0.flatMap { try $0.get() } }
        return (Samples(times), Double(times.count) / elapsed.seconds)
    }

    private static func times(_ queries: [String], _ mode: String, port: Int, token: String) throws -> [Double] {
        let connection = try HTTPConnection(port: port, token: token)
        return try queries.map { query in
            let text = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            let start = ContinuousClock.now
            _ = try connection.get("/api/search?mode=\(mode)&limit=10&q=\(text)").checked()
            return (ContinuousClock.now - start).milliseconds
        }
    }
}
