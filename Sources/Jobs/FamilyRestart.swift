import Foundation
import Persistence

/// Starting a job and its children again, a batch of children in each step.
struct FamilyRestart: Sendable {
    private static let batch = 5000

    let parent: Job.ID
    let now: Date
    /// How many jobs have started again.
    private(set) var count = 0
    private(set) var isDone = false
    /// The last child that was looked at; nil before the job itself was.
    private var last: Job.ID?

    init(parent: Job.ID, now: Date) {
        self.parent = parent
        self.now = now
    }

    /// The job itself and the first batch, then one batch after another.
    func next(in connection: SQLConnection) throws -> FamilyRestart {
        var step = self
        if last == nil { step.count += try restart("id = \(parent)", in: connection) }
        let ended: SQL = "parent_id = \(parent) AND status IN ('failed', 'cancelled') AND id > \(last ?? Job.ID(0))"
        step.last = try connection.value(
            "SELECT id FROM jobs WHERE \(ended) ORDER BY id LIMIT 1 OFFSET \(Self.batch - 1)")
        step.isDone = step.last == nil
        step.count += try restart("\(ended) AND id <= \(step.last ?? Job.ID(.max))", in: connection)
        return step
    }

    /// Of several jobs with one key only the first starts, and none while another is unfinished: that one does the
    /// work.
    private func restart(_ which: SQL, in connection: SQLConnection) throws -> Int {
        try connection.execute(
            """
            UPDATE jobs SET status = 'queued', turn = NULL, run_at = \(now), finished_at = NULL, started_at = NULL,
                attempts = 0, interruptions = 0, failure = NULL, cancel_requested = 0
            WHERE \(which) AND status IN ('failed', 'cancelled') AND (
                unique_key IS NULL
                OR id IN (SELECT MIN(id) FROM jobs WHERE \(which) GROUP BY kind, unique_key)
                    AND NOT EXISTS (
                        SELECT 1 FROM jobs other WHERE other.kind = jobs.kind AND other.unique_key = jobs.unique_key
                            AND other.finished_at IS NULL))
            """)
    }
}
