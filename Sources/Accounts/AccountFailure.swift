import HTTPSupport

/// Why an account could not be made or entered.
public enum AccountFailure: Error, Equatable {
    case invalidField(String, String)
    case usernameTaken
    case emailTaken
    /// One wording for an unknown name and a wrong password: neither tells whether the account exists.
    case wrongCredentials
    case invalidToken
    case registrationClosed
    /// More passwords wait to be checked than can be in a reasonable time.
    case tooManyAtOnce
}

extension AccountFailure: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .invalidField(let field, let reason): .invalid([field: reason])
        case .usernameTaken:
            .conflict("This user name is taken.", error: "username_taken", details: ["username": "is taken"])
        case .emailTaken:
            .conflict("This e-mail address has an account.", error: "email_taken", details: ["email": "has an account"])
        case .wrongCredentials: .unauthorized("The user name or the password is wrong.")
        case .invalidToken: .unauthorized("The token is invalid, expired or revoked.")
        case .registrationClosed: .forbidden("Registration is closed on this server.")
        case .tooManyAtOnce: .unavailable("Too many people sign in right now. Please try again shortly.", retryAfter: 3)
        }
    }
}
