import Foundation
import Persistence

/// One login on one device: the family of the refresh tokens that followed one another there.
public struct Session: Sendable {
    public typealias ID = Identifier<Session>

    let id: ID
    let userID: User.ID
}

/// The sessions' rows. A session keeps the id of the one refresh token that is still good.
struct SessionRepository: Sendable {
    let database: Database

    enum Rotation: Sendable {
        case rotated
        /// The token had been used before: somebody has a copy, so the session is over.
        case reused
        case unknown
    }

    func insert(for user: User.ID, refreshToken: String, expiresAt: Date) async throws -> Session {
        let now = Date.currentMicrosecond
        return try await database.write(.owner(user)) { connection in
            let id = try connection.value(
                """
                INSERT INTO sessions (user_id, refresh_token, created_at, last_used_at, expires_at)
                VALUES (\(user), \(refreshToken), \(now), \(now), \(expiresAt)) RETURNING id
                """, as: Session.ID.self)
            guard let id else { throw DatabaseFailure.other("INSERT returned no row") }
            return Session(id: id, userID: user)
        }
    }

    /// Puts a new refresh token in the place of the one used; one used twice ends the session.
    func rotate(_ session: Session, from used: String, to next: String, expiresAt: Date) async throws -> Rotation {
        let now = Date.currentMicrosecond
        return try await database.write(.owner(session.userID)) { connection in
            let rotated = try connection.execute(
                """
                UPDATE sessions SET refresh_token = \(next), last_used_at = \(now), expires_at = \(expiresAt)
                WHERE id = \(session.id) AND user_id = \(session.userID) AND refresh_token = \(used)
                    AND revoked_at IS NULL AND expires_at > \(now)
                """)
            if rotated == 1 { return .rotated }
            let revoked = try connection.execute(
                """
                UPDATE sessions SET revoked_at = \(now)
                WHERE id = \(session.id) AND user_id = \(session.userID) AND revoked_at IS NULL AND expires_at > \(now)
                """)
            return revoked == 1 ? .reused : .unknown
        }
    }

    func revoke(_ id: Session.ID, of user: User.ID) async throws {
        try await database.write(.owner(user)) { connection in
            try connection.execute(
                """
                UPDATE sessions SET revoked_at = \(Date.currentMicrosecond)
                WHERE id = \(id) AND user_id = \(user) AND revoked_at IS NULL
                """)
        }
    }

    /// Removes sessions that nobody can come back to.
    ///
    /// What was revoked is kept for a day, which is far longer than an access token of it could still be shown.
    static func removeEnded(_ connection: SQLConnection, limit: Int) throws -> Int {
        let now = Date.currentMicrosecond
        let expired = try connection.execute(
            """
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE expires_at <= \(now) ORDER BY expires_at LIMIT \(limit))
            """)
        let revoked = try connection.execute(
            """
            DELETE FROM sessions WHERE id IN (
                SELECT id FROM sessions WHERE revoked_at < \(now.addingTimeInterval(-24 * 60 * 60))
                ORDER BY revoked_at LIMIT \(limit))
            """)
        return max(expired, revoked)
    }

    /// Everybody's, for this process lets everybody in.
    func revoked(since: Date) async throws -> [Session.ID] {
        try await database.read { connection in
            try connection.values("SELECT id FROM sessions WHERE revoked_at >= \(since)")
        }
    }
}
