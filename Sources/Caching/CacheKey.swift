import CSodium

/// What a value is kept under: `embedding:{…}:1`, `user_bookmarks:{42}:1:…`. `Redis.name` says what that is there.
///
/// The braces are the hash tag of a Redis Cluster: all that belongs to one person is on one server.
public struct CacheKey: Sendable, Hashable {
    /// Whose or of what: a person's id, or the hash of a content.
    let tag: String
    let detail: String?

    /// What belongs to a person.
    ///
    /// - Parameter detail: tells one from the other; hashed, so that it may be long and is nobody's to read.
    public static func of(_ owner: Int64, _ detail: String? = nil) -> CacheKey {
        CacheKey(tag: String(owner), detail: detail.map(hash))
    }

    /// What is the same for everybody, known by the content it comes from.
    public static func content(_ content: String) -> CacheKey { CacheKey(tag: hash(content), detail: nil) }

    func text(in kind: CacheKind) -> String {
        "\(kind.name):{\(tag)}:\(kind.format)" + (detail.map { ":\($0)" } ?? "")
    }

    /// BLAKE2b of 160 bits in hexadecimal digits: nobody finds two texts with the same one.
    private static func hash(_ text: String) -> String {
        var text = text
        var hash = [UInt8](repeating: 0, count: 20)
        let result = text.withUTF8 { bytes in
            crypto_generichash(&hash, hash.count, bytes.baseAddress, UInt64(bytes.count), nil, 0)
        }
        precondition(result == 0, "libsodium refuses only lengths that it does not know")
        return hash.reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }

    private static let digits = Array("0123456789abcdef")
}
