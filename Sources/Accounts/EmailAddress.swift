import Foundation

/// An address that could receive mail. Only writing to it proves that it does, so the form is checked loosely.
public struct EmailAddress: Sendable, Equatable {
    public let text: String

    /// What makes two addresses the same: case does not count.
    public var key: String { text.lowercased() }

    public init(_ input: String) throws(AccountFailure) {
        let text = input.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        // RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all.
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), text.utf8.count <= 254,
            parts[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }),
            !text.unicodeScalars.contains(where: {
                $0.properties.isWhitespace || $0.properties.generalCategory == .control
                    || "<>,;:\"()[]\\".unicodeScalars.contains($0)
            })
        else { throw .invalidField("email", "must be an e-mail address") }
        self.text = text
    }
}
