import CSodium
import NIOPosix

/// argon2id with 19 MiB and two passes (OWASP's first recommendation), on a few threads of its own, so that a
/// flood of logins cannot starve other requests.
public struct PasswordHasher: Sendable {
    private static let memoryBytes = 19 * 1024 * 1024
    private static let passes: UInt64 = 2

    private let threads: NIOThreadPool
    /// Verified against when there is no such account, so that the answer takes as long as for a wrong password.
    private let decoy: String

    /// - Parameter threads: a started pool; its size bounds how many hashes are computed at once.
    public init(threads: NIOThreadPool) throws {
        guard sodium_init() >= 0 else { throw PasswordHasherFailure.unavailable }
        self.threads = threads
        decoy = try Self.hash("no such account")
    }

    func hash(_ password: Password) async throws -> String {
        try await threads.runIfActive { try Self.hash(password.text) }
    }

    /// Whether `password` made `hash`; without a hash it is false after the usual time.
    func verify(_ password: String, against hash: String?) async throws -> Bool {
        let candidate = hash ?? decoy
        let matches = try await threads.runIfActive {
            crypto_pwhash_str_verify(candidate, password, UInt64(password.utf8.count)) == 0
        }
        return matches && hash != nil
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
