import Foundation
import NIOPosix
import Persistence
import TestSupport

@testable import Accounts

/// Accounts on a fresh database.
struct Household {
    static let password = "Analytical-Engine-1843"
    static let secret = [UInt8](repeating: 7, count: 32)

    static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()

    let records: TestDatabase
    let database: Database
    let issuer: TokenIssuer
    let authenticator: Authenticator
    let accounts: AccountService
    private let registration: Registration

    init(registration: Registration = .open, threads: NIOThreadPool = threads) async throws {
        records = try await TestDatabase(AccountsSchema.migrations)
        database = try records.open()
        self.registration = registration
        issuer = await TokenIssuer(secret: Self.secret)
        authenticator = Authenticator(issuer: issuer)
        accounts = AccountService(
            database: database, hasher: try PasswordHasher(threads: threads), issuer: issuer,
            authenticator: authenticator, registration: registration)
    }

    /// The same accounts, as another process of the installation serves them.
    func neighbour() async throws -> AccountService {
        AccountService(
            database: try records.open(), hasher: try PasswordHasher(threads: Self.threads), issuer: issuer,
            authenticator: Authenticator(issuer: issuer), registration: registration)
    }

    var sessions: SessionRepository { SessionRepository(database: database) }

    func register(_ name: String) async throws -> User {
        try await accounts.register(username: name, email: "\(name)@example.org", password: Self.password)
    }

    /// Ada with an account, signed in on one device.
    func ada() async throws -> (user: User, tokens: AccountService.Tokens) {
        let user = try await register("ada")
        return (user, try await accounts.startSession(for: user.id))
    }

    /// Whether an access token opens the door.
    func admits(_ access: String) async throws -> Bool {
        do {
            _ = try await authenticator.principal(for: access)
            return true
        } catch AccountFailure.invalidToken {
            return false
        }
    }
}

/// The failure that `body` ends with; nil where it succeeds.
func refusal(_ body: () async throws -> Void) async throws -> AccountFailure? {
    do {
        try await body()
        return nil
    } catch let failure as AccountFailure {
        return failure
    }
}
