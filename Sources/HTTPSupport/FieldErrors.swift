/// Collects what is wrong with each field of a request, so that a person sees every mistake at once.
///
///     var errors = FieldErrors()
///     if body.title.isEmpty { errors["title"] = "must not be empty" }
///     try errors.check()
public struct FieldErrors: Sendable, Equatable {
    private var words: [String: String] = [:]

    public init() {}

    public var isEmpty: Bool { words.isEmpty }

    /// What the field must be, in words that follow its name: "must not be empty".
    public subscript(field: String) -> String? {
        get { words[field] }
        set { words[field] = newValue }
    }

    /// Throws a 400 naming every field, where there is one.
    public func check() throws(Problem) {
        if !words.isEmpty { throw .invalid(words) }
    }
}
