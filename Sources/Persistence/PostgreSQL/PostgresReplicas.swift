import Synchronization

/// Spreads reads over replicas; an owner who has just written is sent to none that has not got that yet.
final class PostgresReplicas: Sendable {
    let positions: WrittenPositions
    private let replicas: [PostgresReplica]
    private let turn = Mutex(0)
    /// Where the primary was when this process began: what was written before through another is in it.
    private let beginning = Mutex<LogPosition?>(nil)

    init(_ addresses: [PostgresAddress], size: PostgresPoolSize, positions: WrittenPositions) {
        self.positions = positions
        replicas = addresses.map { PostgresReplica($0, size: size) }
    }

    /// A replica for an owner's read; nil where the primary must answer it.
    func next(for owner: Int64, primary: PostgresPool) async -> PostgresReplica? {
        guard let beginning = await beginning(of: primary) else { return nil }
        let needed = max(beginning, await positions.needed(owner))
        let first = turn.withLock { turn in
            turn = (turn + 1) % replicas.count
            return turn
        }
        for offset in replicas.indices {
            let replica = replicas[(first + offset) % replicas.count]
            if await replica.hasReached(needed) { return replica }
        }
        return nil
    }

    private func beginning(of primary: PostgresPool) async -> LogPosition? {
        if let known = beginning.withLock({ $0 }) { return known }
        let position = try? await primary.run { connection in
            try connection.read(.installation) { try $0.logPosition("pg_current_wal_insert_lsn()") }
        }
        guard let position else { return nil }
        beginning.withLock { $0 = position }
        return position
    }

    func close() throws { for replica in replicas { try replica.close() } }
}
