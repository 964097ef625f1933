/// What a process knows of the primary, and whether that is enough to read from replicas. Pure.
///
/// Positions of single owners say enough only on top of a floor: everything that was written before positions were
/// there to be read. And only as long as nobody has written what could not be told; whoever does so says it on the
/// primary, waits until every look before that is too old to go by, and only then is the write acknowledged.
struct ReplicaOutlook {
    /// What the primary said.
    struct Report: Sendable {
        let askedAt: ContinuousClock.Instant
        /// As it was before the primary was asked; nil for positions of one process.
        let epoch: Int?
        let position: LogPosition
        /// Somebody writes what others cannot be told of.
        let hasUnshared: Bool
    }

    enum Standing: Equatable {
        case good
        /// Still good; the primary is asked again beside the read.
        case aging
        case unknown
    }

    /// How long a look is good.
    static let trust = Duration.milliseconds(250)
    /// For how long one announcement of unshared writes holds.
    static let pause = Duration.seconds(5)
    /// A primary that did not answer is left in peace for so long.
    private static let retryInterval = Duration.seconds(1)

    private var last: Report?
    private var failedAt: ContinuousClock.Instant?
    private var floor = LogPosition.start

    func standing(at now: ContinuousClock.Instant, epoch: Int?) -> Standing {
        guard let last, last.epoch == epoch else { return .unknown }
        // Nobody else writes.
        if epoch == nil { return .good }
        let age = now - last.askedAt
        if age <= Self.trust { return age <= Self.trust / 2 ? .good : .aging }
        // Without the primary nobody writes, as far as this process can see.
        guard let failedAt else { return .unknown }
        return now - failedAt <= Self.retryInterval ? .good : .aging
    }

    /// What a replica must have replayed for anybody's reads; nil where the primary must answer them.
    func floor(epoch: Int?) -> LogPosition? {
        guard let last, last.epoch == epoch, !last.hasUnshared else { return nil }
        return floor
    }

    mutating func take(_ report: Report) {
        if let last, last.askedAt > report.askedAt { return }
        failedAt = nil
        // An announcement that came and went between two looks takes longer than this.
        let isContinuous =
            last.map { last in
                !last.hasUnshared && last.epoch == report.epoch && report.askedAt - last.askedAt < Self.pause * 0.8
            } ?? false
        if !isContinuous { floor = report.position }
        last = report
    }

    mutating func primaryFailed(at now: ContinuousClock.Instant) { failedAt = now }
}
