import Accounts
import Foundation
import Jobs
import Persistence
import Search

/// The job that turns the entries of a file into bookmarks, batch by batch.
///
/// Each batch is committed with the report of what was read so far. After a crash the file is read again and what
/// the report counts is passed over, so nothing is lost and nothing comes twice.
struct ImportProcessing: Sendable {
    struct Payload: Codable, Sendable {
        let upload: BookmarkImport.ID
    }

    static let kind = JobKind<Payload>("bookmarks.import", timeout: .seconds(3600))

    /// Entries written in one transaction: large enough that its flush hardly counts, small enough that other
    /// writers do not wait.
    private static let batch = 500

    let service: BookmarkImportService

    static func job(_ upload: BookmarkImport) throws -> NewJob {
        try NewJob(
            kind, Payload(upload: upload.id), owner: upload.user.rawValue, uniqueKey: upload.id.description)
    }

    func run(_ context: JobContext, _ payload: Payload) async throws {
        guard let upload = try await find(payload.upload, ownedBy: context.owner) else {
            throw JobFailure.final("The file is no longer here; hand it in again.")
        }
        var report = try context.lastCheckpoint(ImportReport.self) ?? ImportReport()
        var parser = NetscapeBookmarkParser()
        var position = 0
        var waiting: [NetscapeBookmarkParser.Outcome] = []
        for ordinal in 0... {
            guard let chunk = try await chunk(ordinal, of: upload) else { break }
            for outcome in parser.consume(chunk) {
                position += 1
                if position > report.read { waiting.append(outcome) }
            }
            while waiting.count >= Self.batch {
                try await store(Array(waiting.prefix(Self.batch)), of: upload, &report, context)
                waiting.removeFirst(Self.batch)
            }
        }
        do {
            for outcome in try parser.finish() {
                position += 1
                if position > report.read { waiting.append(outcome) }
            }
        } catch let failure {
            // No use to anybody, and nothing to go on with.
            try await service.database.write(.owner(upload.user)) { connection in
                try context.requireLease(in: connection)
                try service.repository.delete(upload.id, in: connection)
            }
            throw JobFailure.final(failure.description)
        }
        if !waiting.isEmpty { try await store(waiting, of: upload, &report, context) }
        try await finish(upload, report, context)
    }

    private func find(_ upload: BookmarkImport.ID, ownedBy owner: Int64?) async throws -> BookmarkImport? {
        guard let user = owner.map({ User.ID($0) }) else { return nil }
        return try await service.database.read(.owner(user)) { connection in
            try service.repository.find(upload, ownedBy: user, in: connection)
        }
    }

    private func chunk(_ ordinal: Int, of upload: BookmarkImport) async throws -> [UInt8]? {
        try Task.checkCancellation()
        return try await service.database.read(.owner(upload.user)) { connection in
            try service.repository.chunk(ordinal, of: upload.id, in: connection)
        }
    }

    private func store(
        _ outcomes: [NetscapeBookmarkParser.Outcome], of upload: BookmarkImport, _ report: inout ImportReport,
        _ context: JobContext
    ) async throws {
        var entries: [ImportEntry] = []
        for outcome in outcomes {
            entries.append(try await ImportEntry(outcome, skipsFetching: upload.skipsFetching, index: service.index))
        }
        let before = report
        report = try await service.jobs.write(.owner(upload.user)) { [entries] connection in
            var report = before
            for entry in entries {
                report.read += 1
                switch entry {
                case .refused(let problem): report.add(problem)
                case .accepted(let new, let words):
                    try insert(new, words, of: upload, &report, context, in: connection)
                }
            }
            try context.checkpoint(report, in: connection)
            return report
        }
        context.progress(done: report.read, message: "Reading the file")
    }

    private func insert(
        _ new: BookmarkRepository.NewBookmark, _ words: AnalyzedWords, of upload: BookmarkImport,
        _ report: inout ImportReport, _ context: JobContext, in connection: SQLConnection
    ) throws {
        guard let bookmark = try service.bookmarks.insert(new, ownedBy: upload.user, in: connection) else {
            report.duplicates += 1
            return
        }
        report.imported += 1
        try service.index.put(
            bookmark.searchEntry(ownedBy: upload.user), words: words,
            meaning: upload.skipsFetching ? .due : .awaited, in: connection)
        guard !upload.skipsFetching else { return }
        try service.jobs.enqueue(
            try BookmarkProcessing.job(bookmark.id, ownedBy: upload.user, priority: .low, parent: context.jobID),
            in: connection)
    }

    /// Gives the result, and removes the file in the transaction that ends the job.
    private func finish(_ upload: BookmarkImport, _ report: ImportReport, _ context: JobContext) async throws {
        context.progress(
            done: report.read, total: report.read,
            message: upload.skipsFetching ? "Links saved" : "Links saved; pages are being fetched")
        try context.result(report)
        // Nobody's own work, so not in the owner's transaction; should it be lost, the schedule comes back.
        if upload.skipsFetching { try await service.jobs.enqueue(try EmbeddingBacklog.job()) }
        try await service.jobs.write(.owner(upload.user)) { connection in
            try service.repository.delete(upload.id, in: connection)
            try context.complete(in: connection)
        }
    }
}

/// What is to be done about one entry of a file.
private enum ImportEntry: Sendable {
    case accepted(BookmarkRepository.NewBookmark, AnalyzedWords)
    case refused(ImportReport.Problem)

    init(_ outcome: NetscapeBookmarkParser.Outcome, skipsFetching: Bool, index: SearchIndex) async throws {
        switch outcome {
        case .problem(let problem):
            self = .refused(ImportReport.Problem(line: problem.line, reason: problem.reason))
        case .entry(let entry):
            do {
                let new = try BookmarkRepository.NewBookmark(entry, skipsFetching: skipsFetching)
                self = .accepted(new, try await index.analyze(title: new.title, notes: new.notes))
            } catch BookmarkFailure.invalidField(let field, let reason) {
                self = .refused(ImportReport.Problem(line: entry.line, reason: "\(field) \(reason)"))
            }
        }
    }
}

extension BookmarkRepository.NewBookmark {
    /// The tag of links that another program kept on a reading list or marked as unread.
    private static let toRead = "to read"

    /// A browser's entry: its folder becomes the category, tags that are none are left out.
    fileprivate init(_ entry: NetscapeBookmark, skipsFetching: Bool) throws(BookmarkFailure) {
        let tags = entry.isToRead ? entry.tags + [Self.toRead] : entry.tags
        self.init(
            address: try BookmarkAddress(entry.url), title: BookmarkService.nonEmpty(entry.title),
            notes: entry.notes ?? "", tags: TagList(importing: tags),
            category: entry.folder.last.map { String($0.prefix(100)) }
                .flatMap { $0.utf8.count <= TagName.mostBytes ? $0 : nil },
            status: skipsFetching ? .ready : .pending, createdAt: entry.addedAt ?? .currentMicrosecond)
    }
}

extension BookmarkImportService {
    /// Removes uploads that broke off: files of more than a day without a job.
    struct Cleaning {
        static let kind = JobKind<NoPayload>("bookmarks.clean-imports", maxAttempts: 1)
    }

    public func register(in handlers: inout JobHandlers) {
        let processing = ImportProcessing(service: self)
        handlers.register(
            ImportProcessing.kind,
            run: processing.run)
        handlers.register(Cleaning.kind) { _, _ in try await removeBrokenUploads() }
    }

    private func removeBrokenUploads() async throws {
        let dayAgo = Date().addingTimeInterval(-24 * 60 * 60)
        // Everybody's, a hundred at a time.
        try await database.write(.installation) { connection in
            let begun = try repository.begun(before: dayAgo, limit: 100, in: connection)
            let unfinished = try jobs.unfinished(
                ImportProcessing.kind, among: begun.map(\.description), in: connection)
            for id in begun where !unfinished.contains(id.description) { try repository.delete(id, in: connection) }
        }
    }

    public static func schedule() throws -> Schedule {
        Schedule(
            "bookmarks.clean-imports", every: .seconds(3600), try NewJob(Cleaning.kind, NoPayload(), priority: .low))
    }
}
