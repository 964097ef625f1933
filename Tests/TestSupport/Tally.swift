import Synchronization

/// Counts what happens in many tasks.
public final class Tally: Sendable {
    private let number = Mutex(0)

    public init() {}

    public var count: Int { number.withLock { $0 } }

    @discardableResult
    public func increment() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }
}
