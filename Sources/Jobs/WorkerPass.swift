import Foundation
import Persistence

/// All that a worker has to tell and ask the database at one moment, in one transaction: one disk flush.
struct WorkerPass: Sendable {
    struct Answer: Sendable {
        var claimed: [ClaimedJob] = []
        var cancelled: [Job.ID] = []
        /// Nil where there was no heartbeat.
        var held: Set<Job.ID>?
        var poisonous: [ClaimedJob] = []
    }

    let identity: WorkerIdentity
    let now: Date
    var kinds: [String] = []
    var settlements: [Settlement] = []
    var progress: [(job: Job.ID, progress: JobProgress)] = []
    var demand = ClaimDemand.none
    /// Jobs to prolong; nil where no heartbeat is due.
    var heartbeat: [Job.ID]?
    /// Where a heartbeat is due, leases older than this have ended.
    var leasesSince: Date
    var hasRunning = false

    func perform(in connection: SQLConnection) throws -> Answer {
        let lease = WorkerLease(worker: identity.description, connection: connection)
        var answer = Answer()
        try lease.lock(progress.map(\.job) + settlements.map(\.job.id) + (heartbeat ?? []))
        for (job, progress) in progress { try lease.write(progress, of: job) }
        try settle(with: lease)
        if let heartbeat {
            answer.held = try lease.heartbeat(heartbeat, at: now)
            answer.poisonous = try LeaseRecovery(connection: connection, now: now)
                .release(unheardSince: leasesSince, seenBy: identity)
        }
        if hasRunning { answer.cancelled = try lease.cancelRequested() }
        if demand != .none {
            var line = WaitingLine(connection: connection, now: now)
            try line.admitDelayed()
            answer.claimed = try claim(with: lease)
        }
        return answer
    }

    private func settle(with lease: WorkerLease) throws {
        var plain: [Job.ID] = []
        for settlement in settlements {
            if let progress = settlement.progress { try lease.write(progress, of: settlement.job.id) }
            if settlement.outcome == .succeeded(result: nil) {
                plain.append(settlement.job.id)
            } else {
                try lease.settle(settlement.outcome, of: settlement.job.id, at: now)
            }
        }
        try lease.succeed(plain, at: now)
    }

    private func claim(with lease: WorkerLease) throws -> [ClaimedJob] {
        let interactive = try lease.claim(kinds, "priority = 0", limit: demand.interactive, at: now)
        let others = min(demand.others, max(demand.interactive, demand.others) - interactive.count)
        return try interactive + lease.claim(kinds, "priority > 0", limit: others, at: now)
    }
}
