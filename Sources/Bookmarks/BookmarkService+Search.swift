import Accounts
import HTTPSupport
import Persistence
import Search

/// What Search needs to know of bookmarks.
extension BookmarkService {
    /// Where the long texts of bookmarks are.
    public static let searchSource = SearchSource(kind: .bookmark) { refs, space, connection in
        guard let user = space.user else { return [:] }
        return try BookmarkContentRepository().texts(of: refs, ownedBy: User.ID(user), in: connection)
    }

    /// The bookmarks that pass the filters of a search request; nil where there is no filter.
    @Sendable public static func narrowing(_ query: Query, _ user: User.ID) throws -> SearchNarrowing? {
        let filter = try BookmarkFilter(query)
        guard !filter.isEmpty else { return nil }
        return SearchNarrowing(
            kind: .bookmark, refs: "SELECT id FROM bookmarks WHERE \(filter.condition(ownedBy: user))")
    }
}
