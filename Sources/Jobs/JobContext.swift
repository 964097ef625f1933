import Persistence

/// What a handler knows of its job, and how it reports.
public struct JobContext: Sendable {
    let running: RunningJob
    let queue: JobQueue
    let worker: String
    let progressChanged: @Sendable () -> Void

    public var jobID: Job.ID { running.job.id }

    /// Whose job it is; nil for the installation's.
    public var owner: Int64? { running.job.owner }

    /// Shows how far the work is. Cheap: written now and then, the last value always.
    public func progress(done: Int, total: Int? = nil, message: String? = nil) {
        let isNew = running.report(JobProgress(done: done, total: total, message: message))
        if isNew { progressChanged() }
    }

    /// What a successful end leaves for the owner, as JSON.
    public func result(_ value: some Encodable & Sendable) throws {
        running.result = try JSONText.encode(value)
    }

    /// The last checkpoint, from an earlier attempt; nil where there was none.
    public func lastCheckpoint<State: Decodable>(_ type: State.Type = State.self) throws -> State? {
        try running.job.state.map { try JSONText.decode(type, from: $0) }
    }

    /// Saves where the work stands, so that another attempt can go on from here, in the transaction of the work
    /// itself: both are kept or neither.
    ///
    /// Throws `JobError.leaseLost` where another worker has the job; let the transaction fail with it.
    public func checkpoint(_ state: some Encodable, in connection: SQLConnection) throws {
        let state = try JSONText.encode(state)
        try hold(in: connection) { try $0.checkpoint(state, of: jobID) }
    }

    /// Finishes the job in the transaction of its last effect, which then happens exactly once. The handler
    /// should return soon; what it throws afterwards changes nothing.
    ///
    /// Throws `JobError.leaseLost` where another worker has the job; let the transaction fail with it.
    public func complete(in connection: SQLConnection) throws {
        running.isCompleting = true
        try hold(in: connection) { lease in
            if let progress = running.progress { try lease.write(progress, of: jobID) }
            return try lease.settle(.succeeded(result: running.result), of: jobID, at: queue.now()) != nil
        }
    }

    /// Makes the caller's transaction one that only the holder of the job can commit: nobody can take the job over
    /// before it ends. For effects that neither a checkpoint nor the job's end is written with.
    ///
    /// Throws `JobError.leaseLost` where another worker has the job; let the transaction fail with it.
    public func requireLease(in connection: SQLConnection) throws {
        try hold(in: connection) { try $0.heartbeat([jobID], at: queue.now()).contains(jobID) }
    }

    /// - Parameter body: gives back whether the job was held.
    private func hold(in connection: SQLConnection, _ body: (WorkerLease) throws -> Bool) throws {
        guard !running.isAbandoned else { throw JobError.leaseLost }
        let lease = WorkerLease(worker: worker, connection: connection)
        // The installation's work may be on the rows of one owner after another, who do not see its job.
        let isHeld = try running.job.owner == nil ? connection.acrossOwners { try body(lease) } : body(lease)
        guard isHeld else { throw JobError.leaseLost }
    }
}
