import CSodium
import Foundation
import Reading

/// A web address as a bookmark keeps it: the original, and what makes another address the same bookmark.
struct BookmarkAddress: Sendable {
    /// As the person gave it.
    let original: String
    let url: WebURL
    let identityKey: String
    /// The first 16 bytes of BLAKE2b over the key: addresses are longer than an index may hold.
    let identityHash: [UInt8]
    let similarityHash: [UInt8]
    let domain: String

    /// Longer addresses are no links that a browser would open.
    static let lengthLimit = 32_768

    init(_ input: String) throws(BookmarkFailure) {
        let original = input.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !original.isEmpty else { throw .invalidField("url", "is required") }
        guard original.utf8.count <= Self.lengthLimit else {
            throw .invalidField("url", "must have at most 32,768 bytes")
        }
        // RFC 1035, 2.3.4: a longer name is nobody's.
        guard let url = WebURL(pasted: original), url.isWeb, let host = url.hostname, host.utf8.count <= 255,
            let key = URLIdentity.key(of: url)
        else { throw .invalidField("url", "must be a web address that begins with http:// or https://") }
        self.original = original
        self.url = url
        identityKey = key.href
        identityHash = Self.hash(key.href)
        similarityHash = Self.hash(URLIdentity.similarityKey(of: url))
        domain = BookmarkFilter.comparable(domain: host)
    }

    private static func hash(_ text: String) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 16)
        let bytes = Array(text.utf8)
        crypto_generichash(&output, output.count, bytes, UInt64(bytes.count), nil, 0)
        return output
    }
}
