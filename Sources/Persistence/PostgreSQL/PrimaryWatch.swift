import Synchronization

/// Asks the primary how far it is, over a connection of its own: who reads from a replica does not wait for the
/// primary's other work.
final class PrimaryWatch: Sendable {
    private struct State {
        var running: Task<ReplicaOutlook.Report?, Never>?
        /// Begins when the running one is done.
        var next: Task<ReplicaOutlook.Report?, Never>?
    }

    private let pool: PostgresPool
    private let epoch: @Sendable () -> Int?
    private let state = Mutex(State())

    /// - Parameter epoch: of the shared positions; nil where there are none.
    init(_ address: PostgresAddress, epoch: @escaping @Sendable () -> Int?) {
        pool = PostgresPool(PostgresPoolSize(kept: 1, overflow: 1)) {
            try PostgresConnection(address, limits: .brief)
        }
        self.epoch = epoch
    }

    /// Asks after the call, once for all who call meanwhile; nil where the primary does not answer.
    func report() async -> ReplicaOutlook.Report? {
        let task = state.withLock { state in
            if let next = state.next { return next }
            let task = Task { [running = state.running] in
                _ = await running?.value
                self.nextBegins()
                return try? await self.ask()
            }
            state.next = task
            return task
        }
        return await task.value
    }

    private func nextBegins() {
        state.withLock { state in
            state.running = state.next
            state.next = nil
        }
    }

    private func ask() async throws -> ReplicaOutlook.Report? {
        let (askedAt, epoch) = (ContinuousClock.now, epoch())
        return try await pool.run { connection in
            try connection.read(.read, .installation) { connection in
                let unshared: SQL =
                    epoch == nil
                    ? "0" : "CASE WHEN EXISTS (\(DatabaseIdentity.unshared)) THEN 1 ELSE 0 END"
                return try connection.first("SELECT pg_current_wal_insert_lsn(), \(unshared)") { row in
                    ReplicaOutlook.Report(
                        askedAt: askedAt, epoch: epoch,
                        position: LogPosition(rawValue: UInt64(bitPattern: try row.next(Int64.self))),
                        hasUnshared: try row.next(Int.self) == 1)
                }
            }
        }
    }

    /// Tells every process to leave replicas alone for a time from now on: somebody writes what others cannot be told of.
    func announceUnshared(for time: Duration) async throws {
        try await pool.run { connection in
            _ = try connection.write(.installation, notesPosition: false) { connection in
                try connection.execute(DatabaseIdentity.announcingUnshared(for: time))
            }
        }
    }

    func close() throws { try pool.close() }
}
