import Foundation
import Persistence
import Testing

@testable import Jobs

@Suite("Schedules")
struct ScheduleTests {
    @Test("scheduled work is enqueued once each time, however many processes have the schedule")
    func once() async throws {
        let shop = try await Workshop()
        let runs = Notebook<Date>()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in runs.note(shop.clock.now) }
        let schedule = Schedule("sweep", every: .seconds(60), try NewJob(nothing, NoPayload()))
        let (_, other) = try shop.secondQueue()
        try await shop.withWorker(handlers, schedules: [schedule]) {
            try await shop.withWorker(handlers, schedules: [schedule], queue: other) {
                try await shop.eventually { runs.entries.count == 1 }
                for count in 2...4 {
                    shop.clock.advance(by: .seconds(60))
                    try await shop.eventually { runs.entries.count == count }
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(runs.entries.count == 4)
    }

    @Test("missed times are made up for by one job, and the grid does not drift")
    func missed() async throws {
        let shop = try await Workshop()
        let schedule = Schedule("sweep", every: .seconds(60), try NewJob(nothing, NoPayload()))
        let start = shop.clock.now
        @Sendable func enqueue(at now: Date) async throws -> Date {
            try await shop.database.write { connection in
                try schedule.enqueueIfDue(in: connection, queue: shop.queue, now: now)
            }
        }
        #expect(try await enqueue(at: start) == start + 60)
        #expect(try await enqueue(at: start + 59) == start + 60)
        #expect(try await enqueue(at: start + 607) == start + 660)
        #expect(try await enqueue(at: start + 608) == start + 660)
        // A process whose clock is behind another's does not repeat what that one has enqueued.
        #expect(try await enqueue(at: start + 550) == start + 660)
        // A clock set back does not stop the schedule.
        #expect(try await enqueue(at: start - 3600) == start - 3540)
        let waiting = try await shop.database.read { try $0.value("SELECT COUNT(*) FROM jobs", as: Int.self) }
        #expect(waiting == 1)
    }

    @Test("what finished long ago is deleted with all its children; a job whose child goes on stays")
    func cleanup() async throws {
        let shop = try await Workshop()
        let cleanup = JobCleanup(shop.queue)
        var handlers = JobHandlers()
        cleanup.register(in: &handlers)
        handlers.register(nothing) { _, _ in }
        let finished = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        let going = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        let waiting = try await shop.queue.enqueue(
            try NewJob(saving, Link(), owner: Workshop.ada, parent: going))
        try await shop.withWorker(handlers) {
            let children = try await shop.queue.enqueue(
                [finished, finished, going].map {
                    try NewJob(nothing, NoPayload(), owner: Workshop.ada, parent: $0)
                })
            for id in [finished, going] + children { _ = try await shop.job(id, is: .succeeded) }
            shop.clock.advance(by: .seconds(7 * 86_400 + 1))
            let recent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
            _ = try await shop.job(recent, is: .succeeded)
            try await shop.withWorker(handlers, schedules: [try cleanup.schedule()]) {
                try await shop.eventually { try await shop.status(finished) == nil }
            }
            #expect(try await shop.queue.list(ownedBy: Workshop.ada).map(\.job.id) == [recent, going])
            #expect(try await shop.status(waiting) == .queued)
            let rows = try await shop.database.read { try $0.values("SELECT id FROM jobs", as: Job.ID.self) }
            #expect(Set(rows).isDisjoint(with: children))
        }
    }
}
