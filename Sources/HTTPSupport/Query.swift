import FoundationEssentials
import Hummingbird

/// The query of a request's address, decoded as browsers encode it.
///
/// An empty value (`?tag=`), as forms send it, counts as absent. The typed readers throw a 400 naming the
/// parameter.
public struct Query: Sendable {
    private let pairs: [(name: String, value: String)]

    public init(_ request: Request) {
        self.init(request.uri.query ?? "")
    }

    public init(_ query: String) {
        pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (
                PercentEncoding.decode(parts[0], plusIsSpace: true),
                parts.count > 1 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The first value of that name which is not empty.
    public subscript(name: String) -> String? {
        pairs.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    public func integer(_ name: String, in range: ClosedRange<Int> = .min ... .max) throws(Problem) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .invalid([name: "must be a whole number\(Self.words(for: range))"])
        }
        return number
    }

    /// `true`, `1`, `yes`, `on` and their opposites; a bare `?flag` counts as absent.
    public func bool(_ name: String) throws(Problem) -> Bool? {
        guard let text = self[name] else { return nil }
        switch text.lowercased() {
        case "true", "1", "yes", "on": return true
        case "false", "0", "no", "off": return false
        default: throw .invalid([name: "must be true or false"])
        }
    }

    /// One of the cases of an enum, by its raw value.
    public func choice<Choice>(_ name: String, of type: Choice.Type = Choice.self) throws(Problem) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self[name] else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid([name: "must be one of \(words)"])
        }
        return choice
    }

    /// Which end of a day a bare date means: the start of a range begins with it, the end includes it.
    public enum DayEdge: Sendable {
        case start
        case end
    }

    /// A date (`2026-01-02`) or date-time, in UTC where no zone is given.
    public func date(_ name: String, day edge: DayEdge = .start) throws(Problem) -> Date? {
        guard let text = self[name] else { return nil }
        // A plus sign of a zone that nobody escaped has arrived as a space.
        let zoned = text.count > 11 ? text.prefix(11) + text.dropFirst(11).replacing(" ", with: "+") : text[...]
        guard let (date, isWholeDay) = Timestamp.moment(zoned) else {
            throw .invalid([name: "must be a date such as 2026-01-02 or 2026-01-02T03:04:05Z"])
        }
        return edge == .end && isWholeDay ? date + (86_400 - 0.000_001) : date
    }

    private static func words(for range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let lower, .max): " of at least \(lower)"
        case (.min, let upper): " of at most \(upper)"
        case (let lower, let upper): " from \(lower) to \(upper)"
        }
    }
}
