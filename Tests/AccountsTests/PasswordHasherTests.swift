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
