import Testing

@testable import Persistence

@Suite("Which work runs on a connection, and which waits")
struct PoolScheduleTests {
    private let size = PostgresPoolSize(kept: 2, overflow: 1, waitLimit: .seconds(30))
    private let start = ContinuousClock.now

    private func full() -> PoolSchedule<Int> {
        var schedule = PoolSchedule<Int>(size)
        #expect(schedule.submit(1, at: start) == .start)
        #expect(schedule.submit(2, at: start) == .start)
        #expect(schedule.submit(3, at: start) == .wait(startsClock: true))
        #expect(schedule.submit(4, at: start) == .wait(startsClock: false))
        return schedule
    }

    @Test("a thread that is done takes what has waited longest")
    func takeTurns() {
        var schedule = full()
        #expect(schedule.next() == 3)
        #expect(schedule.next() == 4)
        #expect(schedule.next() == nil)
        #expect(schedule.submit(5, at: start) == .start)
    }

    @Test("work that has waited for a while gets one more connection, but no more than there may be")
    func overflow() {
        var schedule = full()
        #expect(schedule.tick(at: start + .milliseconds(1)).start == nil)
        let tick = schedule.tick(at: start + .milliseconds(6))
        #expect(tick.start == 3 && tick.goesOn)
        #expect(schedule.tick(at: start + .seconds(1)).start == nil)
        #expect(schedule.next() == 4)
        #expect(!schedule.tick(at: start + .seconds(2)).goesOn)
    }

    @Test("work that has waited too long is given up, and the clock stops with the last")
    func waitLimit() {
        var schedule = full()
        _ = schedule.tick(at: start + .milliseconds(6))
        #expect(schedule.submit(5, at: start + .seconds(20)) == .wait(startsClock: false))
        let tick = schedule.tick(at: start + .seconds(30))
        #expect(tick.expired == [4] && tick.goesOn)
        let last = schedule.tick(at: start + .seconds(51))
        #expect(last.expired == [5] && !last.goesOn)
        #expect(schedule.submit(6, at: start + .seconds(52)) == .wait(startsClock: true))
    }

    @Test("no more waits than may, and what is withdrawn leaves room")
    func bound() {
        var schedule = PoolSchedule<Int>(PostgresPoolSize(kept: 1, overflow: 0, waitingLimit: 2))
        #expect(schedule.submit(1, at: start) == .start)
        #expect(schedule.submit(2, at: start) == .wait(startsClock: true))
        #expect(schedule.submit(3, at: start) == .wait(startsClock: false))
        #expect(schedule.submit(4, at: start) == .full)
        #expect(schedule.withdraw { $0 == 2 } == 2)
        #expect(schedule.withdraw { $0 == 1 } == nil)
        #expect(schedule.submit(5, at: start) == .wait(startsClock: false))
        #expect(schedule.next() == 3)
        #expect(schedule.next() == 5)
    }

    @Test("a closed pool takes nothing, and says what still waits")
    func close() {
        var schedule = full()
        #expect(schedule.close() == [3, 4])
        #expect(schedule.submit(5, at: start) == .refuse)
    }
}
