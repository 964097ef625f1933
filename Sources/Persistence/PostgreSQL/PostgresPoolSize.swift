/// How many connections there are, and how long they are used.
public struct PostgresPoolSize: Sendable, Equatable {
    /// Connections that stay open.
    public var kept: Int
    /// More of them while work has to wait.
    public var overflow: Int
    /// How long work waits for a connection; then it fails with `DatabaseFailure.busy`.
    public var waitLimit: Duration
    /// How much work may wait; more is refused at once with `DatabaseFailure.busy`.
    public var waitingLimit: Int
    /// A connection older than this is replaced by a new one.
    public var lifetime: Duration

    public init(
        kept: Int = 5, overflow: Int = 10, waitLimit: Duration = .seconds(30), waitingLimit: Int = 1000,
        lifetime: Duration = .seconds(300)
    ) {
        self.kept = max(1, kept)
        self.overflow = max(0, overflow)
        self.waitLimit = waitLimit
        self.waitingLimit = max(0, waitingLimit)
        self.lifetime = lifetime
    }
}
