/// A password a person chose: at least 8 characters, at most 1,024 bytes.
public struct Password: Sendable {
    let text: String

    public init(_ text: String) throws(AccountFailure) {
        guard text.count >= 8 else { throw .invalidField("password", "must have at least 8 characters") }
        // Hashing time must not be for the sender to choose.
        guard text.utf8.count <= 1024 else { throw .invalidField("password", "must have at most 1,024 bytes") }
        self.text = text
    }
}
