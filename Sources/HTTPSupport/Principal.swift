/// Who is asking, as the access token says; put into the context by the room that knows accounts.
public struct Principal: Sendable, Equatable {
    /// The user's id.
    public var subject: Int64
    /// The token's own id (`jti`), by which it can be revoked.
    public var tokenID: String
    /// Whether the password was given for this very token, as dangerous changes want.
    public var isFresh: Bool

    public init(subject: Int64, tokenID: String, isFresh: Bool) {
        self.subject = subject
        self.tokenID = tokenID
        self.isFresh = isFresh
    }
}
