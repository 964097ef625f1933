import Accounts
import Foundation
import Jobs
import Persistence
import Reading
import Search

/// Saves, changes and removes links: the row, its words in the search and its job are written together.
public struct BookmarkService: Sendable {
    let database: Database
    let index: SearchIndex
    let jobs: JobQueue
    let bookmarks = BookmarkRepository()
    let contents = BookmarkContentRepository()

    public init(database: Database, index: SearchIndex, jobs: JobQueue) {
        self.database = database
        self.index = index
        self.jobs = jobs
    }

    /// What a person gives to save a link.
    public struct Draft: Sendable {
        public var url: String
        public var title: String?
        public var notes: String?
        public var tags: [String]
        public var category: String?
        /// The page as an extension sees it; nothing is fetched where it or `text` is given.
        public var html: String?
        public var text: String?

        public init(
            url: String, title: String? = nil, notes: String? = nil, tags: [String] = [], category: String? = nil,
            html: String? = nil, text: String? = nil
        ) {
            self.url = url
            self.title = title
            self.notes = notes
            self.tags = tags
            self.category = category
            self.html = html
            self.text = text
        }
    }

    /// What saving a link came to.
    public struct Saved: Sendable {
        public let bookmark: Bookmark
        /// The job that fetches the page; nil where it is known already.
        public let job: Job.ID?
        public let isNew: Bool
        let duplicate: Duplicate?
    }

    /// Saves a link; where the user has it already, the one there is given back unchanged.
    public func save(_ draft: Draft, for user: User.ID) async throws -> Saved {
        let address = try BookmarkAddress(draft.url)
        let new = BookmarkRepository.NewBookmark(
            address: address, title: Self.nonEmpty(draft.title), notes: draft.notes ?? "",
            tags: try TagList(draft.tags), category: try Self.category(draft.category), status: .pending,
            createdAt: .currentMicrosecond)
        let capture = BookmarkCapture(html: Self.nonEmpty(draft.html), text: Self.nonEmpty(draft.text))
        let words = try await index.analyze(title: new.title, notes: new.notes)
        let saved = try await database.write(.owner(user)) { connection in
            guard let bookmark = try bookmarks.insert(new, ownedBy: user, in: connection) else {
                return try existing(address, capture, ownedBy: user, in: connection)
            }
            try index.put(bookmark.searchEntry(ownedBy: user), words: words, meaning: .awaited, in: connection)
            if capture.html != nil || capture.text != nil {
                try contents.storeCapture(capture, of: bookmark.id, ownedBy: user, in: connection)
            }
            let job = try jobs.enqueue(
                try BookmarkProcessing.job(bookmark.id, ownedBy: user, priority: .interactive), in: connection)
            let similar = try bookmarks.findSimilar(to: address, ownedBy: user, in: connection)
            return Saved(
                bookmark: bookmark, job: job, isNew: true, duplicate: similar.map { Duplicate(match: .similar, id: $0) }
            )
        }
        if saved.job != nil { jobs.wake() }
        return saved
    }

    /// The bookmark that is there; where its page could not be had, what the person's browser saw of it is taken.
    private func existing(
        _ address: BookmarkAddress, _ capture: BookmarkCapture, ownedBy user: User.ID, in connection: SQLConnection
    ) throws -> Saved {
        guard let bookmark = try bookmarks.find(address, ownedBy: user, in: connection) else {
            throw DatabaseFailure.other("A link was refused as known and is not there")
        }
        var job: Job.ID?
        if bookmark.status != .ready, capture.html != nil || capture.text != nil {
            try contents.storeCapture(capture, of: bookmark.id, ownedBy: user, in: connection)
            job = try jobs.enqueue(
                try BookmarkProcessing.job(bookmark.id, ownedBy: user, priority: .interactive), in: connection)
        }
        return Saved(
            bookmark: bookmark, job: job, isNew: false, duplicate: Self.duplicate(of: address, bookmark, id: nil))
    }

    private static func duplicate(of address: BookmarkAddress, _ bookmark: Bookmark, id: Bookmark.ID?) -> Duplicate {
        Duplicate(match: address.original == bookmark.url ? .exact : .normalized, id: id)
    }

    /// What the user has of an address already.
    func check(_ url: String, for user: User.ID) async throws -> (duplicate: Duplicate, bookmark: Bookmark)? {
        let address = try BookmarkAddress(url)
        return try await database.read(.owner(user)) { connection in
            if let same = try bookmarks.find(address, ownedBy: user, in: connection) {
                return (Self.duplicate(of: address, same, id: same.id), same)
            }
            guard let id = try bookmarks.findSimilar(to: address, ownedBy: user, in: connection),
                let similar = try bookmarks.find(id, ownedBy: user, in: connection)
            else { return nil }
            return (Duplicate(match: .similar, id: id), similar)
        }
    }

    /// - Throws: `BookmarkFailure.notFound`, also where the bookmark is another's.
    public func find(_ id: Bookmark.ID, ownedBy user: User.ID) async throws -> Bookmark {
        let found = try await database.read(.owner(user)) { try bookmarks.find(id, ownedBy: user, in: $0) }
        guard let found else { throw BookmarkFailure.notFound }
        return found
    }

    func content(of id: Bookmark.ID, ownedBy user: User.ID) async throws -> BookmarkContent {
        let found = try await database.read(.owner(user)) { connection in
            guard try bookmarks.find(id, ownedBy: user, in: connection) != nil else { throw BookmarkFailure.notFound }
            return try contents.find(id, ownedBy: user, in: connection)
        }
        guard let content = found else { throw BookmarkFailure.noContent }
        return content
    }

    /// A part of a user's bookmarks.
    struct Listing: Sendable {
        let bookmarks: [Bookmark]
        let hasMore: Bool
        /// Of all that pass the filter.
        let total: Int
        /// The content's version at that moment.
        let version: Int64
    }

    func list(
        _ filter: BookmarkFilter, ownedBy user: User.ID, after cursor: BookmarkCursor?, offset: Int, limit: Int
    ) async throws -> Listing {
        var (found, total, version) = try await database.read(
            .owner(user), bookmarks.list(filter, ownedBy: user, after: cursor, offset: offset, limit: limit + 1),
            bookmarks.count(filter, ownedBy: user), .contentVersion(of: .personal(ofUser: user.rawValue)))
        let hasMore = found.count > limit
        if hasMore { found.removeLast() }
        return Listing(bookmarks: found, hasMore: hasMore, total: total, version: version)
    }

    /// The version of a person's lists: as long as it is the same, so are they. Nil while the database cannot be asked;
    /// see `ContentVersions`.
    func version(of user: User.ID) async throws -> Int64? {
        try await database.contentVersion(of: .personal(ofUser: user.rawValue))
    }

    /// What a person changes; nil leaves a field as it is.
    struct Changes: Sendable {
        var title: String?
        var notes: String?
        var tags: [String]?
        /// `.some(nil)` takes the bookmark out of its category.
        var category: String??
    }

    func update(_ id: Bookmark.ID, _ changes: Changes, ownedBy user: User.ID) async throws -> Bookmark {
        let tags = try changes.tags.map { tags throws(BookmarkFailure) in try TagList(tags) }
        let category = try changes.category.map { category throws(BookmarkFailure) in try Self.category(category) }
        // Only to have its words ready; whether it is there, and what it says, is the transaction's to know.
        let known = try await database.read(.owner(user)) { try bookmarks.find(id, ownedBy: user, in: $0) }
        let words = try await index.analyze(
            title: Self.nonEmpty(changes.title) ?? known?.title, notes: changes.notes ?? known?.notes)
        return try await database.write(.owner(user)) { connection in
            guard var bookmark = try bookmarks.find(id, ownedBy: user, in: connection) else {
                throw BookmarkFailure.notFound
            }
            if let title = Self.nonEmpty(changes.title) {
                bookmark.title = title
                bookmark.titleSource = .user
            }
            if let notes = changes.notes { bookmark.notes = notes }
            if let tags { bookmark.tags = tags.names }
            if let category { bookmark.category = category }
            bookmark.updatedAt = .currentMicrosecond
            try bookmarks.update(bookmark, ownedBy: user, in: connection)
            try index.put(bookmark.searchEntry(ownedBy: user), words: words, in: connection)
            return bookmark
        }
    }

    func delete(_ id: Bookmark.ID, ownedBy user: User.ID) async throws {
        let deleted = try await database.write(.owner(user)) { connection in
            try index.remove(.bookmark, id.rawValue, from: .personal(ofUser: user.rawValue), in: connection)
            return try bookmarks.delete(id, ownedBy: user, in: connection)
        }
        guard deleted else { throw BookmarkFailure.notFound }
    }

    /// The work that removes what is kept of pages that came to nothing.
    public static func cleaning(_ database: Database) -> Cleaning {
        Cleaning("bookmarks.clean-captures", in: database, delete: BookmarkContentRepository().removeFailedCaptures)
    }

    static func nonEmpty(_ text: String?) -> String? {
        guard let text, !text.allSatisfy(\.isWhitespace) else { return nil }
        return text
    }

    private static func category(_ input: String?) throws(BookmarkFailure) -> String? {
        guard let category = nonEmpty(input)?.trimmingCharacters(in: .whitespacesAndNewlines) else { return nil }
        guard category.count <= 100, category.utf8.count <= TagName.mostBytes else {
            throw .invalidField("category", "must have at most 100 characters")
        }
        return category
    }
}

extension SearchKind {
    /// Saved links; what a search result's `id` is the id of.
    public static let bookmark = SearchKind(rawValue: "bookmark")
}

extension Bookmark {
    /// What of a bookmark is found by words besides its page's content.
    func searchEntry(ownedBy user: User.ID) -> SearchEntry {
        SearchEntry(
            space: .personal(ofUser: user.rawValue), kind: .bookmark, ref: id.rawValue,
            // An address that stands for a missing title is found as the address it is.
            title: titleSource == .address ? "" : title, tags: tags + [category].compactMap { $0 }, notes: notes,
            site: [page.siteName, domain].compactMap { $0 }.joined(separator: " "), address: url, dated: createdAt)
    }
}
