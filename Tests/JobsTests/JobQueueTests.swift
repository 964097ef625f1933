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
        let job = try #require(try await shop.queue.find(id, ownedBy: Workshop.ada))
        #expect(job.status == .queued)
        #expect(job.kind == "link.save")
        #expect(job.maxAttempts == 3)
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
        #expect(try await shop.queue.find(id, ownedBy: Workshop.grace) == nil)
        #expect(try await shop.queue.update(of: id, ownedBy: Workshop.grace) == nil)
        #expect(try await shop.queue.list(ownedBy: Workshop.grace).isEmpty)
        #expect(try await shop.queue.children(of: id, ownedBy: Workshop.grace, .queued).isEmpty)
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
        #expect(try await shop.queue.childCounts(of: parent) == JobCounts([.queued: 3]))
        #expect(try await shop.queue.children(of: parent, ownedBy: Workshop.ada, .queued).count == 3)
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
        #expect(try await shop.queue.childCounts(of: parent) == JobCounts([.cancelled: 3]))
        #expect(try await shop.queue.cancel(parent, ownedBy: Workshop.ada) == cancelled)

        #expect(try await shop.queue.retry(parent, ownedBy: Workshop.ada).status == .queued)
        #expect(try await shop.queue.childCounts(of: parent) == JobCounts([.queued: 3]))
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

    @Test("with an account go its jobs")
    func deletion() async throws {
        let shop = try await Workshop()
        let parent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada, parent: parent))
        let other = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.grace))
        try await shop.database.write { try shop.queue.deleteAll(ownedBy: Workshop.ada, in: $0) }
        #expect(try await shop.queue.list(ownedBy: Workshop.ada).isEmpty)
        #expect(try await shop.status(other) == .queued)
        #expect(try await shop.queue.find(parent) == nil)
    }
}
