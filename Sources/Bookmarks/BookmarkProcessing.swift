import Accounts
import Foundation
import Jobs
import Persistence
import Search

/// The job that turns a saved link into a page that is kept and found: fetch, extract, embed, index.
public struct BookmarkProcessing: Sendable {
    struct Payload: Codable, Sendable {
        let bookmark: Bookmark.ID
        let user: User.ID
    }

    static let kind = JobKind<Payload>("bookmark.process")

    private let database: Database
    private let index: SearchIndex
    private let embedder: SearchEmbedder
    private let reader: PageReader
    private let bookmarks = BookmarkRepository()
    private let contents = BookmarkContentRepository()

    public init(database: Database, index: SearchIndex, embedder: SearchEmbedder, reader: PageReader) {
        self.database = database
        self.index = index
        self.embedder = embedder
        self.reader = reader
    }

    static func job(
        _ bookmark: Bookmark.ID, ownedBy user: User.ID, priority: JobPriority, parent: Job.ID? = nil
    ) throws -> NewJob {
        try NewJob(
            kind, Payload(bookmark: bookmark, user: user), owner: user.rawValue, priority: priority,
            uniqueKey: bookmark.description, parent: parent)
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(
            Self.kind,
            whenFailed: record,
            run: process)
    }

    @Sendable private func process(context: JobContext, payload: Payload) async throws {
        let found = try await database.read(.owner(payload.user)) { connection in
            try bookmarks.find(payload.bookmark, ownedBy: payload.user, in: connection).map { bookmark in
                (bookmark, try contents.findCapture(bookmark.id, ownedBy: payload.user, in: connection))
            }
        }
        // Deleted before its turn came: there is nothing to do.
        guard let (bookmark, capture) = found else { return }
        let page: ReadPage
        do {
            page = try await reader.read(bookmark.url, capture: capture)
        } catch {
            // A fetch that ends because the job is stopped is no fault of the page.
            try Task.checkCancellation()
            throw error
        }
        let title = bookmark.titleSource == .user ? bookmark.title : page.title
        let words = try await index.analyze(title: title, notes: bookmark.notes)
        try await keep(page, of: payload, title: title, words: words, context: context)
    }

    /// Stores the page and what finds it in one transaction; the model, where there is none, catches up later.
    private func keep(
        _ page: ReadPage, of payload: Payload, title: String, words: AnalyzedWords, context: JobContext
    ) async throws {
        let analyzed = try await reader.compute { index.analyze(page.content.text) }
        let passages = await embedder.passages(title: title, content: page.content.text)
        try await database.write(.owner(payload.user)) { connection in
            let outcome = BookmarkOutcome(
                status: .ready, failure: nil, nextRetryAt: nil, page: page.facts, title: page.title)
            guard
                let bookmark = try bookmarks.record(
                    outcome, of: payload.bookmark, ownedBy: payload.user, in: connection)
            else { return }
            try contents.store(page.content, of: bookmark.id, ownedBy: payload.user, in: connection)
            try contents.deleteCapture(bookmark.id, ownedBy: payload.user, in: connection)
            let entry = bookmark.searchEntry(ownedBy: payload.user)
            // A person may have given it another title while the page was on its way.
            let current = entry.title == title ? passages : nil
            try index.put(
                entry, words: words, content: analyzed, meaning: current.map { .embedded($0) } ?? .due, in: connection)
            try context.complete(in: connection)
        }
    }

    /// Marks the bookmark as failed; its own words, and what an earlier try kept, are still found.
    @Sendable private func record(_ failed: FailedAttempt<Payload>, in connection: SQLConnection) throws {
        let user = failed.payload.user
        let page = (failed.error as? PageFailure).map { PageFacts(pageKind: $0.pageKind) }
        let outcome = BookmarkOutcome(
            status: .failed, failure: failed.message, nextRetryAt: failed.retryAt, page: page, title: nil)
        let bookmark = try bookmarks.record(outcome, of: failed.payload.bookmark, ownedBy: user, in: connection)
        guard let bookmark else { return }
        try index.expectNoContent(
            of: .bookmark, bookmark.id.rawValue, in: .personal(ofUser: user.rawValue), connection)
    }
}

extension PageFailure: JobFailureConvertible {
    var jobFailure: JobFailure {
        if let hostBusyFor { return .snooze(hostBusyFor) }
        return isFinal ? .final(message) : .retry(after: retryAfter, message)
    }
}
