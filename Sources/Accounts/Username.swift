import Foundation

/// A name a person chose: 3 to 80 letters, digits, `.`, `_` or `-`, beginning with a letter or digit.
public struct Username: Sendable, Equatable {
    public let text: String

    /// What makes two names the same: case does not count.
    public var key: String { text.lowercased() }

    public init(_ input: String) throws(AccountFailure) {
        let text = input.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
        guard (3...80).contains(text.count) else {
            throw .invalidField("username", "must have 3 to 80 characters")
        }
        let isAllowed = text.allSatisfy { $0.isLetter || $0.isWholeNumber || "._-".contains($0) }
        guard isAllowed, let first = text.first, first.isLetter || first.isWholeNumber else {
            throw .invalidField(
                "username", "may have letters, digits, '.', '_' and '-', and begins with a letter or digit")
        }
        self.text = text
    }
}
