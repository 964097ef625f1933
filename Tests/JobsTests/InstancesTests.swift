import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("Several instances")
struct InstancesTests {
    /// Runs as many workers while `body` runs, each on connections of its own.
    private func withWorkers(
        _ count: Int, in shop: Workshop, _ handlers: JobHandlers, _ body: () async throws -> Void
    ) async throws {
        let runs = try (0..<count).map { _ in
            let worker = Worker(
                try shop.secondQueue().queue, handlers: handlers, configuration: Workshop.quick, logger: .silent)
            return Task { try await worker.run() }
        }
        defer { for run in runs { run.cancel() } }
        try await body()
        for run in runs {
            run.cancel()
            try await run.value
        }
    }

    /// Does the same many times at once, by turns on as many instances, and gives back the results.
    private func concurrently<Value: Sendable>(
        _ times: Int, on instances: Int = 4, in shop: Workshop,
        _ body: @escaping @Sendable (JobQueue, Int) async throws -> Value
    ) async throws -> [Value] {
        let queues = try (0..<instances).map { _ in try shop.secondQueue().queue }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            for number in 0..<times { group.addTask { try await body(queues[number % instances], number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func count(_ condition: SQL, in shop: Workshop) async throws -> Int {
        try await shop.database.read { try $0.value("SELECT COUNT(*) FROM jobs WHERE \(condition)") ?? -1 }
    }

    @Test("four workers share 5,000 jobs of ten owners; each runs exactly once")
    func sharing() async throws {
        let shop = try await Workshop()
        let seen = Notebook<Int>()
        let numbers = JobKind<Int>("number")
        var handlers = JobHandlers()
        handlers.register(numbers) { _, number in seen.note(number) }
        try await withWorkers(4, in: shop, handlers) {
            _ = try await concurrently(50, in: shop) { queue, batch in
                try await queue.enqueue(
                    (batch * 100..<batch * 100 + 100).map { try NewJob(numbers, $0, owner: Int64($0 % 10)) })
            }
            try await shop.eventually { try await count("status = 'succeeded'", in: shop) == 5000 }
        }
        #expect(seen.entries.sorted() == Array(0..<5000))
        #expect(try await count("attempts = 1", in: shop) == 5000)
    }

    @Test("of many that bring the same key at once, all get the one job that waits")
    func sameKey() async throws {
        let shop = try await Workshop()
        let ids = try await concurrently(40, in: shop) { queue, _ in
            try await queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada, uniqueKey: "link"))
        }
        #expect(Set(ids).count == 1)
        #expect(try await count("finished_at IS NULL", in: shop) == 1)
    }

    @Test("a key that comes while its job ends is never refused")
    func keyOfEndingJob() async throws {
        let shop = try await Workshop()
        let runs = Notebook<Job.ID>()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in runs.note(context.jobID) }
        try await withWorkers(2, in: shop, handlers) {
            let ids = try await concurrently(200, in: shop) { queue, _ in
                try await queue.enqueue(try NewJob(saving, Link(), uniqueKey: "link"))
            }
            try await shop.eventually { try await count("finished_at IS NULL", in: shop) == 0 }
            #expect(Set(runs.entries) == Set(ids))
            #expect(runs.entries.count == Set(ids).count)
        }
    }

    @Test(
        "what one owner writes does not hold up the work of another",
        .enabled(if: TestDatabase.server != nil, "SQLite has one writer"))
    func independentOwners() async throws {
        let shop = try await Workshop()
        let order = Notebook<String>()
        let job = try NewJob(saving, Link(), owner: Workshop.ada)
        let hasEnqueued = Doorstop()
        let goOn = DispatchSemaphore(value: 0)
        let slow = Task {
            try await shop.queue.write(.owner(Workshop.ada)) { connection in
                try shop.queue.enqueue(job, in: connection)
                hasEnqueued.open()
                _ = goOn.wait(timeout: .now() + 10)
                order.note("ada")
            }
        }
        await hasEnqueued.wait()
        try await shop.queue.write(.owner(Workshop.grace)) { connection in
            try shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.grace), in: connection)
        }
        order.note("grace")
        goOn.signal()
        try await slow.value
        #expect(order.entries == ["grace", "ada"])
    }

    @Test("the jobs of a worker that died are put back once, however many instances see it")
    func recovery() async throws {
        let shop = try await Workshop()
        try await shop.queue.enqueue(try (0..<100).map { _ in try NewJob(saving, Link()) })
        let dead = WorkerIdentity(host: "elsewhere", process: 7, processStart: 1).description
        try await shop.database.write { connection in
            _ = try WorkerLease(worker: dead, connection: connection)
                .claim([saving.name], "priority > 0", limit: 100, at: shop.clock.now)
        }
        shop.clock.advance(by: .seconds(60))
        _ = try await concurrently(8, in: shop) { queue, _ in
            try await queue.database.write { connection in
                try LeaseRecovery(connection: connection, now: shop.clock.now)
                    .release(unheardSince: shop.clock.now - 20, seenBy: .next())
            }
        }
        #expect(try await count("status = 'queued' AND interruptions = 1 AND attempts = 0", in: shop) == 100)
    }

    @Test("an import cancelled while workers are at it ends whole, and starts again whole")
    func cancelAndRetry() async throws {
        let shop = try await Workshop()
        let runs = Notebook<Job.ID>()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in }
        handlers.register(saving) { context, _ in
            try await Task.sleep(for: .milliseconds(2))
            runs.note(context.jobID)
        }
        let parent = try await shop.queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
        try await shop.queue.enqueue(
            Array(repeating: try NewJob(saving, Link(), owner: Workshop.ada, parent: parent), count: 400))
        try await withWorkers(3, in: shop, handlers) {
            try await shop.eventually { runs.entries.count > 50 }
            _ = try await concurrently(4, in: shop) { queue, _ in
                try await queue.cancel(parent, ownedBy: Workshop.ada)
            }
            try await shop.eventually { try await count("finished_at IS NULL", in: shop) == 0 }
            let ended = try #require(try await shop.queue.update(of: parent, ownedBy: Workshop.ada)).children
            #expect(ended[.cancelled] > 0)
            #expect(ended[.succeeded] + ended[.cancelled] == 400)

            _ = try await concurrently(4, in: shop) { queue, _ in
                _ = try? await queue.retry(parent, ownedBy: Workshop.ada)
            }
            try await shop.eventually { try await count("status = 'succeeded'", in: shop) == 401 }
        }
    }

    @Test("trying again and doing the same anew, at once, leave one job with the key")
    func retryAgainstEnqueue() async throws {
        let shop = try await Workshop()
        for round in 0..<20 {
            let job = try NewJob(saving, Link(), owner: Workshop.ada, uniqueKey: "link \(round)")
            let id = try await shop.queue.enqueue(job)
            try await shop.queue.cancel(id, ownedBy: Workshop.ada)
            _ = try await concurrently(4, in: shop) { queue, number in
                if number.isMultiple(of: 2) {
                    try await queue.enqueue(job)
                } else {
                    do { try await queue.retry(id, ownedBy: Workshop.ada) } catch JobError.notRetryable {}
                }
            }
            #expect(try await count("unique_key = 'link ' || \(String(round)) AND finished_at IS NULL", in: shop) == 1)
        }
    }

    @Test("who watches a job on one instance sees what a worker on another does")
    func watching() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            context.progress(done: 1, total: 2)
            await goOn.wait()
        }
        let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
        try await withWorkers(1, in: shop, handlers) {
            var seen: [JobUpdate] = []
            for try await update in shop.queue.updates(of: id, ownedBy: Workshop.ada) {
                seen.append(update)
                if update.progress.done == 1 { goOn.open() }
            }
            #expect(seen.last?.status == .succeeded)
            #expect(seen.contains { $0.status == .running && $0.progress.done == 1 })
        }
    }
}
