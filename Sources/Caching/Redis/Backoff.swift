/// How long to wait before a server is tried again.
///
/// Waits double up to a ceiling and are spread at random, so that the instances of an installation do not come back
/// all at once. A connection that soon breaks again does not begin anew: a server that flaps is asked less.
struct Backoff: Sendable {
    static let first = Duration.milliseconds(50)
    static let ceiling = Duration.seconds(2)
    /// A connection that held this long was a good one.
    static let settled = Duration.seconds(5)

    private var failures = 0

    /// The next wait, from half of its full length to the whole.
    ///
    /// - Parameter chance: from 0 to 1.
    mutating func next(chance: Double = .random(in: 0...1)) -> Duration {
        let full = min(Self.ceiling, Self.first * (1 << min(failures, 10)))
        failures += 1
        return full * (0.5 + chance / 2)
    }

    /// Notes how long the connection lived that has just ended.
    mutating func connectionEnded(after lifetime: Duration) {
        if lifetime >= Self.settled { failures = 0 }
    }
}
