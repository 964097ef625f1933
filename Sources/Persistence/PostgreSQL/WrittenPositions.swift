import Synchronization

/// A place in the primary's log (`pg_lsn`): what was committed before it is on every replica that has replayed it.
public struct LogPosition: RawRepresentable, Sendable, Hashable, Comparable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let start = LogPosition(rawValue: 0)

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// How far a replica must be before somebody's reads may go there.
///
/// `.memory` knows what this process has written. Several instances need a shared one: who writes through one and
/// reads through another must find it.
public struct WrittenPositions: Sendable {
    /// Called after each committed write, with whose rows it was for.
    public let note: @Sendable (RowAccess, LogPosition) async -> Void
    /// The newest position that concerns an owner: their own writes, and the installation's.
    public let needed: @Sendable (_ owner: Int64) async -> LogPosition

    public init(
        note: @escaping @Sendable (RowAccess, LogPosition) async -> Void,
        needed: @escaping @Sendable (_ owner: Int64) async -> LogPosition
    ) {
        self.note = note
        self.needed = needed
    }

    /// - Parameter limit: owners remembered; beyond it all of them wait for the newest write of any.
    public static func memory(limit: Int = 100_000) -> WrittenPositions {
        let memory = PositionMemory(limit: limit)
        return WrittenPositions(note: { memory.note($0, $1) }, needed: { memory.needed($0) })
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
