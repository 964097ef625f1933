import Accounts
import Foundation
import HTTPSupport
import Hummingbird
import Jobs
import Persistence
import Reading

/// The endpoints of saved links.
public struct BookmarkRoutes: Sendable {
    let service: BookmarkService
    let imports: BookmarkImportService
    let reader: PageReader
    let cache: BookmarkCache

    public init(
        service: BookmarkService, imports: BookmarkImportService, reader: PageReader, cache: BookmarkCache
    ) {
        self.service = service
        self.imports = imports
        self.reader = reader
        self.cache = cache
    }

    /// - Parameter api: routes behind authentication.
    public func add(to api: RouterGroup<APIContext>) {
        let bookmarks = api.group("bookmarks")
        bookmarks.post(use: save)
        bookmarks.get(use: list)
        bookmarks.get("check-url", use: check)
        bookmarks.post("extract-url", use: extract)
        bookmarks.post("import", use: importFile)
        bookmarks.get(":id", use: show)
        bookmarks.patch(":id", use: update)
        bookmarks.delete(":id", use: delete)
        bookmarks.get(":id/content", use: content)
    }

    /// A page with all its markup may come with the link.
    private static let pageLimit = 16 * 1024 * 1024

    struct SaveRequest: Decodable {
        let url: String
        let title: String?
        let notes: String?
        let tags: [String]?
        let category: String?
        let html: String?
        let text: String?
    }

    @Sendable func save(request: Request, context: APIContext) async throws -> Response {
        let body = try await request.decodeJSON(SaveRequest.self, limit: Self.pageLimit)
        let saved = try await service.save(
            BookmarkService.Draft(
                url: body.url, title: body.title, notes: body.notes, tags: body.tags ?? [], category: body.category,
                html: body.html, text: body.text),
            for: try context.user())
        return .json(
            status: saved.isNew ? .created : .ok, headers: [.location: "/api/bookmarks/\(saved.bookmark.id)"]
        ) { json in saved.bookmark.write(to: &json, duplicate: saved.duplicate) }
    }

    @Sendable func show(request _: Request, context: APIContext) async throws -> Response {
        let bookmark = try await service.find(try context.bookmarkID(), ownedBy: try context.user())
        return .json { json in bookmark.write(to: &json) }
    }

    struct UpdateRequest: Decodable {
        let changes: BookmarkService.Changes

        enum CodingKeys: String, CodingKey { case title, notes, tags, category }

        /// `null` takes the category away; a field that is not there stays as it is.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            changes = BookmarkService.Changes(
                title: try fields.decodeIfPresent(String.self, forKey: .title),
                notes: try fields.decodeIfPresent(String.self, forKey: .notes),
                tags: try fields.decodeIfPresent([String].self, forKey: .tags),
                category: fields.contains(.category)
                    ? .some(try fields.decodeIfPresent(String.self, forKey: .category)) : nil)
        }
    }

    @Sendable func update(request: Request, context: APIContext) async throws -> Response {
        let body = try await request.decodeJSON(UpdateRequest.self)
        let bookmark = try await service.update(
            try context.bookmarkID(), body.changes, ownedBy: try context.user())
        return .json { json in bookmark.write(to: &json) }
    }

    @Sendable func delete(request _: Request, context: APIContext) async throws -> Response {
        try await service.delete(try context.bookmarkID(), ownedBy: try context.user())
        return Response(status: .noContent)
    }

    @Sendable func content(request _: Request, context: APIContext) async throws -> Response {
        let content = try await service.content(of: try context.bookmarkID(), ownedBy: try context.user())
        return try .json(try await reader.sanitized(content))
    }

    @Sendable func check(request: Request, context: APIContext) async throws -> Response {
        guard let url = Query(request)["url"] else { throw BookmarkFailure.invalidField("url", "is required") }
        let known = try await service.check(url, for: try context.user())
        return .json { json in
            json.object { json in
                json.member("exists", known.map { $0.duplicate.match != .similar } ?? false)
                json.member("match", known?.duplicate.match.rawValue)
                json.name("bookmark")
                if let known { known.bookmark.write(to: &json) } else { json.null() }
            }
        }
    }

    struct ExtractRequest: Decodable {
        let url: String
        let html: String?
    }

    @Sendable func extract(request: Request, context _: APIContext) async throws -> Response {
        let body = try await request.decodeJSON(ExtractRequest.self, limit: Self.pageLimit)
        let address = try BookmarkAddress(body.url)
        do {
            guard let html = body.html else { return .json(bytes: try await preview(of: address.url)) }
            return try .json(try await reader.extract(html, at: address.url))
        } catch let failure as PageFailure {
            throw Problem.unprocessable(failure.message, error: "page_unavailable")
        }
    }

    @Sendable func importFile(request: Request, context: APIContext) async throws -> Response {
        let user = try context.user()
        let skipsFetching = try Query(request).bool("skip_fetch") ?? false
        let job = try await imports.receive(request, skipsFetching: skipsFetching, for: user)
        return try await JobRoutes.accepted(job, ownedBy: user.rawValue, in: imports.jobs)
    }
}

extension APIContext {
    func bookmarkID() throws -> Bookmark.ID { Bookmark.ID(try identifier(of: "Bookmark")) }
}

extension BookmarkFilter {
    /// Reads `?tag=&category=&status=&domain=&from=&to=`; a day given as `to` is included.
    public init(_ query: Query) throws {
        self.init(
            tag: query["tag"], category: query["category"], status: try query.choice("status"),
            domain: query["domain"], from: try query.date("from"), to: try query.date("to", day: .end))
    }
}

extension BookmarkCursor {
    init(after bookmark: Bookmark) { self.init(createdAt: bookmark.createdAt, id: bookmark.id) }

    init(_ cursor: Cursor) throws {
        let cursor = try cursor.checked(order: Cursor.newest, keyCount: 2)
        self.init(
            createdAt: Date(microseconds: try cursor.integer(at: 0)), id: Bookmark.ID(try cursor.integer(at: 1)))
    }

    var cursor: Cursor {
        Cursor(order: Cursor.newest, keys: [.integer(createdAt.microseconds), .integer(id.rawValue)])
    }
}
