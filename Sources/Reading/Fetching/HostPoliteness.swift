import NIOCore
import Synchronization

/// Keeps Fuze from overloading the sites it reads: few connections at once and a pause between
/// requests to the same host.
///
/// Hosts are forgotten once they are idle, so the state is bounded by the fetches of the last
/// moments.
public final class HostPoliteness: Sendable {
    /// The answer to somebody who wants to make a request.
    public enum Turn: Sendable {
        case now(Lease)
        /// Not yet: ask again at this moment. Those who wait are told different moments.
        case wait(until: NIODeadline)
    }

    /// The right to have one connection to a host; given back with ``end()`` or when forgotten.
    public final class Lease: Sendable {
        private let release: Mutex<(@Sendable () -> Void)?>

        fileprivate init(release: @escaping @Sendable () -> Void) {
            self.release = Mutex(release)
        }

        deinit { end() }

        public func end() {
            let release = release.withLock { current in
                defer { current = nil }
                return current
            }
            release?()
        }
    }

    private let connections: Int
    private let interval: TimeAmount
    private let visits = Mutex<[String: HostVisits]>([:])

    public init(connections: Int, interval: Duration) {
        self.connections = max(1, connections)
        self.interval = TimeAmount(interval)
    }

    /// Asks for a turn with a public host.
    public func reserve(_ host: String, at now: NIODeadline = .now()) -> Turn {
        visits.withLock { visits in
            if visits.count >= Self.sweepThreshold { visits = visits.filter { !$0.value.isIdle(at: now) } }
            var visit = visits[host] ?? HostVisits(at: now)
            defer { visits[host] = visit }
            if let moment = visit.begin(at: now, connections: connections, interval: interval) {
                return .wait(until: moment)
            }
            return .now(Lease { [weak self] in self?.end(host) })
        }
    }

    /// Leaves a host alone for a while because it asked for that (`Retry-After`), an hour at most.
    public func leaveAlone(_ host: String, for duration: Duration, at now: NIODeadline = .now()) {
        let pause = min(TimeAmount(duration), .hours(1))
        visits.withLock { visits in
            visits[host, default: HostVisits(at: now)].postpone(until: now + pause)
        }
    }

    /// The hosts remembered at this moment.
    var count: Int { visits.withLock { $0.count } }

    private func end(_ host: String, at now: NIODeadline = .now()) {
        visits.withLock { visits in
            visits[host]?.end()
            if visits[host]?.isIdle(at: now) == true { visits[host] = nil }
        }
    }

    private static let sweepThreshold = 1_024
}

/// What is known about one host: who is connected and when the next request may start.
private struct HostVisits {
    private var active = 0
    private var earliest: NIODeadline
    /// The last moment that somebody was told to come back at.
    private var promised: NIODeadline

    init(at now: NIODeadline) {
        earliest = now
        promised = now
    }

    /// Begins a visit, or gives the moment to ask again.
    mutating func begin(
        at now: NIODeadline, connections: Int, interval: TimeAmount
    ) -> NIODeadline? {
        if now >= earliest, active < connections {
            active += 1
            earliest = now + interval
            return nil
        }
        // A queue longer than a minute is not worth planning; who comes then is told anew.
        let pause = max(interval, .milliseconds(10))
        let next = max(earliest, promised + pause, active < connections ? now : now + pause)
        promised = min(next, max(earliest, now + .minutes(1)))
        return promised
    }

    mutating func end() {
        active = max(0, active - 1)
    }

    mutating func postpone(until moment: NIODeadline) {
        earliest = max(earliest, moment)
    }

    func isIdle(at now: NIODeadline) -> Bool {
        active == 0 && earliest <= now
    }
}
