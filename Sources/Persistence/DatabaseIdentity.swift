import Foundation

/// The database's own id. Its processes put it into their keys and channels, so that several installations can share a
/// Redis. A copy, or a database that a backup was restored into, has another.
///
/// In the same row is until when replicas are not to be read from (`UnsharedWrites`), which no copy has a use for either.
public enum DatabaseIdentity {
    static let table = "database_identity"

    /// Makes the table; the row comes with the first question for it.
    public static let migration = Migration("0014_database_identity") { _ in
        [
            """
            CREATE TABLE database_identity (
                only_row BIGINT PRIMARY KEY CHECK (only_row = 1),
                id TEXT NOT NULL,
                unshared_until BIGINT NOT NULL
            )
            """
        ]
    }

    /// A row while somebody writes what other processes could not be told of; on PostgreSQL, for its replicas.
    static let unshared: SQL = "SELECT 1 FROM database_identity WHERE unshared_until > \(now)"

    static func announcingUnshared(for time: Duration) -> SQL {
        """
        INSERT INTO database_identity (only_row, id, unshared_until)
        VALUES (1, \(newID()), \(now) + \(Int64(time / .microseconds(1))))
        ON CONFLICT (only_row) DO UPDATE
        SET unshared_until = GREATEST(database_identity.unshared_until, excluded.unshared_until)
        """
    }

    /// By PostgreSQL's clock, in microseconds, for those who compare with it have clocks of their own.
    private static let now: SQL = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

    static func newID() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }
}

extension Database {
    /// The database's own id, the same for every process; made when it is first asked for.
    public func identity() async throws -> String {
        let known = try await read { try $0.identity() }
        if let known { return known }
        return try await write { connection in
            try connection.execute(
                """
                INSERT INTO database_identity (only_row, id, unshared_until)
                VALUES (1, \(DatabaseIdentity.newID()), 0) ON CONFLICT (only_row) DO NOTHING
                """)
            guard let id = try connection.identity() else { throw DatabaseFailure.other("database_identity is empty") }
            return id
        }
    }
}

extension SQLConnection {
    fileprivate func identity() throws -> String? { try value("SELECT id FROM database_identity") }
}
