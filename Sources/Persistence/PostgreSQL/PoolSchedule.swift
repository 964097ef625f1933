/// Decides which work runs now and which waits; `PostgresPool` does as it says.
struct PoolSchedule<Work: Sendable>: Sendable {
    enum Decision: Equatable {
        /// On a thread and a connection of its own.
        case start
        /// Until a thread has time. The first to wait starts the clock that calls `tick`.
        case wait(startsClock: Bool)
        /// As much work waits as is allowed.
        case full
        /// The pool is closed.
        case refuse
    }

    struct Tick {
        /// To be started on one more connection.
        var start: Work?
        /// Has waited too long.
        var expired: [Work] = []
        var goesOn = false
    }

    private struct Waiting {
        let work: Work
        let since: ContinuousClock.Instant
    }

    /// Work that has waited this long gets one more connection: usual work is done sooner than that, and more
    /// connections than processors slow one another down.
    static var overflowAfter: Duration { .milliseconds(5) }

    private let size: PostgresPoolSize
    private var waiting: [Waiting] = []
    private var running = 0
    private var hasClock = false
    private(set) var isClosed = false

    init(_ size: PostgresPoolSize) { self.size = size }

    mutating func submit(_ work: Work, at now: ContinuousClock.Instant) -> Decision {
        if isClosed { return .refuse }
        if running < size.kept && waiting.isEmpty {
            running += 1
            return .start
        }
        guard waiting.count < size.waitingLimit else { return .full }
        waiting.append(Waiting(work: work, since: now))
        defer { hasClock = true }
        return .wait(startsClock: !hasClock)
    }

    /// What a thread does after its work; nil ends it.
    mutating func next() -> Work? {
        guard !waiting.isEmpty else {
            running -= 1
            return nil
        }
        return waiting.removeFirst().work
    }

    mutating func tick(at now: ContinuousClock.Instant) -> Tick {
        var tick = Tick()
        let expired = waiting.prefix { now - $0.since >= size.waitLimit }.count
        tick.expired = waiting.prefix(expired).map(\.work)
        waiting.removeFirst(expired)
        if running < size.kept + size.overflow, let oldest = waiting.first,
            running < size.kept || now - oldest.since >= Self.overflowAfter
        {
            tick.start = waiting.removeFirst().work
            running += 1
        }
        hasClock = !waiting.isEmpty
        tick.goesOn = hasClock
        return tick
    }

    /// Takes work out that waits and is no longer wanted; nil where it waits no more.
    mutating func withdraw(where isUnwanted: (Work) -> Bool) -> Work? {
        guard let place = waiting.firstIndex(where: { isUnwanted($0.work) }) else { return nil }
        return waiting.remove(at: place).work
    }

    /// Takes nothing more; gives back what waits.
    mutating func close() -> [Work] {
        isClosed = true
        defer { waiting = [] }
        return waiting.map(\.work)
    }
}
