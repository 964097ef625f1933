import Synchronization

/// A copy of the database that follows the primary and answers reads.
final class PostgresReplica: Sendable {
    private struct State {
        var replayed = LogPosition.start
        var askedAt: ContinuousClock.Instant?
        /// Away until somebody has seen it answer.
        var isAway = false
        var triedAt: ContinuousClock.Instant?
    }

    /// A copy that answers more slowly than this is as good as none: there is the primary.
    private static let limits = PostgresLimits(
        statement: .seconds(4), lock: .seconds(4), idle: nil, answer: .seconds(5))
    /// The wait for one of its connections, likewise.
    private static let waitLimit = Duration.seconds(1)
    /// How often it is asked how far it is, at the most.
    private static let askInterval = Duration.milliseconds(3)
    /// How often one that is away is tried.
    private static let tryInterval = Duration.seconds(3)

    private let pool: PostgresPool
    private let state = Mutex(State())

    init(_ address: PostgresAddress, size: PostgresPoolSize) {
        var size = size
        size.waitLimit = min(size.waitLimit, Self.waitLimit)
        let address = address.connecting(within: 2)
        pool = PostgresPool(size) { try PostgresConnection(address, limits: Self.limits) }
    }

    /// Whether it answers and has replayed the log up to the position.
    func hasReached(_ position: LogPosition) async -> Bool {
        let (isAway, replayed) = state.withLock { ($0.isAway, $0.replayed) }
        if isAway {
            tryAgain()
            return false
        }
        if replayed >= position { return true }
        guard mayAsk() else { return false }
        return await ask() >= position
    }

    /// - Throws: `RepeatableFailure` where the same may be read elsewhere.
    func read<Value: Sendable>(
        _ kind: PostgresTransaction.Kind, _ access: RowAccess,
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        do {
            return try await pool.run { try $0.read(kind, access, body) }
        } catch let repeatable as RepeatableFailure {
            if case .unavailable = repeatable.failure as? DatabaseFailure { markAway() }
            throw repeatable
        } catch let failure as DatabaseFailure where failure == .busy || failure == .timedOut {
            throw RepeatableFailure(failure)
        }
    }

    func close() throws { try pool.close() }

    private func mayAsk() -> Bool {
        state.withLock { state in
            if let askedAt = state.askedAt, askedAt.duration(to: .now) < Self.askInterval { return false }
            state.askedAt = .now
            return true
        }
    }

    private func ask() async -> LogPosition {
        do {
            let position = try await pool.run { connection in
                try connection.read(.readOnce, .installation) { try $0.logPosition("pg_last_wal_replay_lsn()") }
            }
            return state.withLock { state in
                state.isAway = false
                state.replayed = position ?? .start
                return state.replayed
            }
        } catch DatabaseFailure.busy {
            // It is there, and has enough to do.
            return .start
        } catch {
            if !(error is CancellationError) { markAway() }
            return .start
        }
    }

    private func markAway() {
        state.withLock { state in
            state.isAway = true
            // Another server may stand there when it comes back.
            state.replayed = .start
            state.triedAt = .now
        }
    }

    /// Beside the reads, so that none of them waits for it.
    private func tryAgain() {
        let isDue = state.withLock { state in
            if let triedAt = state.triedAt, triedAt.duration(to: .now) < Self.tryInterval { return false }
            state.triedAt = .now
            return true
        }
        if isDue { Task { await ask() } }
    }
}

extension SQLConnection {
    func logPosition(_ expression: SQL) throws -> LogPosition? {
        try value("SELECT \(expression)", as: Int64.self).map { LogPosition(rawValue: UInt64(bitPattern: $0)) }
    }
}
