import Foundation
import Persistence

/// A job's state at one moment, for whoever watches it.
public struct JobUpdate: Sendable, Equatable {
    public let job: Job
    public let children: JobCounts

    /// A job whose own part is done goes on as long as its children do.
    public var status: JobStatus {
        job.status == .succeeded && children.unfinished > 0 ? .running : job.status
    }

    /// Nil while the job or what it started goes on.
    public var finishedAt: Date? { status.isFinished ? job.finishedAt : nil }

    /// The job's own progress, and then that of its children.
    public var progress: JobProgress {
        guard job.status == .succeeded, children.total > 0 else { return job.progress }
        return JobProgress(
            done: children.total - children.unfinished, total: children.total, message: job.progress.message)
    }

    /// Nothing more will happen to the job and its children.
    public var isFinal: Bool { job.status.isFinished && children.unfinished == 0 }
}

/// The states of a job until it and its children are finished: the present one at once, then each change seen.
///
/// Changes made in this process, or told by another, are seen within `JobUpdates.pause`, all others within the poll
/// interval. Ends early where the job is deleted.
public struct JobUpdates: AsyncSequence, Sendable {
    /// A watcher reads at most this often, however fast the children finish.
    static let pause = Duration.milliseconds(100)
    /// How long changes may stay unseen that nobody tells of.
    public static let pollInterval = Duration.seconds(1)

    let queue: JobQueue
    let id: Job.ID
    let owner: Int64
    let pollInterval: Duration

    public func makeAsyncIterator() -> Iterator { Iterator(self) }

    public struct Iterator: AsyncIteratorProtocol {
        private let updates: JobUpdates
        private let bell = Doorbell()
        private let subscription: any Sendable
        private var last: JobUpdate?

        init(_ updates: JobUpdates) {
            self.updates = updates
            subscription = updates.queue.watch(updates.id) { [bell] in bell.ring() }
        }

        public mutating func next() async throws -> JobUpdate? {
            if last?.isFinal == true { return nil }
            if last != nil { try await Task.sleep(for: JobUpdates.pause) }
            while true {
                try Task.checkCancellation()
                guard let update = try await updates.queue.update(of: updates.id, ownedBy: updates.owner) else {
                    return nil
                }
                if update != last {
                    last = update
                    return update
                }
                await bell.wait(upTo: updates.pollInterval)
            }
        }
    }
}

extension JobQueue {
    /// - Parameter pollInterval: how long changes may stay unseen that nobody tells of.
    public func updates(
        of id: Job.ID, ownedBy owner: Int64, pollInterval: Duration = JobUpdates.pollInterval
    ) -> JobUpdates {
        JobUpdates(queue: self, id: id, owner: owner, pollInterval: pollInterval)
    }
}
