import Foundation
import Jobs
import Persistence
import Testing

@Suite("Worker")
struct WorkerTests {
    @Test("a job runs with its payload and leaves its result")
    func success() async throws {
        let shop = try await Workshop()
        let seen = Notebook<Link>()
        var handlers = JobHandlers()
        handlers.register(saving) { context, link in
            seen.note(link)
            try context.result(["title": "Example"])
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link(url: "https://a.example/")))
            let job = try await shop.job(id, is: .succeeded)
            #expect(job.result == #"{"title":"Example"}"#)
            #expect(job.attempts == 1)
            #expect(job.finishedAt == shop.clock.now)
        }
        #expect(seen.entries == [Link(url: "https://a.example/")])
    }

    @Test("a failed job is tried again after one and after five minutes, then it has failed")
    func retries() async throws {
        let shop = try await Workshop()
        let attempts = Notebook<Date>()
        var handlers = JobHandlers()
        handlers.register(saving) { _, _ in
            attempts.note(shop.clock.now)
            throw Mishap()
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            let first = try await shop.job(id) { $0.attempts == 1 && $0.status == .queued }
            #expect(first.nextRetryAt == shop.clock.now.addingTimeInterval(60))
            #expect(first.failure == "Something went wrong on our side.")
            shop.clock.advance(by: .seconds(59))
            try await Task.sleep(for: .milliseconds(50))
            #expect(attempts.entries.count == 1)
            shop.clock.advance(by: .seconds(1))
            let second = try await shop.job(id) { $0.attempts == 2 && $0.status == .queued }
            #expect(second.nextRetryAt == shop.clock.now.addingTimeInterval(300))
            shop.clock.advance(by: .seconds(300))
            let last = try await shop.job(id, is: .failed)
            #expect(last.nextRetryAt == nil)
        }
        #expect(attempts.entries.count == 3)
    }

    @Test("a handler says that trying again cannot help, when to try again, or that it is too early")
    func failures() async throws {
        let shop = try await Workshop()
        let start = shop.clock.now
        var handlers = JobHandlers()
        handlers.register(saving) { _, link in
            switch link.url {
            case "gone": throw JobFailure.final("The page does not exist.")
            case "busy": throw JobFailure.retry(after: .seconds(7), "The site is busy.")
            default: if shop.clock.now == start { throw JobFailure.snooze(.seconds(30)) }
            }
        }
        try await shop.withWorker(handlers) {
            let ids = try await shop.queue.enqueue(
                ["gone", "busy", "soon"].map { try NewJob(saving, Link(url: $0)) })
            let gone = try await shop.job(ids[0], is: .failed)
            #expect(gone.failure == "The page does not exist.")
            #expect(gone.attempts == 1)
            let busy = try await shop.job(ids[1]) { $0.nextRetryAt != nil }
            #expect(busy.nextRetryAt == start + 7)
            let soon = try await shop.job(ids[2]) { $0.runAt == start + 30 }
            #expect(soon.attempts == 0)
            #expect(soon.failure == nil)
            shop.clock.advance(by: .seconds(30))
            #expect(try await shop.job(ids[2], is: .succeeded).attempts == 1)
        }
    }

    @Test("a payload that cannot be read fails for good, and work of unknown kinds waits for who knows it")
    func unreadable() async throws {
        let shop = try await Workshop()
        let numbers = JobKind<Int>("link.save")
        var handlers = JobHandlers()
        handlers.register(saving) { _, _ in }
        try await shop.withWorker(handlers) {
            let unknown = try await shop.queue.enqueue(try NewJob(nothing, NoPayload()))
            let id = try await shop.queue.enqueue(try NewJob(numbers, 7))
            #expect(try await shop.job(id, is: .failed).attempts == 1)
            #expect(try await shop.status(unknown) == .queued)
        }
    }

    @Test("a handler out of time is stopped, and one that does not heed that is left behind")
    func timeout() async throws {
        let shop = try await Workshop()
        let brief = JobKind<Link>("brief", timeout: .seconds(120), maxAttempts: 1)
        let stuck = Notebook<CheckedContinuation<Void, Never>>()
        let started = Notebook<String>()
        var handlers = JobHandlers()
        handlers.register(brief) { _, link in
            started.note(link.url)
            if link.url == "deaf" {
                await withCheckedContinuation { stuck.note($0) }
            } else {
                try await Task.sleep(for: .seconds(60))
            }
        }
        try await shop.withWorker(handlers) {
            let ids = try await shop.queue.enqueue(["good", "deaf"].map { try NewJob(brief, Link(url: $0)) })
            try await shop.eventually { started.entries.count == 2 }
            shop.clock.advance(by: .seconds(119))
            try await Task.sleep(for: .milliseconds(30))
            #expect(try await shop.status(ids[0]) == .running)
            shop.clock.advance(by: .seconds(1))
            for id in ids {
                #expect(try await shop.job(id, is: .failed).failure == "It took longer than 2 minutes.")
            }
        }
        for continuation in stuck.entries { continuation.resume() }
    }

    @Test("a running job is cancelled by its owner")
    func cancellation() async throws {
        let shop = try await Workshop()
        let started = Notebook<Job.ID>()
        var handlers = JobHandlers()
        handlers.register(saving) { context, link in
            started.note(context.jobID)
            let child = try NewJob(nothing, NoPayload(), owner: Workshop.ada, parent: context.jobID)
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                try await shop.queue.enqueue(child)
                throw error
            }
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
            try await shop.eventually { started.entries == [id] }
            #expect(try await shop.queue.cancel(id, ownedBy: Workshop.ada).status == .running)
            _ = try await shop.job(id, is: .cancelled)
            let update = try await shop.queue.update(of: id, ownedBy: Workshop.ada)
            #expect(update?.children == JobCounts([.cancelled: 1]))
        }
    }

    @Test("an idle worker starts a new job within milliseconds")
    func latency() async throws {
        let shop = try await Workshop()
        let started = Notebook<ContinuousClock.Instant>()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in started.note(.now) }
        var patient = Workshop.quick
        patient.pollInterval = .seconds(30)
        try await shop.withWorker(handlers, patient) {
            var waits: [Duration] = []
            for count in 1...20 {
                try await Task.sleep(for: .milliseconds(5))
                try await shop.queue.enqueue(try NewJob(nothing, NoPayload()))
                let enqueued = ContinuousClock.now
                try await shop.eventually { started.entries.count == count }
                waits.append(started.entries[count - 1] - enqueued)
            }
            #expect(waits.sorted()[10] < .milliseconds(50))
        }
    }

    @Test("progress is written now and then, and its last value always")
    func progress() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            context.progress(done: 1, total: 3, message: "Reading")
            await goOn.wait()
            for done in 2...3 { context.progress(done: done, total: 3) }
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            let early = try await shop.job(id) { $0.progress.done == 1 }
            #expect(early.status == .running)
            #expect(early.progress == JobProgress(done: 1, total: 3, message: "Reading"))
            goOn.open()
            #expect(try await shop.job(id, is: .succeeded).progress == JobProgress(done: 3, total: 3))
        }
    }

    @Test("a watcher sees the job's changes until it and its children are finished")
    func updates() async throws {
        let shop = try await Workshop()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            context.progress(done: 1, total: 1)
            try await shop.queue.enqueue(
                try NewJob(nothing, NoPayload(), owner: Workshop.ada, parent: context.jobID))
        }
        handlers.register(nothing) { _, _ in }
        let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
        try await shop.withWorker(handlers) {
            var updates: [JobUpdate] = []
            for try await update in shop.queue.updates(of: id, ownedBy: Workshop.ada) { updates.append(update) }
            let last = try #require(updates.last)
            #expect(last.job.status == .succeeded)
            #expect(last.children == JobCounts([.succeeded: 1]))
            #expect(updates.dropLast().allSatisfy { !$0.isFinal })
        }
        var strangers = shop.queue.updates(of: id, ownedBy: Workshop.grace).makeAsyncIterator()
        #expect(try await strangers.next() == nil)
    }
}
