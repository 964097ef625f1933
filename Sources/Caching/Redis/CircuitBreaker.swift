/// Whether to ask a server that could not do lately what it was asked: one command at a time finds out, the others go on
/// without it.
///
/// For servers that answer, but only that they cannot: a cluster that is not whole, one that loads its data. Where there
/// is no answer at all the connection is given up, and `RedisNode` makes a new one by the same `Backoff`.
struct CircuitBreaker: Sendable {
    enum Passage {
        case free
        /// Finds out whether the server can again; whoever is let through so says it by `failed` or `succeeded`.
        case probe
        case closed
    }

    /// A probe that is not heard of for so long is followed by another.
    private static let probeTime = Duration.seconds(1)

    private var backoff = Backoff()
    /// Nil while all is well.
    private var closedUntil: ContinuousClock.Instant?

    var isClosed: Bool { closedUntil != nil }

    mutating func passage(at now: ContinuousClock.Instant) -> Passage {
        guard let closedUntil else { return .free }
        guard closedUntil <= now else { return .closed }
        self.closedUntil = now + Self.probeTime
        return .probe
    }

    /// - Parameter chance: from 0 to 1, spreads the waits.
    mutating func failed(at now: ContinuousClock.Instant, chance: Double = .random(in: 0...1)) {
        closedUntil = now + backoff.next(chance: chance)
    }

    mutating func succeeded() {
        closedUntil = nil
        backoff = Backoff()
    }
}
