import Foundation
import Synchronization

/// What a command says: results on standard output, messages on standard error.
enum Console {
    static func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func write(_ bytes: [UInt8]) {
        FileHandle.standardOutput.write(Data(bytes))
    }

    static func say(_ message: String) {
        FileHandle.standardError.write(Data((message + "\n").utf8))
    }

    static func isTerminal(_ handle: FileHandle) -> Bool { isatty(handle.fileDescriptor) == 1 }

    /// One value as one line.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Why a command could not do its work, in words.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A bar that shows at a terminal how far long work is; elsewhere nothing.
struct ProgressBar: Sendable {
    private let isShown = Console.isTerminal(FileHandle.standardError)
    private let start = ContinuousClock.now

    func show(_ done: Int, of total: Int?, _ message: String) {
        guard isShown else { return }
        var line = "\r\u{1B}[K\(message) \(done)"
        if let total, total > 0 {
            let width = 30
            let filled = min(width, done * width / total)
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            line = "\r\u{1B}[K\(message) \(bar) \(done)/\(total)\(remaining(done, of: total))"
        }
        FileHandle.standardError.write(Data(line.utf8))
    }

    func finish() {
        if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }

    private func remaining(_ done: Int, of total: Int) -> String {
        let elapsed = ContinuousClock.now - start
        guard done > 0, elapsed > .seconds(2) else { return "" }
        let seconds = Double(elapsed.components.seconds) * Double(total - done) / Double(done)
        return String(format: "  %.0f s left", seconds)
    }
}
