/// How many jobs a worker claims ahead of its free slots.
///
/// Claiming costs a disk flush, so tiny jobs are claimed in batches: as many as will start within the next
/// moment. Slow ones are not claimed ahead, so that they stay free for other workers and for more urgent work.
struct ClaimPace: Sendable {
    /// How far to look ahead, about the time of some transactions.
    static let horizon = 0.05
    static let limit = 512

    let slots: Int
    /// Moving average of how long jobs take, in seconds. Starts with jobs taken for slow.
    private(set) var averageDuration = 1.0

    init(slots: Int) { self.slots = slots }

    mutating func record(seconds: Double) {
        averageDuration += (max(seconds, 0.000_001) - averageDuration) / 16
    }

    /// What was claimed ahead did not get to start: this is slow work now.
    mutating func claimedTooMuch() { averageDuration = max(averageDuration, 1) }

    var ahead: Int { min(Self.limit, Int(Double(slots) * Self.horizon / averageDuration)) }
}
