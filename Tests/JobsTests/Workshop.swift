import Foundation
import Logging
import Persistence
import Synchronization
import TestSupport
import Testing

@testable import Jobs

/// A queue on a fresh database, with a clock turned by hand, and workers that are quick to look.
struct Workshop {
    static let ada: Int64 = 1
    static let grace: Int64 = 2

    let records: TestDatabase
    let clock = HandClock()
    let database: Database
    let queue: JobQueue

    init() async throws {
        records = try await TestDatabase(JobsSchema.migrations)
        database = try records.open()
        queue = JobQueue(database: database, now: { [clock] in clock.now })
    }

    /// The same records as another process sees them.
    func secondQueue() throws -> (database: Database, queue: JobQueue) {
        let database = try records.open()
        return (database, JobQueue(database: database, now: { [clock] in clock.now }))
    }

    static let quick = WorkerConfiguration(
        slots: 4, pollInterval: .milliseconds(10), heartbeatInterval: .seconds(5), lease: .seconds(20),
        progressInterval: .milliseconds(10), shutdownGrace: .seconds(5), cancellationGrace: .milliseconds(100))

    /// Runs a worker while `body` runs.
    func withWorker<Value>(
        _ handlers: JobHandlers, schedules: [Schedule] = [], _ configuration: WorkerConfiguration = quick,
        queue: JobQueue? = nil, _ body: () async throws -> Value
    ) async throws -> Value {
        let worker = Worker(
            queue ?? self.queue, handlers: handlers, schedules: schedules, configuration: configuration,
            logger: .silent)
        let run = Task { try await worker.run() }
        do {
            let value = try await body()
            run.cancel()
            try await run.value
            return value
        } catch {
            run.cancel()
            throw error
        }
    }

    /// Any job, whoever's it is.
    func find(_ id: Job.ID) async throws -> Job? {
        try await database.read { connection in
            try connection.first("SELECT \(Job.columns) FROM jobs WHERE id = \(id)") { try Job(row: &$0) }
        }
    }

    func status(_ id: Job.ID) async throws -> JobStatus? { try await find(id)?.status }

    /// Waits until the job stands as wanted, and gives it back.
    func job(_ id: Job.ID, is wanted: JobStatus, _ location: SourceLocation = #_sourceLocation) async throws -> Job {
        try await job(id, location) { $0.status == wanted }
    }

    func job(
        _ id: Job.ID, _ location: SourceLocation = #_sourceLocation, where condition: (Job) -> Bool
    ) async throws -> Job {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(10) {
            if let job = try await find(id), condition(job) { return job }
            try await Task.sleep(for: .milliseconds(2))
        }
        let job = try await find(id)
        Issue.record("Job \(id) did not get there: \(String(describing: job))", sourceLocation: location)
        throw CancellationError()
    }

    func eventually(
        _ location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(10) {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("It did not happen in time", sourceLocation: location)
    }
}

/// A clock that moves only when told to.
final class HandClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0.addTimeInterval(Double(duration.components.seconds)) }
    }
}

/// What handlers note down, in order.
final class Notebook<Entry: Sendable>: Sendable {
    private let list = Mutex<[Entry]>([])

    var entries: [Entry] { list.withLock { $0 } }

    func note(_ entry: Entry) { list.withLock { $0.append(entry) } }
}

struct Link: Codable, Sendable, Equatable {
    var url = "https://example.org/"
}

let saving = JobKind<Link>("link.save")
let nothing = JobKind<NoPayload>("nothing")

struct Mishap: Error {}

extension Logger {
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
