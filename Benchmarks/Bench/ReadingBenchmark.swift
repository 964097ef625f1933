import Foundation
import Measurements
import Reading

/// Extraction and the identity of addresses, one thread.
struct ReadingBenchmark {
    let bench: Bench

    func run() throws -> [Figure] {
        bench.say("pages and addresses")
        return try extraction() + [identity()]
    }

    private func extraction() throws -> [Figure] {
        let folder = bench.data.appending(path: "readability")
        let name = "pages extracted, one thread"
        guard FileManager.default.fileExists(atPath: folder.path) else {
            return [Figure("Reading", name, nil, target: .atLeast(50), note: "no pages at \(folder.path)")]
        }
        let report = try ExtractionEvaluation.run(data: folder)
        let size = report.pages.reduce(0) { $0 + $1.bytes } / max(1, report.pages.count) / 1024
        return [
            Figure(
                "Reading", name, report.pagesPerSecond, "/s", target: .atLeast(50), digits: 0,
                note: "\(report.pages.count) pages of \(size) KB on average")
        ]
    }

    private func identity() -> Figure {
        let addresses = (0..<20_000).map { number in
            switch number % 4 {
            case 0: "https://www.site\(number).example/articles/\(number)?utm_source=feed&b=2&a=1#top"
            case 1: "HTTP://Site\(number).Example:80/a/./b/../c%7Ed/?q=caf%c3%a9&fbclid=x"
            case 2: "https://youtu.be/video\(number)?si=abc&t=30"
            default: "https://en.m.wikipedia.org/wiki/Article_\(number)#History"
            }
        }
        let start = ContinuousClock.now
        let keys = addresses.count { URLIdentity.key(of: $0) != nil }
        let time = (ContinuousClock.now - start).seconds
        return Figure("Reading", "identity keys of addresses, one thread", Double(keys) / time, "/s", digits: 0)
    }
}
