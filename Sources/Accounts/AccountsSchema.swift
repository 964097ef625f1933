import Persistence

/// The tables of people and their sessions.
public enum AccountsSchema {
    public static let migrations = [
        Migration("0001_accounts") { dialect in
            [
                """
                CREATE TABLE users (
                    id \(dialect.identityColumn),
                    username TEXT NOT NULL,
                    username_key TEXT NOT NULL UNIQUE,
                    email TEXT NOT NULL,
                    email_key TEXT NOT NULL UNIQUE,
                    password_hash TEXT NOT NULL,
                    role TEXT NOT NULL CHECK (role IN ('admin', 'power', 'regular', 'guest')),
                    created_at BIGINT NOT NULL
                )
                """,
                """
                CREATE TABLE sessions (
                    id \(dialect.identityColumn),
                    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                    refresh_token TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    last_used_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    revoked_at BIGINT
                )
                """,
                "CREATE INDEX sessions_user ON sessions (user_id)",
                "CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL",
            ]
        },
        Migration("0005_accounts_row_security") { dialect in
            [
                dialect.rowSecurity(of: "users", owner: .id("id")),
                dialect.rowSecurity(of: "sessions", owner: .id("user_id")),
            ].flatMap(\.self)
        },
        Migration("0006_sessions_expiry") { _ in ["CREATE INDEX sessions_expiry ON sessions (expires_at)"] },
        Migration("0015_accounts_row_security") { dialect in
            dialect.renewedRowSecurity(of: "users", owner: .id("id"))
                + dialect.renewedRowSecurity(of: "sessions", owner: .id("user_id"))
        },
    ]
}
