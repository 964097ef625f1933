import Accounts
import Caching
import HTTPSupport
import HTTPTypes
import Hummingbird
import NIOCore
import Persistence
import Reading
import Search

/// What is kept for a while of what the bookmarks' endpoints answer, as the bytes that are sent.
public struct BookmarkCache: Sendable {
    let lists: CacheRegion<ByteBuffer>
    let pages: CacheRegion<ByteBuffer>

    /// - Parameters:
    ///   - lists: the first pages of a person's lists, good until anything of that person changes.
    ///   - pages: what pages of the web say, whoever asks.
    public init(lists: CacheRegion<ByteBuffer>, pages: CacheRegion<ByteBuffer>) {
        self.lists = lists
        self.pages = pages
    }
}

extension BookmarkRoutes {
    /// Beyond the first pages lists are read too seldom to be kept.
    private static let keptItems = 200

    /// Says that the answer is from before the database was lost.
    private static let stale: HTTPFields =
        HTTPField.Name("Warning").map { [$0: "110 fuze \"Response is Stale\""] } ?? [:]

    @Sendable func list(request: Request, context: APIContext) async throws -> Response {
        let user = try context.user()
        let query = Query(request)
        let asked = try PageRequest(query)
        let filter = try BookmarkFilter(query)
        guard asked.cursor == nil, asked.offset + asked.perPage <= Self.keptItems else {
            return .json(bytes: try await page(asked, filter, ownedBy: user).value)
        }
        let key = CacheKey.of(user.rawValue, "\(asked.offset) \(asked.perPage) \(filter.text)")
        do {
            guard let version = try await service.version(of: user) else {
                return .json(bytes: try await page(asked, filter, ownedBy: user).value)
            }
            return .json(
                bytes: try await cache.lists.value(for: key, at: version) {
                    try await page(asked, filter, ownedBy: user)
                })
        } catch let failure as DatabaseFailure {
            guard failure.isTemporary, let known = cache.lists.lastKnown(for: key) else { throw failure }
            return .json(bytes: known, headers: Self.stale)
        }
    }

    private func page(
        _ asked: PageRequest, _ filter: BookmarkFilter, ownedBy user: User.ID
    ) async throws -> Versioned<ByteBuffer> {
        let found = try await service.list(
            filter, ownedBy: user, after: try asked.cursor.map(BookmarkCursor.init), offset: asked.offset,
            limit: asked.perPage)
        let page = Page(
            items: found.bookmarks, of: asked, total: found.total,
            nextCursor: found.hasMore ? found.bookmarks.last.map { BookmarkCursor(after: $0).cursor } : nil)
        return Versioned(page.json { json, bookmark in bookmark.write(to: &json) }, version: found.version)
    }

    /// The page as it was read within the hour, or is now.
    func preview(of url: WebURL) async throws -> ByteBuffer {
        try await cache.pages.value(for: .content(url.href)) { try JSON.encode(try await reader.fetchHTML(url)) }
    }
}

extension BookmarkFilter {
    /// The same for equal filters, and for no others.
    fileprivate var text: String {
        [tag, category, status?.rawValue, domain, from.map { "\($0.microseconds)" }, to.map { "\($0.microseconds)" }]
            .map { $0.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
    }
}
