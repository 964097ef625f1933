import Foundation
import HTTPSupport
import Persistence
import Testing

@testable import Accounts
@testable import Jobs

@Suite("Signing in and out")
struct SessionTests {
    @Test(
        "by user name or e-mail address, in any case",
        arguments: [
            "ada", "ADA", " ada ", "ada@example.org", "Ada@Example.ORG",
        ])
    func login(name: String) async throws {
        let house = try await Household()
        let ada = try await house.register("ada")
        let (user, tokens) = try await house.accounts.login(name, password: Household.password)
        #expect(user == ada)
        let principal = try await house.authenticator.principal(for: tokens.access)
        #expect(principal.subject == ada.id.rawValue)
        #expect(principal.isFresh)
    }

    @Test(
        "a wrong password and an unknown name get the same answer",
        arguments: [
            ("ada", "wrong password"), ("ada", ""), ("grace", Household.password), ("", ""), ("grace@example.org", "x"),
        ])
    func wrongCredentials(name: String, password: String) async throws {
        let house = try await Household()
        _ = try await house.register("ada")
        let failure = try await refusal { _ = try await house.accounts.login(name, password: password) }
        #expect(failure == .wrongCredentials)
    }

    @Test("a refresh token brings new tokens, which are not fresh")
    func refresh() async throws {
        let house = try await Household()
        let (ada, first) = try await house.ada()
        let second = try await house.accounts.refresh(first.refresh)
        let third = try await house.accounts.refresh(second.refresh)
        let principal = try await house.authenticator.principal(for: third.access)
        #expect(principal.subject == ada.id.rawValue)
        #expect(!principal.isFresh)
        #expect(Set([first.refresh, second.refresh, third.refresh]).count == 3)
        #expect(try await house.admits(first.access))
    }

    @Test("a refresh token used twice ends its session, for the thief and the owner")
    func reuse() async throws {
        let house = try await Household()
        let (ada, stolen) = try await house.ada()
        let elsewhere = try await house.accounts.startSession(for: ada.id)
        let next = try await house.accounts.refresh(stolen.refresh)
        #expect(try await refusal { _ = try await house.accounts.refresh(stolen.refresh) } == .invalidToken)
        #expect(try await refusal { _ = try await house.accounts.refresh(next.refresh) } == .invalidToken)
        #expect(try await !house.admits(next.access))
        #expect(try await !house.admits(stolen.access))
        #expect(try await house.admits(elsewhere.access))
    }

    @Test("of two who use a refresh token at once one gets through, and the session is over")
    func refreshRace() async throws {
        let house = try await Household()
        let (_, tokens) = try await house.ada()
        let winners = try await withThrowingTaskGroup(of: AccountService.Tokens?.self) { group in
            for _ in 0..<8 { group.addTask { try? await house.accounts.refresh(tokens.refresh) } }
            return try await group.compactMap { $0 }.reduce(into: [AccountService.Tokens]()) { $0.append($1) }
        }
        #expect(winners.count == 1)
        for winner in winners { #expect(try await !house.admits(winner.access)) }
    }

    @Test("signing out ends the tokens of that session at once, and of no other")
    func logout() async throws {
        let house = try await Household()
        let (ada, phone) = try await house.ada()
        let laptop = try await house.accounts.startSession(for: ada.id)
        #expect(try await house.admits(phone.access))
        let claims = try await house.issuer.verify(phone.access, as: .access)
        try await house.accounts.logout(try #require(claims.session).id, of: ada.id)
        #expect(try await !house.admits(phone.access))
        #expect(try await refusal { _ = try await house.accounts.refresh(phone.refresh) } == .invalidToken)
        #expect(try await house.admits(laptop.access))
        _ = try await house.accounts.refresh(laptop.refresh)
    }

    @Test("nobody ends another person's session in the records")
    func revokingOthers() async throws {
        let house = try await Household()
        let (_, tokens) = try await house.ada()
        let grace = try await house.register("grace")
        let claims = try await house.issuer.verify(tokens.access, as: .access)
        try await house.sessions.revoke(try #require(claims.session).id, of: grace.id)
        _ = try await house.accounts.refresh(tokens.refresh)
    }

    @Test("who signed out stays out after a restart")
    func restart() async throws {
        let house = try await Household()
        let (ada, tokens) = try await house.ada()
        let claims = try await house.issuer.verify(tokens.access, as: .access)
        try await house.accounts.logout(try #require(claims.session).id, of: ada.id)

        let restarted = Authenticator(issuer: house.issuer)
        let accounts = AccountService(
            database: house.database, hasher: try PasswordHasher(threads: Household.threads), issuer: house.issuer,
            authenticator: restarted, registration: .open)
        try await accounts.loadRevocations()
        #expect(try await refusal { _ = try await restarted.principal(for: tokens.access) } == .invalidToken)
    }

    @Test("sessions that are over are cleaned away, in batches, and nobody who is signed in notices")
    func cleaning() async throws {
        let house = try await Household()
        let (ada, tokens) = try await house.ada()
        let justEnded = try await house.accounts.startSession(for: ada.id)
        let claims = try await house.issuer.verify(justEnded.access, as: .access)
        try await house.accounts.logout(try #require(claims.session).id, of: ada.id)
        let (now, day) = (Date(), TimeInterval(24 * 60 * 60))
        try await house.database.write { connection in
            for number in 0..<1200 {
                let isRevoked = number.isMultiple(of: 2)
                try connection.execute(
                    """
                    INSERT INTO sessions (user_id, refresh_token, created_at, last_used_at, expires_at, revoked_at)
                    VALUES (\(ada.id), 'old', 0, 0, \(now.addingTimeInterval(isRevoked ? day : -1)),
                        \(isRevoked ? now.addingTimeInterval(-day - 1) : nil))
                    """)
            }
        }
        try await AccountService.cleaning(house.database).run()
        let left = try await house.database.read { try $0.value("SELECT COUNT(*) FROM sessions", as: Int.self) }
        #expect(left == 2)
        _ = try await house.accounts.refresh(tokens.refresh)
        #expect(try await house.sessions.revoked(since: Date().addingTimeInterval(-60)).count == 1)
    }

    @Test("a session that was not used for a week is over")
    func expiredSession() async throws {
        let house = try await Household()
        let (ada, _) = try await house.ada()
        let session = try await house.sessions.insert(
            for: ada.id, refreshToken: "old", expiresAt: Date().addingTimeInterval(-1))
        let rotation = try await house.sessions.rotate(session, from: "old", to: "new", expiresAt: .distantFuture)
        #expect(rotation == .unknown)
    }
}
