import Foundation

/// The key that tokens are signed with: 32 random bytes in a file that only the owner may read.
enum SecretKey {
    /// Reads the key file, or makes it. Two starters at once end with the same key.
    static func load(from file: URL) throws -> [UInt8] {
        if let key = try? read(file) { return key }
        var generator = SystemRandomNumberGenerator()
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let draft = file.deletingLastPathComponent().appending(path: ".secret-\(UUID().uuidString)")
        let created = FileManager.default.createFile(
            atPath: draft.path, contents: Data(key), attributes: [.posixPermissions: 0o600])
        guard created else { throw CocoaError(.fileWriteUnknown) }
        defer { try? FileManager.default.removeItem(at: draft) }
        // A link fails where another starter was first, whose key then counts.
        try? FileManager.default.linkItem(at: draft, to: file)
        return try read(file)
    }

    private static func read(_ file: URL) throws -> [UInt8] {
        let key = try Data(contentsOf: file)
        guard key.count >= 32 else { throw CocoaError(.fileReadCorruptFile) }
        return Array(key)
    }
}
