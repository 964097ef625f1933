import NIOCore

/// Decides when a connection has taken too long. Pure: the caller says what time it is.
///
/// Looked at once a tick, since rescheduling a timer with every request would cost more than it saves.
struct ConnectionClock {
    enum Phase: Equatable {
        case awaitingFirstHead
        case idle
        case receivingBody
        /// The request is in; time is the route's own.
        case answering
    }

    enum Verdict: Equatable {
        case inTime
        case close
        /// The body comes in too slowly; the route is told.
        case bodyTooSlow
    }

    private let limits: ConnectionLimits
    private(set) var phase: Phase = .awaitingFirstHead
    private var since: NIODeadline
    private var bodyBytes = 0
    /// Whether the route asks for more of the body; while it does not, waiting is not the client's fault.
    private var wantsBytes = true
    private var unsent: (bytes: Int, since: NIODeadline)?

    init(limits: ConnectionLimits, now: NIODeadline) {
        self.limits = limits
        since = now
    }

    mutating func enter(_ phase: Phase, now: NIODeadline) {
        self.phase = phase
        since = now
        bodyBytes = 0
    }

    mutating func receive(_ bytes: Int) { bodyBytes += bytes }

    mutating func want(_ wants: Bool) { wantsBytes = wants }

    /// - Parameter unsentBytes: What waits for the client to take it.
    mutating func check(now: NIODeadline, unsentBytes: Int) -> Verdict {
        if isWriteStalled(unsentBytes, now: now) { return .close }
        switch phase {
        case .awaitingFirstHead: return now - since >= limits.firstHead ? .close : .inTime
        case .idle: return now - since >= limits.idle ? .close : .inTime
        case .answering: return .inTime
        case .receivingBody: return checkBody(now: now)
        }
    }

    private mutating func checkBody(now: NIODeadline) -> Verdict {
        let span = now - since
        guard span >= limits.bodySpan else { return .inTime }
        let expected = Double(limits.bodyBytesPerSecond) * Double(span.nanoseconds) / 1_000_000_000
        if wantsBytes && Double(bodyBytes) < expected { return .bodyTooSlow }
        since = now
        bodyBytes = 0
        return .inTime
    }

    private mutating func isWriteStalled(_ bytes: Int, now: NIODeadline) -> Bool {
        guard bytes > 0 else {
            unsent = nil
            return false
        }
        guard let before = unsent, bytes >= before.bytes else {
            unsent = (bytes, now)
            return false
        }
        return now - before.since >= limits.stalledWrite
    }
}
