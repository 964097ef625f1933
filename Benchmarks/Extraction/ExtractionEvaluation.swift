import Foundation
import Reading

/// Compares extraction with the expected results of Mozilla Readability's test pages: folders with
/// `source.html`, `expected.html` and `expected-metadata.json`.
public enum ExtractionEvaluation {
    /// The address Readability's own tests give their pages.
    public static let pageAddress = "http://fakehost/test/page.html"

    public struct PageScore: Sendable {
        public var name: String
        /// Harmonic mean of precision and recall over the words of the text, each counted as often
        /// as it occurs.
        public var f1: Double
        /// Whether each field agrees with the expected metadata, by the field's name there.
        public var agreements: [String: Bool]
        public var seconds: Double
        public var bytes: Int
        public var details: [String: (expected: String, found: String)]
    }

    public struct Report: Sendable {
        public var pages: [PageScore]

        public var meanF1: Double { mean(pages.map(\.f1)) }
        public var worst: PageScore? { pages.min { $0.f1 < $1.f1 } }
        public var pagesPerSecond: Double { Double(pages.count) / max(pages.reduce(0) { $0 + $1.seconds }, 1e-9) }

        /// The share of pages on which a field agrees, among those whose expectation names it.
        public func agreement(on field: String) -> Double {
            mean(pages.compactMap { $0.agreements[field] }.map { $0 ? 1 : 0 })
        }

        private func mean(_ values: [Double]) -> Double {
            values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        }
    }

    /// Runs over every page folder in `data`, a second time for the clock once all is warm.
    public static func run(data: URL) throws -> Report {
        let folders = try FileManager.default.contentsOfDirectory(at: data, includingPropertiesForKeys: nil)
            .filter { FileManager.default.fileExists(atPath: $0.appending(path: "source.html").path) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let extractor = PageExtractor()
        return Report(pages: try folders.map { try score($0, with: extractor) })
    }

    static func score(_ folder: URL, with extractor: PageExtractor) throws -> PageScore {
        let source = [UInt8](try Data(contentsOf: folder.appending(path: "source.html")))
        let expected = try String(contentsOf: folder.appending(path: "expected.html"), encoding: .utf8)
        let metadata = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appending(path: "expected-metadata.json")))
        let url = WebURL(pageAddress)
        _ = extractor.extract(utf8: source, url: url)
        let clock = ContinuousClock()
        let start = clock.now
        let page = extractor.extract(utf8: source, url: url)
        let time = (clock.now - start).components
        let fields = compare(page, metadata as? [String: Any] ?? [:])
        return PageScore(
            name: folder.lastPathComponent, f1: f1(tokens(page.text), tokens(visibleText(expected))),
            agreements: fields.mapValues { normalized($0.expected) == normalized($0.found) },
            seconds: Double(time.seconds) + Double(time.attoseconds) / 1e18, bytes: source.count, details: fields)
    }

    private static func compare(
        _ page: ExtractedPage, _ expected: [String: Any]
    ) -> [String: (expected: String, found: String)] {
        let found = [
            "title": page.title, "byline": page.byline, "siteName": page.siteName, "excerpt": page.excerpt,
            "lang": page.lang, "publishedTime": page.publishedAt,
        ]
        var fields: [String: (expected: String, found: String)] = [:]
        for (field, value) in found where expected.keys.contains(field) {
            // Dates are read from more vocabularies than the expectations were made with.
            if field == "publishedTime", expected[field] is NSNull { continue }
            fields[field] = (expected[field] as? String ?? "", value ?? "")
        }
        return fields
    }

    private static func normalized(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    // MARK: - Words

    static func tokens(_ text: String) -> [Substring] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }
    }

    static func f1(_ found: [Substring], _ expected: [Substring]) -> Double {
        guard !found.isEmpty, !expected.isEmpty else { return found.isEmpty && expected.isEmpty ? 1 : 0 }
        var counts: [Substring: Int] = [:]
        for token in expected { counts[token, default: 0] += 1 }
        var common = 0
        for token in found where counts[token, default: 0] > 0 {
            counts[token]? -= 1
            common += 1
        }
        return 2 * Double(common) / Double(found.count + expected.count)
    }

    private static let inline: Set<Substring> = [
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
        "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
        "var", "wbr",
    ]

    /// Text of serialised markup: block elements separate words, inline ones do not.
    static func visibleText(_ html: String) -> String {
        var text = ""
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            text += rest[..<start]
            let end = rest[start...].firstIndex(of: ">") ?? rest.index(before: rest.endIndex)
            let name = rest[start..<end].dropFirst().drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
            if !inline.contains(name) { text += " " }
            rest = rest[rest.index(after: end)...]
        }
        text += rest
        let references = [
            ("&nbsp;", " "), ("&#160;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&"),
        ]
        return references.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
