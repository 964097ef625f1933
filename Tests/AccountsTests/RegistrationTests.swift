import NIOPosix
import Persistence
import TestSupport
import Testing

@testable import Accounts

@Suite("Making an account")
struct RegistrationTests {
    @Test("the first account is the admin's, the next ones are regular")
    func roles() async throws {
        let house = try await Household()
        let ada = try await house.register("ada")
        let grace = try await house.register("grace")
        #expect(ada.role == .admin)
        #expect(grace.role == .regular)
        #expect(try await house.accounts.user(ada.id) == ada)
    }

    @Test("a name or an address is taken once, whatever its case")
    func taken() async throws {
        let house = try await Household()
        _ = try await house.register("ada")
        let name = try await refusal {
            _ = try await house.accounts.register(
                username: "ADA", email: "other@example.org", password: Household.password)
        }
        let address = try await refusal {
            _ = try await house.accounts.register(
                username: "other", email: "Ada@Example.Org", password: Household.password)
        }
        #expect(name == .usernameTaken)
        #expect(address == .emailTaken)
    }

    @Test("of ten who take the same name at once one gets it, and one is the admin")
    func race() async throws {
        let house = try await Household()
        let results = await withTaskGroup(of: Result<User, any Error>.self) { group in
            for number in 0..<10 {
                group.addTask {
                    do {
                        let name = number.isMultiple(of: 2) ? "ada" : "Ada"
                        return .success(
                            try await house.accounts.register(
                                username: name, email: "ada\(number)@example.org", password: Household.password))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let made = results.compactMap { try? $0.get() }
        let refusals = results.compactMap { result -> AccountFailure? in
            if case .failure(let failure as AccountFailure) = result { failure } else { nil }
        }
        #expect(made.count == 1)
        #expect(made.first?.role == .admin)
        #expect(refusals == Array(repeating: .usernameTaken, count: 9))
    }

    @Test("a closed server lets its first person in and nobody after", arguments: [Registration.closed, .invite])
    func closed(registration: Registration) async throws {
        let house = try await Household(registration: registration)
        let ada = try await house.register("ada")
        #expect(ada.role == .admin)
        #expect(try await refusal { _ = try await house.register("grace") } == .registrationClosed)
        let made = try await house.accounts.register(
            username: "grace", email: "grace@example.org", password: Household.password, byAdministrator: true)
        #expect(made.role == .regular)
    }

    @Test("a closed server refuses before it hashes the password")
    func closedWithoutHashing() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let house = try await Household(registration: .closed, threads: threads)
        _ = try await house.register("ada")
        try await threads.shutdownGracefully()
        // Without the threads that hash any attempt at it would fail otherwise.
        #expect(try await refusal { _ = try await house.register("grace") } == .registrationClosed)
    }

    @Test("nothing is kept of an account that is refused")
    func nothingHalfWritten() async throws {
        let house = try await Household()
        for (name, email, password) in [
            ("a", "a@b", "12345678"), ("ada", "no", "12345678"), ("ada", "a@b.org", "short"),
        ] {
            let failure = try await refusal {
                _ = try await house.accounts.register(username: name, email: email, password: password)
            }
            #expect(failure != nil)
        }
        let count = try await house.database.read { try $0.value("SELECT COUNT(*) FROM users", as: Int.self) }
        #expect(count == 0)
    }

    @Test("passwords are kept as hashes only")
    func storedHash() async throws {
        let house = try await Household()
        _ = try await house.register("ada")
        let stored = try await house.database.read { try $0.value("SELECT password_hash FROM users", as: String.self) }
        #expect(stored?.hasPrefix("$argon2id$") == true)
    }

    @Test("a command acts for the only account, or for the one it names")
    func accountOfCommand() async throws {
        let house = try await Household()
        #expect(try await house.accounts.user(named: nil) == nil)
        let ada = try await house.register("ada")
        #expect(try await house.accounts.user(named: nil) == ada)
        let grace = try await house.register("grace")
        #expect(try await house.accounts.user(named: nil) == nil)
        #expect(try await house.accounts.user(named: "Grace@example.org") == grace)
        #expect(try await house.accounts.user(named: " ADA ") == ada)
        #expect(try await house.accounts.user(named: "joan") == nil)
    }
}
