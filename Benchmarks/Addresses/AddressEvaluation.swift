import Foundation
import Reading

/// Parses and serialises the web platform tests' `urltestdata.json`, comparing every component.
public enum AddressEvaluation {
    public struct Report: Sendable {
        public var cases = 0
        /// The inputs that came out otherwise, with what was expected and found.
        public var failures: [String] = []
    }

    /// What a case expects, by the names of the URL API's attributes; nil for failure.
    private struct Case {
        let input: String
        let base: String?
        let expected: [String: String]?
    }

    private static let attributes = [
        "href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash", "origin",
    ]

    public static func run(file: URL) throws -> Report {
        let cases = try load(file)
        var report = Report(cases: cases.count)
        for test in cases {
            let found = parse(test).map(components)
            guard let problem = difference(of: found, from: test.expected) else { continue }
            report.failures.append("\(test.input.debugDescription) on \(test.base ?? "no base"): \(problem)")
        }
        return report
    }

    private static func load(_ file: URL) throws -> [Case] {
        let entries = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [Any] ?? []
        // The strings between the cases are comments.
        return entries.compactMap { $0 as? [String: Any] }.map { fields in
            let isFailure = fields["failure"] as? Bool ?? false
            return Case(
                input: fields["input"] as? String ?? "", base: fields["base"] as? String,
                expected: isFailure ? nil : fields.compactMapValues { $0 as? String })
        }
    }

    private static func parse(_ test: Case) -> WebURL? {
        guard let base = test.base else { return WebURL(test.input) }
        return WebURL(base).flatMap { WebURL(test.input, base: $0) }
    }

    private static func components(of url: WebURL) -> [String: String] {
        [
            "href": url.href, "protocol": url.scheme + ":", "username": url.username, "password": url.password,
            "host": url.host, "hostname": url.hostname ?? "", "port": url.port.map(String.init) ?? "",
            "pathname": url.path, "search": prefixed("?", url.query), "hash": prefixed("#", url.fragment),
            "origin": url.origin,
        ]
    }

    /// The URL API shows an empty query or fragment as none.
    private static func prefixed(_ sign: String, _ text: String?) -> String {
        guard let text, !text.isEmpty else { return "" }
        return sign + text
    }

    private static func difference(of found: [String: String]?, from expected: [String: String]?) -> String? {
        guard let expected else { return found.map { "should fail, gave \($0["href"] ?? "")" } }
        guard let found else { return "failed, should give \(expected["href"] ?? "")" }
        let wrong = attributes.filter { expected[$0] != nil && expected[$0] != found[$0] }
        guard !wrong.isEmpty else { return nil }
        return wrong.map { "\($0) is \(found[$0] ?? ""), not \(expected[$0] ?? "")" }.joined(separator: "; ")
    }
}
