import FoundationEssentials
import Testing

@testable import HTTPSupport

@Suite("Moments as text")
struct TimestampTests {
    @Test("microseconds survive the way there and back")
    func roundTrip() {
        var random = SplitMix(state: 7)
        for _ in 0..<20_000 {
            let microseconds = Int64.random(in: -62_135_596_800_000_000...4_102_444_800_000_000, using: &random)
            let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
            let back = Timestamp.date(Timestamp.text(date)).map(Timestamp.microseconds)
            // Before 1870 a Date no longer tells single microseconds apart.
            let tolerance: Int64 = microseconds < -3_000_000_000_000_000 ? 10 : 0
            #expect(back.map { abs($0 - Timestamp.microseconds(date)) <= tolerance } == true)
        }
    }

    @Test(
        "the same text as the standard library's formatter",
        arguments: [
            0, 1_767_323_045, -1, 951_782_400, 4_107_542_400, -2_203_891_200, 1_709_164_800,
        ] as [TimeInterval])
    func sameAsFormatter(seconds: TimeInterval) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(Timestamp.text(date).replacing(".000000", with: "") == date.formatted(.iso8601))
    }

    @Test(
        "every way people and programs write a moment",
        arguments: [
            ("2026-01-02", 1_767_312_000), ("2026-01-02T03:04", 1_767_323_040), ("2026-01-02T03:04:05", 1_767_323_045),
            ("2026-01-02T03:04:05Z", 1_767_323_045), ("2026-01-02t03:04:05z", 1_767_323_045),
            ("2026-01-02 03:04:05.5Z", 1_767_323_045.5), ("2026-01-02T03:04:05,25+02:00", 1_767_315_845.25),
            ("2026-01-02T03:04:05.123456789-0130", 1_767_328_445.123456), ("2026-01-02T03:04:60Z", 1_767_323_100),
            ("2024-02-29", 1_709_164_800), ("2026-01-02T03:04:05+02", 1_767_315_845), ("0001-01-01", -62_135_596_800),
        ])
    func accepted(text: String, seconds: TimeInterval) {
        #expect(Timestamp.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test(
        "what is no moment",
        arguments: [
            "", "yesterday", "2026", "2026-1-2", "2026-13-01", "2026-02-29", "2026-00-10", "2026-04-31", "0000-01-01",
            "2026-01-02T", "2026-01-02T24:00:00Z", "2026-01-02T03:60Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z",
            "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+2", "2026-01-02T03:04:05+02:99", "2026-01-02X03:04",
            "٢٠٢٦-01-02",
        ])
    func refused(text: String) {
        #expect(Timestamp.date(text) == nil)
    }

    @Test("dates beyond all calendars stop at the edge instead of trapping")
    func extremes() {
        #expect(Timestamp.text(Date(timeIntervalSince1970: .infinity)).hasPrefix("9999-12-31T23:59:59.9"))
        #expect(Timestamp.text(Date(timeIntervalSince1970: -.infinity)) == "0001-01-01T00:00:00.000000Z")
        #expect(Timestamp.text(Date(timeIntervalSince1970: .nan)) == "1970-01-01T00:00:00.000000Z")
    }
}
