import Foundation
import Jobs
import Persistence
import Testing

@Suite("Queue")
struct JobQueueTests {
    @Test("a job is written together with what it is for, or not at all")
    func transactional() async throws {
        let shop = try await Workshop()
        let link = try NewJob(saving, Link(), owner: Workshop.ada)
        await #expect(throws: Mishap.self) {
            try await shop.queue.write { connection in
                try shop.queue.enqueue(link, in: connection)
                throw Mishap()
            }
        }
        #expect(try await shop.queue.count(ownedBy: Workshop.ada) == 0)
        let id = try await shop.queue.write { connection in try shop.queue.enqueue(link, in: connection) }
        let job = try #require(try await shop.queue.update(of: id, ownedBy: Workshop.ada)?.job)
        #expect(job.status == .queued)
        #expect(job.kind == "link.save")
        #expect(job.createdAt == shop.clock.now)
        #expect(job.nextRetryAt == nil)
    }

    @Test("of jobs with one key only one waits; when it is finished, another may come")
    func uniqueKeys() async throws {
        let shop = try await Workshop()
        let job = try NewJob(saving, Link(), owner: Workshop.ada, uniqueKey: "link 1")
        let first = try await shop.queue.enqueue(job)
        #expect(try await shop.queue.enqueue(job) == first)
        #expect(try await shop.queue.enqueue([job, job]) == [first, first])
        let ofAnotherKind = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), uniqueKey: "link 1"))
        #expect(ofAnotherKind != first)
        try await shop.queue.cancel(first, ownedBy: Workshop.ada)
        #expect(try await shop.queue.enqueue(job) != first)
    }

    @Test("another user's job does not exist")
    func isolation() async throws {
        let shop = try await Workshop()
        let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
        #expect(try await shop.queue.update(of: id, ownedBy: Workshop.grace) == nil)
        #expect(try await shop.queue.list(ownedBy: Workshop.grace).isEmpty)
        await #expect(throws: JobError.notFound) { try await shop.queue.cancel(id, ownedBy: Workshop.grace) }
        await #expect(throws: JobError.notFound) { try await shop.queue.retry(id, ownedBy: Workshop.grace) }
        #expect(try await shop.status(id) == .queued)
    }

    @Test("an owner's list is newest first, in pages, and counts the children of an import without listing them")
    func list() async throws {
        let shop = try await Workshop()
        let parent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        let child = try NewJob(saving, Link(), owner: Workshop.ada, parent: parent)
        try await shop.queue.enqueue([child, child, child])
        let later = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        #expect(try await shop.queue.list(ownedBy: Workshop.ada).map(\.job.id) == [later, parent])
        let page = try await shop.queue.list(ownedBy: Workshop.ada, before: later, limit: 1)
        #expect(page.map(\.job.id) == [parent])
        #expect(page.map(\.children) == [JobCounts([.queued: 3])])
        #expect(try await shop.queue.count(ownedBy: Workshop.ada) == 2)
    }

    @Test("cancelling a job cancels the children that wait; trying it again brings all of them back")
    func cancelAndRetry() async throws {
        let shop = try await Workshop()
        let parent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        try await shop.queue.enqueue(
            (0..<3).map { _ in try NewJob(saving, Link(), owner: Workshop.ada, parent: parent) })
        let cancelled = try await shop.queue.cancel(parent, ownedBy: Workshop.ada)
        #expect(cancelled.status == .cancelled)
        #expect(cancelled.finishedAt == shop.clock.now)
        #expect(cancelled.children == JobCounts([.cancelled: 3]))
        #expect(try await shop.queue.cancel(parent, ownedBy: Workshop.ada) == cancelled)

        let restarted = try await shop.queue.retry(parent, ownedBy: Workshop.ada)
        #expect(restarted.status == .queued)
        #expect(restarted.children == JobCounts([.queued: 3]))
        await #expect(throws: JobError.notRetryable) { try await shop.queue.retry(parent, ownedBy: Workshop.ada) }
    }

    @Test("a job is not tried again while another does the same")
    func retryOfReplacedJob() async throws {
        let shop = try await Workshop()
        let job = try NewJob(saving, Link(), owner: Workshop.ada, uniqueKey: "link 1")
        let first = try await shop.queue.enqueue(job)
        try await shop.queue.cancel(first, ownedBy: Workshop.ada)
        try await shop.queue.enqueue(job)
        await #expect(throws: JobError.notRetryable) { try await shop.queue.retry(first, ownedBy: Workshop.ada) }
    }

    @Test("a large import starts again in batches; what succeeded stays, and of one key only one job starts")
    func largeRetry() async throws {
        let shop = try await Workshop()
        let parent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        let child = try NewJob(saving, Link(), owner: Workshop.ada, parent: parent)
        try await shop.queue.enqueue(Array(repeating: child, count: 12_000))
        try await shop.database.write { connection in
            try connection.execute(
                """
                UPDATE jobs SET finished_at = 1, status = CASE id % 3 WHEN 0 THEN 'succeeded' WHEN 1 THEN 'failed'
                    ELSE 'cancelled' END
                """)
            try connection.execute("UPDATE jobs SET unique_key = 'link' WHERE parent_id IS NOT NULL AND id % 100 = 1")
        }
        let before = try #require(try await shop.queue.update(of: parent, ownedBy: Workshop.ada)).children
        let twins = try await shop.database.read { connection in
            try connection.value(
                "SELECT COUNT(*) FROM jobs WHERE unique_key = 'link' AND status <> 'succeeded'", as: Int.self) ?? 0
        }
        let after = try await shop.queue.retry(parent, ownedBy: Workshop.ada).children
        #expect(after[.succeeded] == before[.succeeded])
        #expect(after[.failed] + after[.cancelled] == twins - 1)
        #expect(after[.queued] == 12_000 - before[.succeeded] - (twins - 1))
    }
}
