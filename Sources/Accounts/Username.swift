import Foundation

/// A name a person chose: 3 to 80 letters, digits, `.`, `_` or `-`, beginning with a letter or digit.
public struct Username: Sendable, Equatable {
    public let text: String

    /// What makes two names the same: case does not count.
    public var key: String { text.lowercased() }

    public init(_ input: String) throws(AccountFailure) {
        let text = input.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
        // Scalars: one character may carry any number of accents.
        guard text.count >= 3, text.unicodeScalars.count <= 80 else {
            throw .invalidField("username", "must have 3 to 80 characters")
        }
        let isAllowed = text.unicodeScalars.allSatisfy(Self.isAllowed)
        guard isAllowed, let first = text.first, first.isLetter || first.isWholeNumber else {
            throw .invalidField(
                "username", "may have letters, digits, '.', '_' and '-', and begins with a letter or digit")
        }
        self.text = text
    }

    /// Nothing invisible: two names that look the same would be two people.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            true
        default: "._-".unicodeScalars.contains(scalar)
        }
    }
}
