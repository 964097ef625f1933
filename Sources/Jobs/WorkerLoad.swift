import Foundation
import Persistence

/// How many jobs a worker would take now.
struct ClaimDemand: Sendable, Equatable {
    var interactive = 0
    var others = 0

    static let none = ClaimDemand()
}

/// An attempt that has ended and is not written down yet.
struct Settlement: Sendable {
    let job: ClaimedJob
    let outcome: JobOutcome
    let progress: JobProgress?
    /// What the handler threw, if it did.
    var error: (any Error)?
    /// Whether its handler was told of the failure, where it wants to know, and could not write it down.
    var isFollowedUp = false
}

/// What a worker holds: jobs that run, jobs that wait for a slot, and ends to be written. Decides what may start
/// and how much to claim.
struct WorkerLoad {
    let slots: Int
    let reservedForInteractive: Int
    var pace: ClaimPace
    private(set) var running: [Job.ID: RunningJob] = [:]
    /// In reverse order of their start.
    private(set) var claimed: [ClaimedJob] = []
    private(set) var claimedAt: Date?
    var settlements: [Settlement] = []
    /// Set at shutdown: nothing new starts.
    var isClosing = false
    private var runningOthers = 0

    init(slots: Int, reservedForInteractive: Int) {
        self.slots = slots
        self.reservedForInteractive = reservedForInteractive
        pace = ClaimPace(slots: slots)
    }

    var held: [Job.ID] { Array(running.keys) + claimed.map(\.id) + settlements.map(\.job.id) }

    var demand: ClaimDemand {
        let ahead = pace.ahead
        guard !isClosing, claimed.count <= ahead / 2 else { return .none }
        let free = slots - running.count
        return ClaimDemand(
            interactive: max(0, free + ahead - claimed.count),
            others: max(0, min(free, freeForOthers) + ahead - claimed.count))
    }

    mutating func add(_ jobs: [ClaimedJob], at now: Date) {
        guard !jobs.isEmpty else { return }
        claimed = (claimed + jobs).sorted { ClaimedJob.startsBefore($1, $0) }
        claimedAt = now
    }

    /// The next job to start, where a slot is free for it.
    mutating func takeNext() -> ClaimedJob? {
        guard !isClosing, running.count < slots, let next = claimed.last,
            next.priority == .interactive || freeForOthers > 0
        else { return nil }
        return claimed.removeLast()
    }

    /// Claimed jobs that have not started, to be put back.
    mutating func takeClaimed() -> [ClaimedJob] {
        defer { claimed = [] }
        return claimed
    }

    mutating func dropClaimed(_ job: Job.ID) -> ClaimedJob? {
        claimed.firstIndex { $0.id == job }.map { claimed.remove(at: $0) }
    }

    mutating func removeSettlement(of job: Job.ID) { settlements.removeAll { $0.job.id == job } }

    mutating func markFollowedUp(_ job: Job.ID) {
        for index in settlements.indices where settlements[index].job.id == job {
            settlements[index].isFollowedUp = true
        }
    }

    mutating func start(_ job: RunningJob) {
        running[job.job.id] = job
        if job.job.priority != .interactive { runningOthers += 1 }
    }

    /// - Returns: whether it was running; an abandoned one no longer is.
    mutating func end(_ job: RunningJob) -> Bool {
        guard running[job.job.id] === job else { return false }
        running[job.job.id] = nil
        if job.job.priority != .interactive { runningOthers -= 1 }
        return true
    }

    private var freeForOthers: Int { slots - reservedForInteractive - runningOthers }
}
