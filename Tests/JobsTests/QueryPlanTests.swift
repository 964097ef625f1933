import Foundation
import Persistence
import TestSupport
import Testing

@testable import Jobs

@Suite("Query plans")
struct QueryPlanTests {
    private static let queries: [(SQL, String)] = [
        (
            """
            SELECT id FROM jobs WHERE status = 'queued' AND turn IS NOT NULL AND priority > 0 AND kind IN ('a')
            ORDER BY priority, turn, id LIMIT 9
            """, "jobs_ready"
        ),
        (
            """
            SELECT turn FROM jobs WHERE status = 'queued' AND turn IS NOT NULL AND owner = 1 AND priority = 1
            ORDER BY turn DESC LIMIT 1
            """, "jobs_line"
        ),
        (
            """
            SELECT turn FROM jobs WHERE status = 'queued' AND turn IS NOT NULL AND priority = 1 ORDER BY turn LIMIT 1
            """, "jobs_ready"
        ),
        (
            """
            SELECT id, owner, priority FROM jobs WHERE status = 'queued' AND turn IS NULL AND run_at <= 5
            ORDER BY run_at, id LIMIT 9
            """, "jobs_delayed"
        ),
        ("SELECT id FROM jobs WHERE status = 'running' AND heartbeat_at < 5", "jobs_leases"),
        ("SELECT DISTINCT worker FROM jobs WHERE status = 'running'", "jobs_leases"),
        ("SELECT id FROM jobs WHERE worker = 'w' AND status = 'running' AND cancel_requested = 1", "jobs_cancelling"),
        ("SELECT id FROM jobs WHERE kind = 'a' AND unique_key = 'k' AND finished_at IS NULL", "jobs_unfinished_key"),
        (
            "SELECT * FROM jobs WHERE owner = 1 AND parent_id IS NULL AND id < 9 ORDER BY id DESC LIMIT 9",
            "jobs_of_owner"
        ),
        (
            "SELECT parent_id, status, COUNT(*) FROM jobs WHERE parent_id IN (1, 2) GROUP BY parent_id, status",
            "jobs_children"
        ),
        (
            """
            SELECT id FROM jobs WHERE finished_at IS NOT NULL AND finished_at < 5
                AND NOT EXISTS (SELECT 1 FROM jobs child WHERE child.parent_id = jobs.id)
            ORDER BY finished_at, id LIMIT 9
            """, "jobs_finished"
        ),
        ("SELECT 1 FROM jobs child WHERE child.parent_id = 1", "jobs_children"),
    ]

    @Test("every query walks along its index, and sorts nothing", arguments: queries.indices)
    func plan(number: Int) async throws {
        let shop = try await Workshop()
        let (query, index) = Self.queries[number]
        let plan = try await QueryPlan(of: query, in: shop.database)
        #expect(plan.indexes.contains(index), "\(plan)")
        #expect(!plan.sorts, "\(plan)")
    }
}
