import Foundation
import Jobs
import Persistence
import Testing

@Suite("What is told of failures")
struct FailureTests {
    /// What a link's row says of the last try.
    private struct Told: Equatable {
        let failure: String?
        let retryAt: Date?
        let times: Int
    }

    private func told(_ shop: Workshop) async throws -> Told? {
        try await shop.database.read { connection in
            try connection.first("SELECT failure, retry_at, times FROM links") { row in
                Told(failure: try row.next(), retryAt: try row.next(), times: try row.next())
            }
        }
    }

    /// A workshop that keeps a link, and handlers that note in its row how each try has failed.
    private func shop(
        _ kind: JobKind<Link> = saving, run: @escaping @Sendable (JobContext, Link) async throws -> Void
    ) async throws -> (Workshop, JobHandlers) {
        let shop = try await Workshop()
        try await shop.database.write { connection in
            try connection.execute("CREATE TABLE links (failure TEXT, retry_at BIGINT, times BIGINT)")
            try connection.execute("INSERT INTO links (times) VALUES (0)")
        }
        var handlers = JobHandlers()
        handlers.register(
            kind,
            whenFailed: { failed, connection in
                try connection.execute(
                    "UPDATE links SET failure = \(failed.message), retry_at = \(failed.retryAt), times = times + 1")
            }, run: run)
        return (shop, handlers)
    }

    @Test("every try that fails is told in the transaction that ends it, the last one once")
    func everyTry() async throws {
        let (shop, handlers) = try await shop { _, _ in throw Mishap() }
        let message = "Something went wrong on our side."
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            for (attempt, wait) in [(1, 60), (2, 300)] {
                let job = try await shop.job(id) { $0.attempts == attempt && $0.status == .queued }
                #expect(try await told(shop) == Told(failure: message, retryAt: job.nextRetryAt, times: attempt))
                shop.clock.advance(by: .seconds(wait))
            }
            _ = try await shop.job(id, is: .failed)
            #expect(try await told(shop) == Told(failure: message, retryAt: nil, times: 3))
        }
    }

    @Test("a try out of time is told like any other")
    func timeout() async throws {
        let brief = JobKind<Link>("brief", timeout: .seconds(60))
        let started = Notebook<Link>()
        let (shop, handlers) = try await shop(brief) { _, link in
            started.note(link)
            try await Task.sleep(for: .seconds(600))
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(brief, Link()))
            try await shop.eventually { started.entries.count == 1 }
            shop.clock.advance(by: .seconds(60))
            let job = try await shop.job(id, is: .queued)
            #expect(
                try await told(shop)
                    == Told(failure: "It took longer than a minute.", retryAt: job.nextRetryAt, times: 1))
        }
    }

    @Test("an error of a room says itself how the job goes on, and reaches what is told")
    func ownErrors() async throws {
        struct Gone: JobFailureConvertible {
            var jobFailure: JobFailure { .final("The page does not exist.") }
        }
        let shop = try await Workshop()
        let told = Notebook<Bool>()
        var handlers = JobHandlers()
        handlers.register(
            saving, whenFailed: { failed, _ in told.note(failed.error is Gone) }, run: { _, _ in throw Gone() })
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            #expect(try await shop.job(id, is: .failed).failure == "The page does not exist.")
        }
        #expect(told.entries == [true])
    }

    @Test("where the telling fails, the job has failed all the same")
    func troubleInTelling() async throws {
        let shop = try await Workshop()
        var handlers = JobHandlers()
        handlers.register(
            nothing, whenFailed: { _, _ in throw Mishap() }, run: { _, _ in throw JobFailure.final("No.") })
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(nothing, NoPayload()))
            #expect(try await shop.job(id, is: .failed).failure == "No.")
        }
    }

    @Test("a try that fails while its job is cancelled is told as the last")
    func cancelled() async throws {
        let goOn = Doorstop()
        let (shop, handlers) = try await shop { _, _ in
            await goOn.wait()
            throw JobFailure.retry(after: nil, "Busy.")
        }
        var patient = Workshop.quick
        patient.pollInterval = .seconds(30)
        try await shop.withWorker(handlers, patient) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link(), owner: Workshop.ada))
            _ = try await shop.job(id, is: .running)
            // On another instance, of which this worker is not told.
            try await shop.secondQueue().queue.cancel(id, ownedBy: Workshop.ada)
            goOn.open()
            _ = try await shop.job(id, is: .cancelled)
            #expect(try await told(shop) == Told(failure: "Busy.", retryAt: nil, times: 1))
        }
    }

    @Test("a worker that lost its lease tells nothing")
    func lostLease() async throws {
        let goOn = Doorstop()
        let (shop, handlers) = try await shop { _, _ in
            await goOn.wait()
            throw JobFailure.final("Gone.")
        }
        try await shop.withWorker(handlers) {
            let id = try await shop.queue.enqueue(try NewJob(saving, Link()))
            _ = try await shop.job(id, is: .running)
            try await shop.database.write { try $0.execute("UPDATE jobs SET worker = 'another'") }
            goOn.open()
            try await Task.sleep(for: .milliseconds(50))
            #expect(try await told(shop)?.times == 0)
            #expect(try await shop.status(id) == .running)
        }
    }
}
