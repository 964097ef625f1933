import HTTPSupport

/// Why a bookmark could not be saved, found or changed.
public enum BookmarkFailure: Error, Equatable {
    case invalidField(String, String)
    case notFound
    /// The page has not been read, or had nothing to keep.
    case noContent
}

extension BookmarkFailure: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .invalidField(let field, let reason): .invalid([field: reason])
        case .notFound: .notFound("Bookmark")
        case .noContent: .notFound("Content of this bookmark")
        }
    }
}
