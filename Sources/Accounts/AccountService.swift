import Foundation
import JWTKit
import Jobs
import Persistence

/// Who may make an account.
public enum Registration: String, Sendable {
    case open, invite, closed
}

/// Registers people, lets them in and out.
public struct AccountService: Sendable {
    private let users: UserRepository
    private let sessions: SessionRepository
    private let hasher: PasswordHasher
    private let issuer: TokenIssuer
    private let authenticator: Authenticator
    private let registration: Registration
    private let announceRevocation: RevocationAnnouncement

    struct Tokens: Sendable {
        let access: String
        let refresh: String
    }

    public init(
        database: Database, hasher: PasswordHasher, issuer: TokenIssuer, authenticator: Authenticator,
        registration: Registration, announceRevocation: @escaping RevocationAnnouncement = { _ in }
    ) {
        users = UserRepository(database: database)
        sessions = SessionRepository(database: database)
        self.hasher = hasher
        self.issuer = issuer
        self.authenticator = authenticator
        self.registration = registration
        self.announceRevocation = announceRevocation
    }

    /// Makes an account.
    ///
    /// - Parameter byAdministrator: whether it is made on the server itself, where registration may be closed.
    public func register(
        username: String, email: String, password: String, byAdministrator: Bool = false
    ) async throws -> User {
        let username = try Username(username)
        let email = try EmailAddress(email)
        let password = try Password(password)
        let onlyAsFirst = registration != .open && !byAdministrator
        // A stranger must not make a closed server hash; the insertion decides again.
        if onlyAsFirst, try await users.exist() { throw AccountFailure.registrationClosed }
        return try await users.insert(
            username, email, passwordHash: try await hasher.hash(password), onlyAsFirst: onlyAsFirst)
    }

    func login(_ login: String, password: String) async throws -> (User, Tokens) {
        let credentials = try await users.credentials(for: login)
        guard try await hasher.verify(password, against: credentials?.passwordHash), let credentials else {
            throw AccountFailure.wrongCredentials
        }
        return (credentials.user, try await startSession(for: credentials.user.id))
    }

    func startSession(for user: User.ID) async throws -> Tokens {
        let refreshID = UUID().uuidString
        let session = try await sessions.insert(
            for: user, refreshToken: refreshID, expiresAt: Date().addingTimeInterval(TokenIssuer.refreshLifetime))
        return try await tokens(for: session, refreshID: refreshID, isFresh: true)
    }

    /// Gives new tokens for a refresh token, which is good once.
    func refresh(_ token: String) async throws -> Tokens {
        let claims = try await issuer.verify(token, as: .refresh)
        guard let session = claims.session else { throw AccountFailure.invalidToken }
        let next = UUID().uuidString
        let rotation = try await sessions.rotate(
            session, from: claims.jti.value, to: next,
            expiresAt: Date().addingTimeInterval(TokenIssuer.refreshLifetime))
        switch rotation {
        case .rotated:
            return try await tokens(for: session, refreshID: next, isFresh: false)
        case .reused:
            await end([session.id])
            throw AccountFailure.invalidToken
        case .unknown:
            throw AccountFailure.invalidToken
        }
    }

    func logout(_ session: Session.ID, of user: User.ID) async throws {
        try await sessions.revoke(session, of: user)
        await end([session])
    }

    func user(_ id: User.ID) async throws -> User? { try await users.find(id) }

    /// The account a command acts for: the one named, or the only one there is.
    public func user(named name: String?) async throws -> User? {
        guard let name else { return try await users.onlyUser() }
        return try await users.credentials(for: name)?.user
    }

    /// Learns which sessions were revoked elsewhere, or while this process did not run.
    ///
    /// - Parameter since: nil for as long as their access tokens may still be about.
    public func loadRevocations(since: Date? = nil) async throws {
        let since = since ?? Date().addingTimeInterval(-TokenIssuer.accessLifetime)
        authenticator.revoke(try await sessions.revoked(since: since))
    }

    /// The work that removes sessions which are over.
    public static func cleaning(_ database: Database) -> Cleaning {
        Cleaning("accounts.clean-sessions", in: database, delete: SessionRepository.removeEnded)
    }

    /// Learns at once which sessions another process has ended.
    public func learnRevocations(of sessions: [Int64]) { authenticator.revoke(sessions.map { Session.ID($0) }) }

    private func end(_ sessions: [Session.ID]) async {
        authenticator.revoke(sessions)
        await announceRevocation(sessions.map(\.rawValue))
    }

    private func tokens(for session: Session, refreshID: String, isFresh: Bool) async throws -> Tokens {
        Tokens(
            access: try await issuer.sign(TokenClaims(kind: .access, session: session, isFresh: isFresh)),
            refresh: try await issuer.sign(
                TokenClaims(kind: .refresh, session: session, isFresh: isFresh, id: refreshID)))
    }
}
