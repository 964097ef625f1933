import Testing

@testable import Persistence

@Suite("What must be known before replicas are read from")
struct ReplicaOutlookTests {
    private let start = ContinuousClock.now

    private func report(
        _ position: UInt64, after time: Duration, epoch: Int? = 1, hasUnshared: Bool = false
    ) -> ReplicaOutlook.Report {
        ReplicaOutlook.Report(
            askedAt: start + time, epoch: epoch, position: LogPosition(rawValue: position), hasUnshared: hasUnshared)
    }

    @Test("the floor is where the primary was when positions began to be known, and stays there")
    func floor() {
        var outlook = ReplicaOutlook()
        #expect(outlook.floor(epoch: 1) == nil && outlook.standing(at: start, epoch: 1) == .unknown)
        outlook.take(report(10, after: .zero))
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 10))
        outlook.take(report(20, after: .milliseconds(200)))
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 10))
        // An answer that was long on its way says nothing new.
        outlook.take(report(15, after: .milliseconds(100), hasUnshared: true))
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 10))
    }

    @Test("a look is good for a short while only, unless nobody else writes")
    func age() {
        var outlook = ReplicaOutlook()
        outlook.take(report(10, after: .zero))
        #expect(outlook.standing(at: start + .milliseconds(100), epoch: 1) == .good)
        #expect(outlook.standing(at: start + .milliseconds(200), epoch: 1) == .aging)
        #expect(outlook.standing(at: start + .milliseconds(251), epoch: 1) == .unknown)
        var alone = ReplicaOutlook()
        alone.take(report(10, after: .zero, epoch: nil))
        #expect(alone.standing(at: start + .seconds(3600), epoch: nil) == .good)
    }

    @Test("positions that may have been forgotten need a new floor")
    func forgotten() {
        var outlook = ReplicaOutlook()
        outlook.take(report(10, after: .zero))
        #expect(outlook.standing(at: start, epoch: 2) == .unknown && outlook.floor(epoch: 2) == nil)
        outlook.take(report(20, after: .milliseconds(10), epoch: 2))
        #expect(outlook.floor(epoch: 2) == LogPosition(rawValue: 20))
    }

    @Test("while somebody writes what others are not told of, the primary answers; then all of that is needed")
    func unshared() {
        var outlook = ReplicaOutlook()
        outlook.take(report(10, after: .zero))
        outlook.take(report(20, after: .milliseconds(200), hasUnshared: true))
        #expect(outlook.floor(epoch: 1) == nil)
        outlook.take(report(30, after: .milliseconds(400)))
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 30))
    }

    @Test("who has not looked for long may have missed that, and needs all of it")
    func idle() {
        var outlook = ReplicaOutlook()
        outlook.take(report(10, after: .zero))
        outlook.take(report(20, after: ReplicaOutlook.pause))
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 20))
    }

    @Test("without the primary, what was known last goes on; it is tried every second")
    func primaryGone() {
        var outlook = ReplicaOutlook()
        outlook.take(report(10, after: .zero))
        outlook.primaryFailed(at: start + .milliseconds(300))
        #expect(outlook.standing(at: start + .milliseconds(1200), epoch: 1) == .good)
        #expect(outlook.standing(at: start + .milliseconds(1400), epoch: 1) == .aging)
        #expect(outlook.floor(epoch: 1) == LogPosition(rawValue: 10))
    }
}
