import Synchronization

/// Spreads reads over replicas; an owner who has just written is sent to none that has not got that yet.
final class PostgresReplicas: Sendable {
    private let positions: WrittenPositions
    private let replicas: [PostgresReplica]
    private let primary: PrimaryWatch
    private let unshared: UnsharedWrites
    private let turn = Mutex(0)
    private let outlook = Mutex(ReplicaOutlook())

    init(
        _ addresses: [PostgresAddress], of primary: PostgresAddress, size: PostgresPoolSize, positions: WrittenPositions
    ) {
        self.positions = positions
        replicas = addresses.map { PostgresReplica($0, size: size) }
        self.primary = PrimaryWatch(primary) { positions.currentEpoch }
        unshared = UnsharedWrites(self.primary)
    }

    /// A replica for an owner's read; nil where the primary must answer it.
    func next(for owner: Int64) async -> PostgresReplica? {
        guard let needed = await needed(by: owner), needed != .end else { return nil }
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

    /// Returns when the write may be acknowledged: nobody will read from a replica that has not got it.
    func noteWrite(_ access: RowAccess, at position: LogPosition) async {
        if await !positions.note(access, position) { await unshared.cover() }
    }

    private func needed(by owner: Int64) async -> LogPosition? {
        guard let known = await positions.needed(owner) else { return await primary.report()?.position }
        guard known != .end, let floor = await floor() else { return nil }
        return max(floor, known)
    }

    /// Asked for after the positions, whose epoch it must be of.
    private func floor() async -> LogPosition? {
        let epoch = positions.currentEpoch
        switch outlook.withLock({ $0.standing(at: .now, epoch: epoch) }) {
        case .good: break
        case .aging: Task { await look() }
        case .unknown: await look()
        }
        return outlook.withLock { $0.floor(epoch: epoch) }
    }

    private func look() async {
        let report = await primary.report()
        outlook.withLock { outlook in
            if let report { outlook.take(report) } else { outlook.primaryFailed(at: .now) }
        }
    }

    func close() throws {
        try primary.close()
        for replica in replicas { try replica.close() }
    }
}
