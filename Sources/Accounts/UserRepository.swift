import Foundation
import Persistence

/// The users' rows.
struct UserRepository: Sendable {
    let database: Database

    struct Credentials: Sendable {
        let user: User
        let passwordHash: String
    }

    private static let columns: SQL = "id, username, email, role, created_at"

    /// Adds an account; the first one of an installation is its admin.
    ///
    /// - Throws: `AccountFailure.usernameTaken`, `.emailTaken`, or `.registrationClosed` where only a first
    ///   account may be made and there is one.
    func insert(
        _ username: Username, _ email: EmailAddress, passwordHash: String, onlyAsFirst: Bool
    ) async throws -> User {
        do {
            return try await database.write { connection in
                var hasUsers = try Self.exist(in: connection)
                if !hasUsers {
                    // Two who register at once are not both the first.
                    try connection.takeTurns(on: "accounts.first")
                    hasUsers = try Self.exist(in: connection)
                }
                if onlyAsFirst && hasUsers { throw AccountFailure.registrationClosed }
                let user = try connection.first(
                    """
                    INSERT INTO users (username, username_key, email, email_key, password_hash, role, created_at)
                    VALUES (\(username.text), \(username.key), \(email.text), \(email.key), \(passwordHash),
                        \(hasUsers ? User.Role.regular : .admin), \(Date.currentMicrosecond))
                    RETURNING \(Self.columns)
                    """, User.init(row:))
                guard let user else { throw DatabaseFailure.other("INSERT returned no row") }
                return user
            }
        } catch DatabaseFailure.uniqueViolation(let constraint) {
            throw constraint.contains("username") ? AccountFailure.usernameTaken : .emailTaken
        }
    }

    /// Whether there is any account.
    func exist() async throws -> Bool { try await database.read { try Self.exist(in: $0) } }

    private static func exist(in connection: SQLConnection) throws -> Bool {
        try connection.value("SELECT EXISTS (SELECT 1 FROM users)") ?? false
    }

    func find(_ id: User.ID) async throws -> User? {
        try await database.read(.owner(id)) { connection in
            try connection.first("SELECT \(Self.columns) FROM users WHERE id = \(id)", User.init(row:))
        }
    }

    /// Finds by user name or, where there is an @ (which no user name has), by e-mail address; among everybody, for who
    /// signs in is not known before.
    func credentials(for login: String) async throws -> Credentials? {
        let key = login.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
            .lowercased()
        let condition: SQL = key.contains("@") ? "email_key = \(key)" : "username_key = \(key)"
        return try await database.read { connection in
            try connection.first("SELECT \(Self.columns), password_hash FROM users WHERE \(condition)") { row in
                Credentials(user: try User(row: &row), passwordHash: try row.next())
            }
        }
    }

    /// The only account, where there is exactly one.
    func onlyUser() async throws -> User? {
        let users = try await database.read { connection in
            try connection.all("SELECT \(Self.columns) FROM users LIMIT 2", User.init(row:))
        }
        return users.count == 1 ? users[0] : nil
    }
}

extension User {
    init(row: inout SQLRow) throws {
        self.init(
            id: try row.next(), username: try row.next(), email: try row.next(), role: try row.next(),
            createdAt: try row.next())
    }
}
