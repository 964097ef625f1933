import CSodium
import NIOPosix
import Synchronization

/// argon2id with 19 MiB and two passes (OWASP's first recommendation), on a few threads of its own, so that a
/// flood of logins cannot starve other requests; and only so many wait, so that it cannot make people wait for minutes.
public final class PasswordHasher: Sendable {
    private static let memoryBytes = 19 * 1024 * 1024
    private static let passes: UInt64 = 2

    /// A hash takes 20 to 50 ms: with two threads the last in the line waits about two seconds.
    public static let usualLine = 64

    private let threads: NIOThreadPool
    private let line = Mutex(0)
    private let longestLine: Int
    /// Verified against when there is no such account, so that the answer takes as long as for a wrong password.
    private let decoy: String

    /// - Parameters:
    ///   - threads: a started pool; its size bounds how many hashes are computed at once.
    ///   - longestLine: how many are computed and waited for at the most.
    public init(threads: NIOThreadPool, longestLine: Int = usualLine) throws {
        guard sodium_init() >= 0 else { throw PasswordHasherFailure.unavailable }
        self.threads = threads
        self.longestLine = longestLine
        decoy = try Self.hash("no such account")
    }

    /// - Throws: `AccountFailure.tooManyAtOnce` where too many wait already.
    func hash(_ password: Password) async throws -> String {
        try await inLine { try Self.hash(password.text) }
    }

    /// Whether `password` made `hash`; without a hash it is false after the usual time.
    ///
    /// - Throws: `AccountFailure.tooManyAtOnce` where too many wait already.
    func verify(_ password: String, against hash: String?) async throws -> Bool {
        let candidate = hash ?? decoy
        let matches = try await inLine {
            crypto_pwhash_str_verify(candidate, password, UInt64(password.utf8.count)) == 0
        }
        return matches && hash != nil
    }

    private func inLine<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let mayWait = line.withLock { waiting in
            guard waiting < longestLine else { return false }
            waiting += 1
            return true
        }
        guard mayWait else { throw AccountFailure.tooManyAtOnce }
        defer { line.withLock { $0 -= 1 } }
        return try await threads.runIfActive(body)
    }

    private static func hash(_ password: String) throws -> String {
        var output = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let code = crypto_pwhash_str_alg(
            &output, password, UInt64(password.utf8.count), passes, memoryBytes, crypto_pwhash_alg_argon2id13())
        guard code == 0 else { throw PasswordHasherFailure.outOfMemory }
        return String(decoding: output.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

enum PasswordHasherFailure: Error {
    case unavailable
    case outOfMemory
}
