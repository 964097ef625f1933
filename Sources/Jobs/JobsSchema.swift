import Persistence

/// The tables of the durable queue.
public enum JobsSchema {
    public static let migrations = [
        Migration("0002_jobs", statements: jobs),
        // A job without an owner is the installation's own, and nobody's to see.
        Migration("0005_jobs_row_security") { $0.rowSecurity(of: "jobs", owner: .id("owner")) },
        Migration("0015_jobs_row_security") { $0.renewedRowSecurity(of: "jobs", owner: .id("owner")) },
    ]

    @Sendable private static func jobs(_ dialect: SQLDialect) -> [String] {
        [
            """
            CREATE TABLE jobs (
                id \(dialect.identityColumn),
                kind TEXT NOT NULL,
                owner BIGINT,
                priority INTEGER NOT NULL,
                status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
                payload TEXT NOT NULL,
                state TEXT,
                progress_done BIGINT NOT NULL DEFAULT 0,
                progress_total BIGINT,
                progress_message TEXT,
                result TEXT,
                failure TEXT,
                attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
                max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
                interruptions INTEGER NOT NULL DEFAULT 0,
                unique_key TEXT,
                turn BIGINT,
                run_at BIGINT NOT NULL,
                heartbeat_at BIGINT,
                worker TEXT,
                timeout_seconds BIGINT NOT NULL CHECK (timeout_seconds > 0),
                parent_id BIGINT REFERENCES jobs (id) ON DELETE SET NULL,
                cancel_requested INTEGER NOT NULL DEFAULT 0,
                created_at BIGINT NOT NULL,
                started_at BIGINT,
                finished_at BIGINT,
                CHECK ((finished_at IS NULL) = (status IN ('queued', 'running'))),
                CHECK ((worker IS NOT NULL AND heartbeat_at IS NOT NULL) = (status = 'running'))
            )
            """,
            // Claims, in the order in which work is handed out.
            "CREATE INDEX jobs_ready ON jobs (priority, turn, id) WHERE status = 'queued' AND turn IS NOT NULL",
            // The end of each owner's line, where its next job queues up.
            "CREATE INDEX jobs_line ON jobs (owner, priority, turn) WHERE status = 'queued' AND turn IS NOT NULL",
            "CREATE INDEX jobs_delayed ON jobs (run_at, id) WHERE status = 'queued' AND turn IS NULL",
            "CREATE INDEX jobs_leases ON jobs (heartbeat_at, worker) WHERE status = 'running'",
            "CREATE INDEX jobs_cancelling ON jobs (worker) WHERE status = 'running' AND cancel_requested = 1",
            """
            CREATE UNIQUE INDEX jobs_unfinished_key ON jobs (kind, unique_key)
            WHERE unique_key IS NOT NULL AND finished_at IS NULL
            """,
            "CREATE INDEX jobs_of_owner ON jobs (owner, id) WHERE parent_id IS NULL AND owner IS NOT NULL",
            "CREATE INDEX jobs_children ON jobs (parent_id, status, id) WHERE parent_id IS NOT NULL",
            "CREATE INDEX jobs_finished ON jobs (finished_at, id) WHERE finished_at IS NOT NULL",
            "CREATE TABLE job_schedules (name TEXT PRIMARY KEY, next_at BIGINT NOT NULL)",
        ]
    }
}
