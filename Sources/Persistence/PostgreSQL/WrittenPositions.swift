import Synchronization

/// A place in the primary's log (`pg_lsn`): what was committed before it is on every replica that has replayed it.
public struct LogPosition: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let start = LogPosition(rawValue: 0)
    /// Beyond every place that any replica can have reached.
    public static let end = LogPosition(rawValue: .max)

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How far a replica must be before somebody's reads may go there.
///
/// `.memory` knows what this process has written. Several need a shared one: who writes through one and reads through
/// another must find it. Where there is none, `.unknown` has the primary asked before each read.
public struct WrittenPositions: Sendable {
    private let noting: @Sendable (RowAccess, LogPosition) async -> Bool
    private let asking: @Sendable (_ owner: Int64) async -> LogPosition?
    private let epoch: (@Sendable () -> Int)?

    /// - Parameters:
    ///   - note: what was written, with whose rows it was for; gives back whether those who read elsewhere will know.
    ///   - needed: the newest position that concerns an owner: their own writes, and the installation's. Nil where
    ///     nobody knows.
    ///   - epoch: for positions that processes share: another number whenever what was noted before may be forgotten.
    public init(
        note: @escaping @Sendable (RowAccess, LogPosition) async -> Bool,
        needed: @escaping @Sendable (_ owner: Int64) async -> LogPosition?, epoch: (@Sendable () -> Int)? = nil
    ) {
        noting = note
        asking = needed
        self.epoch = epoch
    }

    /// Called after each committed write.
    ///
    /// - Returns: false where others could not be told.
    @discardableResult
    public func note(_ access: RowAccess, _ position: LogPosition) async -> Bool { await noting(access, position) }

    /// The newest position that concerns an owner's reads; nil where nobody knows it.
    public func needed(_ owner: Int64) async -> LogPosition? { await asking(owner) }

    /// Nil for positions of one process.
    var currentEpoch: Int? { epoch?() }

    /// - Parameter limit: owners remembered; beyond it all of them wait for the newest write of any.
    public static func memory(limit: Int = 100_000) -> WrittenPositions {
        let memory = PositionMemory(limit: limit)
        return WrittenPositions {
            memory.note($0, $1)
            return true
        } needed: {
            memory.needed($0)
        }
    }

    /// This process neither tells what it writes nor hears of others.
    ///
    /// - Parameter othersShare: whether other processes go by positions that they share, and rely on being told.
    public static func unknown(othersShare: Bool) -> WrittenPositions {
        WrittenPositions(note: { _, _ in !othersShare }, needed: { _ in nil })
    }
}

private final class PositionMemory: Sendable {
    private struct State {
        var owners: [Int64: LogPosition] = [:]
        /// What everybody's reads need.
        var common = LogPosition.start
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    func note(_ access: RowAccess, _ position: LogPosition) {
        state.withLock { state in
            switch access {
            case .installation: state.common = max(state.common, position)
            case .owner(let id):
                state.owners[id] = max(state.owners[id] ?? .start, position)
                guard state.owners.count > limit else { return }
                state.common = max(state.common, state.owners.values.max() ?? .start)
                state.owners = [:]
            }
        }
    }

    func needed(_ owner: Int64) -> LogPosition {
        state.withLock { max($0.common, $0.owners[owner] ?? .start) }
    }
}
