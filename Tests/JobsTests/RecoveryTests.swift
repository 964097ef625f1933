import Foundation
import Logging
import Persistence
import ServiceLifecycle
import Testing

@testable import Jobs

@Suite("Recovery")
struct RecoveryTests {
    /// Takes a job as a worker does that then dies: no heartbeat will follow.
    private func claim(_ shop: Workshop, as worker: String) async throws -> ClaimedJob? {
        try await shop.database.write { connection in
            try WorkerLease(worker: worker, connection: connection)
                .claim([saving.name, nothing.name], "priority > 0", limit: 1, at: shop.clock.now).first
        }
    }

    private let elsewhere = WorkerIdentity(host: "elsewhere", process: 7, processStart: 1).description

    @Test("the job of a worker that died starts again when its lease has ended, without losing an attempt")
    func takeover() async throws {
        let shop = try await Workshop()
        var handlers = JobHandlers()
        handlers.register(saving) { _, _ in }
        let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
        #expect(try await claim(shop, as: elsewhere)?.id == id)
        shop.clock.advance(by: .seconds(19))
        try await shop.withWorker(handlers) {
            try await Task.sleep(for: .milliseconds(40))
            #expect(try await shop.status(id) == .running)
            shop.clock.advance(by: .seconds(6))
            #expect(try await shop.job(id, is: .succeeded).attempts == 1)
        }
    }

    @Test("the jobs of a process of this host that is gone start again at once")
    func restart() async throws {
        let shop = try await Workshop()
        var handlers = JobHandlers()
        handlers.register(saving) { _, _ in }
        let mine = WorkerIdentity.next()
        let before = WorkerIdentity(host: mine.host, process: mine.process, processStart: mine.processStart - 1)
        let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
        #expect(try await claim(shop, as: before.description) != nil)
        try await shop.withWorker(handlers) { _ = try await shop.job(id, is: .succeeded) }
    }

    @Test("a process is known to be gone only by its own host")
    func identity() throws {
        let mine = WorkerIdentity.next()
        #expect(WorkerIdentity(mine.description) == mine)
        #expect(!mine.isKnownGone(seenBy: WorkerIdentity.next()))
        let impossible = WorkerIdentity(host: mine.host, process: .max, processStart: 1)
        #expect(impossible.isKnownGone(seenBy: mine))
        #expect(!WorkerIdentity(host: "elsewhere", process: .max, processStart: 1).isKnownGone(seenBy: mine))
        #expect(WorkerIdentity("nonsense") == nil)
        #expect(WorkerIdentity("1:2:3:a:host")?.host == "a:host")
    }

    @Test("a job cancelled at the moment its attempt fails is not tried again")
    func cancelledWhileFailing() async throws {
        let shop = try await Workshop()
        let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
        #expect(try await claim(shop, as: elsewhere) != nil)
        try await shop.queue.cancel(id, ownedBy: Workshop.ada)
        try await shop.database.write { [elsewhere] connection in
            let lease = WorkerLease(worker: elsewhere, connection: connection)
            _ = try lease.settle(.retry(at: shop.clock.now + 60, "Busy."), of: id, at: shop.clock.now)
        }
        #expect(try await shop.status(id) == .cancelled)
    }

    @Test("a cancelled job whose worker died stays cancelled")
    func cancelledAndLost() async throws {
        let shop = try await Workshop()
        let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
        #expect(try await claim(shop, as: elsewhere) != nil)
        try await shop.queue.cancel(id, ownedBy: Workshop.ada)
        shop.clock.advance(by: .seconds(60))
        try await shop.withWorker(JobHandlers()) { _ = try await shop.job(id, is: .cancelled) }
    }

    @Test("a job that brings down one worker after another fails, and what it was for is told")
    func poison() async throws {
        let shop = try await Workshop()
        let told = Notebook<String>()
        var handlers = JobHandlers()
        handlers.register(saving, whenFailed: { job, _ in told.note(job.message) }, run: { _, _ in })
        let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
        let mine = WorkerIdentity.next()
        for _ in 1..<WorkerLease.interruptionLimit {
            #expect(try await claim(shop, as: elsewhere) != nil)
            shop.clock.advance(by: .seconds(60))
            try await shop.database.write { connection in
                let now = shop.clock.now
                _ = try LeaseRecovery(connection: connection, now: now).release(unheardSince: now - 20, seenBy: mine)
                var line = WaitingLine(connection: connection, now: now)
                try line.admitDelayed()
            }
        }
        #expect(try await claim(shop, as: elsewhere) != nil)
        shop.clock.advance(by: .seconds(60))
        try await shop.withWorker(handlers) {
            let job = try await shop.job(id, is: .failed)
            #expect(job.failure == LeaseRecovery.interrupted)
        }
        #expect(told.entries == [LeaseRecovery.interrupted])
    }

    @Test("after a crash an import goes on from its last checkpoint, and nothing is written twice")
    func checkpoints() async throws {
        let shop = try await Workshop()
        try await shop.database.write { try $0.execute("CREATE TABLE links (number BIGINT)") }
        let (crashing, queue) = try shop.secondQueue()
        let reached = Notebook<Int>()
        @Sendable func importing(_ database: Database, stopAt stop: Int) -> JobHandlers {
            var handlers = JobHandlers()
            handlers.register(saving) { context, _ in
                let start = try context.lastCheckpoint(Int.self) ?? 0
                for number in start..<6 {
                    try await database.write { connection in
                        try connection.execute("INSERT INTO links (number) VALUES (\(number))")
                        try context.checkpoint(number + 1, in: connection)
                    }
                    reached.note(number)
                    if number == stop { try database.close() }
                }
            }
            return handlers
        }
        let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
        try await shop.withWorker(importing(crashing, stopAt: 2), queue: queue) {
            try await shop.eventually { reached.entries.contains(2) }
        }
        #expect(try await shop.status(id) == .running)
        shop.clock.advance(by: .seconds(60))
        try await shop.withWorker(importing(shop.database, stopAt: -1)) {
            _ = try await shop.job(id, is: .succeeded)
        }
        let numbers = try await shop.database.read { try $0.values("SELECT number FROM links", as: Int.self) }
        #expect(numbers == [0, 1, 2, 3, 4, 5])
    }

    @Test("a worker that lost its lease can write nothing for the job any more")
    func lostLease() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        let errors = Notebook<JobError>()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            await goOn.wait()
            let writes: [@Sendable (SQLConnection) throws -> Void] = [
                { try context.checkpoint(1, in: $0) }, context.requireLease, context.complete,
            ]
            for write in writes {
                do {
                    try await shop.database.write { try write($0) }
                } catch let error as JobError {
                    errors.note(error)
                }
            }
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            _ = try await shop.job(id, is: .running)
            try await shop.database.write { [elsewhere] connection in
                try connection.execute("UPDATE jobs SET worker = \(elsewhere)")
            }
            goOn.open()
            try await shop.eventually { errors.entries.count == 3 }
            #expect(errors.entries == [.leaseLost, .leaseLost, .leaseLost])
            try await Task.sleep(for: .milliseconds(30))
            #expect(try await shop.status(id) == .running)
        }
    }

    @Test("work of the installation holds its lease also in an owner's transaction")
    func leaseAcrossOwners() async throws {
        let shop = try await Workshop()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            try await shop.database.write(.owner(Workshop.ada)) { connection in
                try context.requireLease(in: connection)
                try context.checkpoint(1, in: connection)
                try context.complete(in: connection)
            }
        }
        try await shop.withWorker(handlers) {
            for owner in [nil, Workshop.ada] {
                let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: owner))
                #expect(try await shop.job(id) { $0.status != .running && $0.attempts > 0 }.status == .succeeded)
            }
        }
    }

    @Test("a job taken over is stopped where it ran before")
    func takenOver() async throws {
        let shop = try await Workshop()
        let started = Notebook<Job.ID>()
        let stopped = Notebook<Bool>()
        var handlers = JobHandlers()
        handlers.register(saving) { context, _ in
            started.note(context.jobID)
            do { try await Task.sleep(for: .seconds(60)) } catch {
                stopped.note(true)
                throw error
            }
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            try await shop.eventually { started.entries == [id] }
            try await shop.database.write { [elsewhere] connection in
                try connection.execute(
                    "UPDATE jobs SET worker = \(elsewhere), heartbeat_at = \(shop.clock.now + 100)")
            }
            shop.clock.advance(by: .seconds(5))
            try await shop.eventually { stopped.entries == [true] }
            #expect(try await shop.status(id) == .running)
        }
    }

    @Test("a job finished in its handler's own transaction has that effect exactly once")
    func completion() async throws {
        let shop = try await Workshop()
        try await shop.database.write { try $0.execute("CREATE TABLE links (url TEXT)") }
        var handlers = JobHandlers()
        handlers.register(saving) { context, link in
            context.progress(done: 1)
            try context.result(1)
            try await shop.database.write { connection in
                try connection.execute("INSERT INTO links (url) VALUES (\(link.url))")
                try context.complete(in: connection)
            }
            throw Mishap()
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            let job = try await shop.job(id, is: .succeeded)
            #expect(job.result == "1")
            #expect(job.progress.done == 1)
            try await Task.sleep(for: .milliseconds(30))
            #expect(try await shop.status(id) == .succeeded)
        }
    }

    @Test("a graceful shutdown lets running jobs finish and takes no new ones")
    func gracefulShutdown() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        let (running, waiting) = try await shutDown(shop, grace: .seconds(5)) { _ in
            await goOn.wait()
        } during: {
            try await Task.sleep(for: .milliseconds(20))
            goOn.open()
        }
        #expect(try await shop.status(running) == .succeeded)
        #expect(try await shop.status(waiting) == .queued)
    }

    @Test("what does not finish in time is put back, and the attempt does not count")
    func impatientShutdown() async throws {
        let shop = try await Workshop()
        let (running, waiting) = try await shutDown(shop, grace: .milliseconds(20)) { _ in
            try await Task.sleep(for: .seconds(60))
        } during: {
        }
        let job = try #require(try await shop.find(running))
        #expect(job.status == .queued)
        #expect(job.attempts == 0)
        #expect(try await shop.status(waiting) == .queued)
    }

    @Test("a handler that heeds nothing does not hold up the shutdown")
    func deafHandler() async throws {
        let shop = try await Workshop()
        let stuck = Doorstop()
        let (running, _) = try await shutDown(shop, grace: .zero) { _ in
            await stuck.wait()
        } during: {
        }
        #expect(try await shop.find(running)?.attempts == 0)
        #expect(try await shop.status(running) == .queued)
        stuck.open()
    }

    /// Shuts a worker with one slot down while one job runs and one waits.
    private func shutDown(
        _ shop: Workshop, grace: Duration, handler: @escaping @Sendable (JobContext) async throws -> Void,
        during: () async throws -> Void
    ) async throws -> (Job.ID, Job.ID) {
        var handlers = JobHandlers()
        let started = Notebook<Job.ID>()
        handlers.register(saving) { context, _ in
            started.note(context.jobID)
            try await handler(context)
        }
        var configuration = Workshop.quick
        configuration.slots = 1
        configuration.reservedForInteractive = 0
        configuration.shutdownGrace = grace
        let worker = Worker(shop.queue, handlers: handlers, configuration: configuration, logger: .silent)
        let services = ServiceGroup(services: [worker], logger: .silent)
        let run = Task { try await services.run() }
        let ids = try await shop.queue.enqueue((0..<2).map { _ in try NewJob(saving, Link()) })
        try await shop.eventually { started.entries == [ids[0]] }
        await services.triggerGracefulShutdown()
        try await during()
        try await run.value
        return (ids[0], ids[1])
    }
}
