import Embeddings
import Foundation
import Jobs
import Logging
import NIOPosix
import Persistence
import Reading
import Search
import Synchronization
import TestSupport
import Testing

@testable import Accounts
@testable import Bookmarks

/// The bookmarks of Ada and Grace on a fresh database, with all that works on them but the server.
struct Library {
    let records: TestDatabase
    let clock = HandClock()
    let database: Database
    let queue: JobQueue
    let service: BookmarkService
    let imports: BookmarkImportService
    let reader: PageReader
    let search: SearchService
    let ada: User.ID
    let grace: User.ID
    private let handlers: JobHandlers

    private static let embedder: SearchEmbedder = {
        let files = EmbeddingModelFiles(packages: Checkout.packages)
        return SearchEmbedder(
            embeddings: EmbeddingService(files: files), vocabulary: files.vocabulary, threads: .singleton)
    }()

    init() async throws {
        records = try await TestDatabase(
            AccountsSchema.migrations + JobsSchema.migrations + SearchSchema.migrations + BookmarksSchema.migrations)
        database = try records.open()
        ada = try await Self.person("ada", in: database)
        grace = try await Self.person("grace", in: database)

        let index = SearchIndex()
        queue = JobQueue(database: database, now: { [clock] in clock.now })
        service = BookmarkService(database: database, index: index, jobs: queue)
        imports = BookmarkImportService(database: database, index: index, jobs: queue)
        reader = try Self.reader()
        search = SearchService(
            database: database, embedder: Self.embedder, sources: [BookmarkService.searchSource])
        var handlers = JobHandlers()
        BookmarkProcessing(database: database, index: index, embedder: Self.embedder, reader: reader)
            .register(in: &handlers)
        imports.register(in: &handlers)
        AbandonedBookmarks(database: database, index: index, jobs: queue).register(in: &handlers)
        EmbeddingBacklog(
            database: database, index: index, embedder: Self.embedder, sources: [BookmarkService.searchSource]
        ).register(in: &handlers)
        self.handlers = handlers
    }

    private static func reader() throws -> PageReader {
        var fetching = FetchConfiguration(version: "test")
        fetching.allowPrivate = true
        let fetcher = try PageFetcher(
            configuration: fetching, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: .silent)
        return PageReader(fetcher: fetcher, extractor: PageExtractor(), threads: .singleton)
    }

    private static func person(_ name: String, in database: Database) async throws -> User.ID {
        try await UserRepository(database: database).insert(
            try Username(name), try EmailAddress("\(name)@example.org"), passwordHash: "-", onlyAsFirst: false
        ).id
    }

    @discardableResult
    func save(
        _ url: String, title: String? = nil, notes: String? = nil, tags: [String] = [], category: String? = nil,
        html: String? = nil, text: String? = nil, for user: User.ID? = nil
    ) async throws -> BookmarkService.Saved {
        try await service.save(
            BookmarkService.Draft(
                url: url, title: title, notes: notes, tags: tags, category: category, html: html, text: text),
            for: user ?? ada)
    }

    func bookmark(_ id: Bookmark.ID) async throws -> Bookmark { try await service.find(id, ownedBy: ada) }

    func list(_ filter: BookmarkFilter = BookmarkFilter(), for user: User.ID? = nil) async throws -> [Bookmark] {
        try await service.list(filter, ownedBy: user ?? ada, after: nil, offset: 0, limit: 1000).bookmarks
    }

    func count(_ filter: BookmarkFilter = BookmarkFilter(), for user: User.ID? = nil) async throws -> Int {
        try await service.list(filter, ownedBy: user ?? ada, after: nil, offset: 0, limit: 1).total
    }

    /// What Ada, or another, finds by words.
    func find(_ query: String, _ mode: SearchMode = .text, for user: User.ID? = nil) async throws -> [Bookmark.ID] {
        let request = SearchRequest(query: query, mode: mode, limit: 100)
        let found = try await search.search(request, in: .personal(ofUser: (user ?? ada).rawValue))
        return found.results.map { Bookmark.ID($0.ref) }
    }

    /// Does the work that is due now.
    func work() async throws {
        let configuration = WorkerConfiguration(slots: 4, pollInterval: .milliseconds(10))
        let worker = Worker(queue, handlers: handlers, configuration: configuration, logger: .silent)
        let run = Task { try await worker.run() }
        try await eventually {
            // A job that a finishing one puts into the queue may be younger than this look at the clock.
            let soon = clock.now.addingTimeInterval(1)
            return try await rows("SELECT COUNT(*) FROM jobs WHERE finished_at IS NULL AND run_at <= \(soon)") == 0
        }
        run.cancel()
        try await run.value
    }

    func job(_ id: Job.ID, of user: User.ID? = nil) async throws -> JobUpdate? {
        try await queue.update(of: id, ownedBy: (user ?? ada).rawValue)
    }

    /// Counts rows of a table, whoever's they are.
    func rows(_ count: SQL) async throws -> Int { try await database.read { try $0.value(count) ?? -1 } }
}

/// A clock that goes by itself and can be put forward.
final class HandClock: Sendable {
    private let ahead = Mutex(0.0)

    var now: Date { Date().addingTimeInterval(ahead.withLock { $0 }) }

    func advance(by seconds: TimeInterval) { ahead.withLock { $0 += seconds } }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// A page with something to read on it.
func article(_ title: String, _ sentence: String) -> String {
    let paragraph = String(repeating: "\(sentence) ", count: 8)
    return """
        <!doctype html><html lang="en"><head><title>\(title)</title></head>
        <body><nav><a href="/">Home</a></nav><article><h1>\(title)</h1>
        <p>\(paragraph)</p><p>\(paragraph)</p><p>\(paragraph)</p></article></body></html>
        """
}
