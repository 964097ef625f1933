import Foundation
import Persistence
import TestSupport
import Testing

@testable import Jobs

@Suite("Query plans")
struct QueryPlanTests {
    /// All that a queue and its worker ask of a database, as they ask it.
    private func statements(of shop: Workshop) async throws -> [SQL] {
        let log = StatementLog()
        let database = Database(engine: LoggedEngine(try shop.records.engine(), log: log))
        let queue = JobQueue(database: database, now: { [clock = shop.clock] in clock.now })
        var handlers = JobHandlers()
        handlers.register(saving, whenFailed: { _, _ in }, run: { _, _ in throw JobFailure.final("No.") })
        handlers.register(nothing) { context, _ in
            context.progress(done: 1)
            try context.result(1)
            try await database.write { connection in
                try context.checkpoint(1, in: connection)
                try context.requireLease(in: connection)
            }
        }
        let cleanup = JobCleanup(queue)
        cleanup.register(in: &handlers)
        let schedules = [try cleanup.schedule()]
        try await shop.withWorker(handlers, schedules: schedules, queue: queue) {
            let parent = try await queue.enqueue(try NewJob(nothing, NoPayload(), owner: Workshop.ada))
            let child = try await queue.enqueue(
                try NewJob(saving, Link(), owner: Workshop.ada, uniqueKey: "1", parent: parent))
            _ = try await shop.job(parent, is: .succeeded)
            _ = try await shop.job(child, is: .failed)
            try await queue.retry(parent, ownedBy: Workshop.ada)
            try await queue.cancel(parent, ownedBy: Workshop.ada)
            _ = try await queue.list(ownedBy: Workshop.ada, before: parent)
            _ = try await queue.count(ownedBy: Workshop.ada)
            _ = try await queue.list(ownedBy: Workshop.ada)
            _ = try await queue.isStalled(for: .seconds(60))
            _ = try await database.read { try queue.unfinished(saving, among: ["1"], in: $0) }
            try await recover(shop, on: database)
            shop.clock.advance(by: .seconds(8 * 86_400))
            try await shop.eventually { try await shop.status(parent) == nil }
        }
        try database.close()
        var seen = Set<String>()
        return log.take().filter { seen.insert($0.text).inserted }
    }

    /// A worker dies again and again, with one job and with one that was cancelled.
    private func recover(_ shop: Workshop, on database: Database) async throws {
        try await database.write { connection in
            for interruptions in [0, WorkerLease.interruptionLimit] {
                for isCancelled in [false, true] {
                    try connection.execute(
                        """
                        INSERT INTO jobs (kind, priority, status, payload, max_attempts, run_at, timeout_seconds, created_at,
                            attempts, worker, heartbeat_at, interruptions, cancel_requested)
                        VALUES ('lost', 1, 'running', '{}', 3, 0, 60, 0, 1, 'w', 0, \(interruptions), \(isCancelled))
                        """)
                }
            }
            _ = try LeaseRecovery(connection: connection, now: shop.clock.now)
                .release(unheardSince: shop.clock.now - 20, seenBy: .next())
        }
    }

    @Test("whatever a queue and its worker ask, an index answers, in the order that is wanted")
    func plans() async throws {
        let shop = try await Workshop()
        let statements = try await statements(of: shop)
        #expect(statements.count > 30)
        // What is locked in the order of ids is found by another index and then sorted.
        for statement in statements where statement.text.contains("jobs") && !statement.text.hasSuffix("AS locked") {
            let plan = try await QueryPlan(of: statement, in: shop.database)
            #expect(!plan.scans.contains("jobs"), "\(statement.text): \(plan)")
            // Batches of a family's children come from an index, but not in the order of their ids.
            guard statement.text.contains("LIMIT"), !statement.text.contains("parent_id = ?") else { continue }
            #expect(!plan.sorts, "\(statement.text): \(plan)")
        }
    }
}
