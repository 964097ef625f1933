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

    /// Every bookmark, for comparing the catalogue with what there is.
    public static func searchRecords(_ index: SearchIndex) -> SearchRecords {
        SearchRecords(kind: .bookmark, all: "SELECT id AS ref, user_id * 2 AS space FROM bookmarks") {
            ref, connection in
            let id = Bookmark.ID(ref)
            let owner = try connection.value("SELECT user_id FROM bookmarks WHERE id = \(id)", as: User.ID.self)
            guard let owner, let bookmark = try BookmarkRepository().find(id, ownedBy: owner, in: connection) else {
                return
            }
            let content = try BookmarkContentRepository().find(id, ownedBy: owner, in: connection)
            try index.put(
                bookmark.searchEntry(ownedBy: owner), content: content.map { index.analyze($0.text) }, meaning: .due,
                in: connection)
        }
    }

    /// The bookmarks that pass the filters of a search request; nil where there is no filter.
    @Sendable public static func narrowing(_ query: Query, _ user: User.ID) throws -> SearchNarrowing? {
        let filter = try BookmarkFilter(query)
        guard !filter.isEmpty else { return nil }
        return SearchNarrowing(
            kind: .bookmark, refs: "SELECT id FROM bookmarks WHERE \(filter.condition(ownedBy: user))")
    }
}
