import HTTPSupport
import HTTPTypes
import NIOPosix
import Testing

@testable import Accounts

@Suite("Password hashes")
struct PasswordHasherTests {
    private let hasher: PasswordHasher

    init() throws { hasher = try PasswordHasher(threads: Household.threads) }

    @Test("are argon2id with 19 MiB and two passes, salted anew each time")
    func parameters() async throws {
        let password = try Password(Household.password)
        let first = try await hasher.hash(password)
        let second = try await hasher.hash(password)
        #expect(first.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(first != second)
        #expect(try await hasher.verify(Household.password, against: second))
    }

    @Test(
        "fit the whole password and no other",
        arguments: [
            ("naïve café 🙂", "naïve cafe 🙂"), ("trailing space ", "trailing space"), ("Case matters", "case matters"),
            ("null\u{0}inside-1", "null\u{0}inside-2"),
            (String(repeating: "x", count: 1024), String(repeating: "x", count: 1023)),
        ])
    func wholePassword(right: String, wrong: String) async throws {
        let hash = try await hasher.hash(try Password(right))
        #expect(try await hasher.verify(right, against: hash))
        #expect(try await !hasher.verify(wrong, against: hash))
        #expect(try await !hasher.verify("", against: hash))
    }

    @Test(
        "nothing matches where there is no account, or a damaged hash",
        arguments: [nil, "", "plain text", "$argon2id$"])
    func noAccount(hash: String?) async throws {
        for guess in ["", "no such account", Household.password] {
            #expect(try await !hasher.verify(guess, against: hash))
        }
    }

    @Test("in a flood the line is short: who comes too late is told to come again, and who waits is answered")
    func flood() async throws {
        let hasher = try PasswordHasher(threads: Household.threads, longestLine: 4)
        let answers = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do {
                        return .success(try await hasher.verify("guess", against: nil))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let refusals = answers.compactMap { answer -> AccountFailure? in
            if case .failure(let failure as AccountFailure) = answer { failure } else { nil }
        }
        let answered = answers.count { (try? $0.get()) == false }
        #expect(answered >= 4)
        #expect(answered + refusals.count == 40)
        #expect(!refusals.isEmpty && refusals.allSatisfy { $0 == .tooManyAtOnce })
        // The line is free again.
        #expect(try await !hasher.verify("guess", against: nil))
    }

    @Test("who is refused in a flood learns when to come again")
    func retryAfter() {
        let problem = AccountFailure.tooManyAtOnce.problem
        #expect(problem.status == .serviceUnavailable)
        #expect(problem.headers[.retryAfter] == "3")
    }

    @Test("an unknown account costs a hash as well, so that the time does not tell")
    func unknownIsHashed() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let hasher = try PasswordHasher(threads: threads)
        try await threads.shutdownGracefully()
        // Without the threads that hash there is no answer, not even "wrong".
        await #expect(throws: (any Error).self) { try await hasher.verify(Household.password, against: nil) }
    }
}
