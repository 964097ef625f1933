/// How a worker works.
public struct WorkerConfiguration: Sendable {
    /// Handlers that run at once.
    public var slots: Int
    /// Of these, slots that only interactive jobs may take, so that they need not wait for a long bulk job.
    public var reservedForInteractive: Int
    /// How often it looks for work of which it was not told, and for handlers out of time.
    public var pollInterval: Duration
    public var heartbeatInterval: Duration
    /// A worker that was not heard of for this long has lost its jobs to others.
    public var lease: Duration
    /// Progress is written at most this often.
    public var progressInterval: Duration
    /// How long running handlers may go on after a graceful shutdown began, before they are cancelled.
    public var shutdownGrace: Duration
    /// How long a cancelled handler is waited for.
    public var cancellationGrace: Duration

    public init(
        slots: Int = 8,
        reservedForInteractive: Int = 1,
        pollInterval: Duration = .seconds(1),
        heartbeatInterval: Duration = .seconds(5),
        lease: Duration = .seconds(20),
        progressInterval: Duration = .milliseconds(250),
        shutdownGrace: Duration = .seconds(20),
        cancellationGrace: Duration = .seconds(3)
    ) {
        self.slots = max(1, slots)
        self.reservedForInteractive = min(max(0, reservedForInteractive), self.slots - 1)
        self.pollInterval = pollInterval
        self.heartbeatInterval = heartbeatInterval
        self.lease = lease
        self.progressInterval = progressInterval
        self.shutdownGrace = shutdownGrace
        self.cancellationGrace = cancellationGrace
    }
}
