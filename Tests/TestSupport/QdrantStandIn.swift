import Foundation

/// A server that stands in for Qdrant (`Tests/StandIns/qdrant`), for as long as this lives.
public final class QdrantStandIn: Sendable {
    public enum Failure: Error { case didNotStart }

    public let url: String
    private static let starting = NSLock()
    private let process: Process
    private let input: Pipe

    /// - Parameters:
    ///   - port: 0 takes a free one
    ///   - storage: a file that outlives the server
    ///   - slow: seconds it waits before every answer
    ///   - stallBody: seconds it waits before every byte of an answer's body
    ///   - largestRequest: bytes of a body; it refuses larger ones
    public init(
        port: Int = 0, apiKey: String? = nil, storage: String? = nil, slow: Double = 0, stallBody: Double = 0,
        largestRequest: Int? = nil
    ) throws {
        let program = Checkout.standIns.appending(path: "qdrant").path
        var arguments = [
            "python3", "-B", program, "--port", "\(port)", "--slow", "\(slow)", "--stall-body", "\(stallBody)",
        ]
        if let largestRequest { arguments += ["--largest-request", "\(largestRequest)"] }
        if let apiKey { arguments += ["--api-key", apiKey] }
        if let storage { arguments += ["--storage", storage] }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let output = Pipe()
        input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        // One at a time: Foundation's `run` is not safe to call from several threads at once.
        try Self.starting.withLock { try process.run() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard line.hasPrefix("http") else { throw Failure.didNotStart }
        self.process = process
        url = line.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public var port: Int { URL(string: url)?.port ?? 0 }

    /// Connections are taken and nothing is answered, until `resume`.
    public func pause() {
        _ = process.suspend()
        while !isPaused { usleep(1000) }
    }

    /// Threads stop one after the other; one that runs on could answer still.
    private var isPaused: Bool {
        let tasks = URL(filePath: "/proc/\(process.processIdentifier)/task")
        let threads = (try? FileManager.default.contentsOfDirectory(at: tasks, includingPropertiesForKeys: nil)) ?? []
        return threads.allSatisfy { thread in
            guard let state = try? String(contentsOf: thread.appending(path: "stat"), encoding: .utf8) else {
                return true
            }
            return state.split(separator: ")").last?.hasPrefix(" T") ?? true
        }
    }

    public func resume() { _ = process.resume() }

    /// Ends it at once, as a crash does.
    public func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit { stop() }
}
