import Foundation

/// Load by wrk (https://github.com/wg/wrk), which costs little itself.
struct LoadGenerator {
    struct Load {
        /// Requests a second.
        var rate = 0.0
        /// Milliseconds.
        var p50 = 0.0
        var p99 = 0.0
        /// Answers other than 2xx or 3xx, and connections that failed.
        var failures = 0
    }

    let connections: Int
    let seconds: Int

    func run(_ url: String, token: String? = nil) throws -> Load {
        var arguments = ["wrk", "-t2", "-c\(connections)", "-d\(seconds)s", "--timeout", "10s", "--latency"]
        if let token { arguments += ["-H", "Authorization: Bearer \(token)"] }
        return Self.parse(try Command.output(arguments + [url]))
    }

    private static func parse(_ output: String) -> Load {
        var load = Load()
        for line in output.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, let last = words.last else { continue }
            switch first {
            case "Requests/sec:": load.rate = Double(last) ?? 0
            case "50%": load.p50 = milliseconds(last)
            case "99%": load.p99 = milliseconds(last)
            case "Non-2xx": load.failures += Int(last) ?? 0
            case "Socket":
                // Socket errors: connect 0, read 12, write 0, timeout 3
                load.failures += words.compactMap { Int($0.trimmingCharacters(in: .punctuationCharacters)) }.reduce(
                    0, +)
            default: break
            }
        }
        return load
    }

    private static func milliseconds(_ text: Substring) -> Double {
        let number = Double(text.prefix { $0.isNumber || $0 == "." }) ?? 0
        if text.hasSuffix("us") { return number / 1000 }
        if text.hasSuffix("ms") { return number }
        return number * (text.hasSuffix("m") ? 60_000 : 1000)
    }
}
