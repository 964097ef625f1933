import FoundationEssentials

extension Timestamp {
    /// Reads a date (`2026-01-02`, midnight UTC) or a date-time with or without seconds, fraction and zone.
    ///
    /// Without a zone the text is taken as UTC; digits below the microsecond are dropped. `nil` where the text
    /// is no such moment.
    public static func date(_ text: some StringProtocol) -> Date? {
        moment(text)?.date
    }

    /// The same, and whether the text named a whole day only.
    static func moment(_ text: some StringProtocol) -> (date: Date, isWholeDay: Bool)? {
        var reader = DigitReader(Array(text.utf8.prefix(64)))
        guard let day = reader.day() else { return nil }
        if reader.isAtEnd { return (date(day: day, microseconds: 0), true) }
        guard let time = reader.timeOfDay(), let offset = reader.zoneOffset(), reader.isAtEnd else { return nil }
        return (date(day: day, microseconds: time - offset * 1_000_000), false)
    }

    private static func date(day: CivilDay, microseconds: Int) -> Date {
        Date(timeIntervalSince1970: Double(day.daysSince1970 * 86_400_000_000 + microseconds) / 1_000_000)
    }
}

/// Reads fixed-width numbers and separators off the front of an ASCII text.
private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func day() -> CivilDay? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2) else {
            return nil
        }
        let civil = CivilDay(year: year, month: month, day: day)
        return year >= 1 && civil.exists ? civil : nil
    }

    /// `T03:04:05.123456` in microseconds; a leap second counts as the first second of the next minute.
    mutating func timeOfDay() -> Int? {
        guard take("T") || take("t") || take(" "), let hour = number(2), take(":"), let minute = number(2),
            hour < 24, minute < 60
        else { return nil }
        var microseconds = (hour * 60 + minute) * 60_000_000
        if take(":") {
            guard let second = number(2), second <= 60 else { return nil }
            microseconds += second * 1_000_000
            if take(".") || take(",") {
                guard let fraction = fraction() else { return nil }
                microseconds += fraction
            }
        }
        return microseconds
    }

    /// `Z`, `+02:00`, `+0200`, `+02` or nothing, in seconds east of UTC.
    mutating func zoneOffset() -> Int? {
        if isAtEnd || take("Z") || take("z") { return 0 }
        let sign = take("+") ? 1 : -1
        guard sign == 1 || take("-"), let hours = number(2), hours < 24 else { return nil }
        if isAtEnd { return sign * hours * 3600 }
        _ = take(":")
        guard let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func fraction() -> Int? {
        var value = 0
        var digits = 0
        while let digit = number(1) {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(digits, 6) { value *= 10 }
        return value
    }

    private mutating func number(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        position += count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
