import FoundationEssentials
import NIOHTTP1

/// How long a site asks to be left alone.
enum RetryAfter {
    /// The `Retry-After` header: seconds, or an HTTP date (RFC 9110, 10.2.3).
    static func read(_ headers: HTTPHeaders, at now: Date = .now) -> Duration? {
        guard let value = headers.first(name: "retry-after")?.trimmingSpaces else { return nil }
        if let seconds = Int(value) { return seconds >= 0 ? .seconds(min(seconds, longest)) : nil }
        guard let date = httpDate(value) else { return nil }
        return .seconds(min(max(0, date.timeIntervalSince(now)), Double(longest)))
    }

    /// A week; who asks for more is not coming back for this job.
    private static let longest = 7 * 24 * 3600

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func httpDate(_ value: some StringProtocol) -> Date? {
        let parts = value.split { $0 == " " || $0 == ":" }
        guard parts.count == 8, let month = months.firstIndex(of: String(parts[2])) else { return nil }
        var components = DateComponents(timeZone: .gmt)
        components.day = Int(parts[1])
        components.month = month + 1
        components.year = Int(parts[3])
        components.hour = Int(parts[4])
        components.minute = Int(parts[5])
        components.second = Int(parts[6])
        return Calendar(identifier: .gregorian).date(from: components)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension StringProtocol {
    /// Without the white space at both ends.
    var trimmingSpaces: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
