import FoundationEssentials
import NIOCore

/// Moments as text: `2026-01-02T03:04:05.123456Z`, always UTC with microseconds.
///
/// Hand-written because a formatter made for each request costs more than the request.
public enum Timestamp {
    /// Microseconds since 1970 of 0001-01-01 and of 10000-01-01: between them the year has four digits.
    private static let range: Range<Double> = -62_135_596_800_000_000..<253_402_300_800_000_000

    public static func text(_ date: Date) -> String {
        String(unsafeUninitializedCapacity: 27) { fill(UnsafeMutableRawBufferPointer($0), with: date) }
    }

    public static func write(_ date: Date, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 27) { fill($0, with: date) }
    }

    /// Microseconds since 1970, rounded; dates outside the years 1 to 9999 are moved to their edge.
    public static func microseconds(_ date: Date) -> Int64 {
        let exact = (date.timeIntervalSince1970 * 1_000_000).rounded()
        guard !exact.isNaN else { return 0 }
        return Int64(min(max(exact, range.lowerBound), range.upperBound.nextDown))
    }

    private static func fill(_ target: UnsafeMutableRawBufferPointer, with date: Date) -> Int {
        let microseconds = microseconds(date)
        let (seconds, fraction) = floored(microseconds, by: 1_000_000)
        let (days, secondOfDay) = floored(seconds, by: 86_400)
        let day = CivilDay(daysSince1970: Int(days))
        let second = Int(secondOfDay)

        func digits(_ value: Int, _ count: Int, at position: Int) {
            var rest = value
            for index in (position..<position + count).reversed() {
                target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
        }
        digits(day.year, 4, at: 0)
        target[4] = UInt8(ascii: "-")
        digits(day.month, 2, at: 5)
        target[7] = UInt8(ascii: "-")
        digits(day.day, 2, at: 8)
        target[10] = UInt8(ascii: "T")
        digits(second / 3600, 2, at: 11)
        target[13] = UInt8(ascii: ":")
        digits(second / 60 % 60, 2, at: 14)
        target[16] = UInt8(ascii: ":")
        digits(second % 60, 2, at: 17)
        target[19] = UInt8(ascii: ".")
        digits(Int(fraction), 6, at: 20)
        target[26] = UInt8(ascii: "Z")
        return 27
    }

    private static func floored(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// The arithmetic counts in eras of 400 years from 1 March, after Howard Hinnant's "chrono-Compatible
/// Low-Level Date Algorithms".
struct CivilDay: Equatable {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSince1970 days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// Whether the month has that day; found by counting there and back.
    var exists: Bool {
        (1...12).contains(month) && (1...31).contains(day) && CivilDay(daysSince1970: daysSince1970) == self
    }
}
