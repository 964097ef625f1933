import Jobs
import Logging
import Persistence
import Vectors

/// Vectors in a Qdrant server, which follows the rows: changes are noted in their transaction and sent afterwards, as
/// often as it takes. What it finds is read from the rows before anything is shown.
public final class QdrantVectors: VectorStore {
    /// Where a filter leaves no more items than this, they are scored from the rows.
    private static let fewItems = 1000

    private let database: Database
    private let queue: JobQueue
    private let collection: QdrantCollection
    private let progress: VectorProgress
    private let follower: QdrantFollower
    private let audit: QdrantAudit
    private let log: QdrantLog

    /// Makes the collection where it is missing and the server answers; where it does not, that is done later.
    ///
    /// - Throws: `QdrantFailure` where waiting would not help: a wrong API key, or a collection for other vectors.
    public static func open(
        _ configuration: QdrantConfiguration, database: Database, queue: JobQueue, logger: Logger
    ) async throws -> QdrantVectors {
        let vectors = QdrantVectors(configuration, database: database, queue: queue, logger: logger)
        let progress = vectors.progress
        try await database.write { try progress.forgetOthers(in: $0) }
        // A server that hangs must not hold up the start for as long as an update may take.
        await vectors.collection.look()
        defer { vectors.note() }
        if case .unavailable = vectors.collection.failure { return vectors }
        do {
            try await vectors.follower.prepare()
        } catch QdrantFailure.unavailable {
            // Said by the state.
        }
        return vectors
    }

    /// Nothing waits any more for what a server has not seen, where none is used now.
    public static func retire(on database: Database) async throws {
        try await database.write { try VectorProgress(store: "").forgetOthers(in: $0) }
    }

    /// - Parameter auditInterval: how often some spaces are compared with the records.
    init(
        _ configuration: QdrantConfiguration, database: Database, queue: JobQueue, logger: Logger,
        auditInterval: Duration = QdrantAudit.interval
    ) {
        self.database = database
        self.queue = queue
        collection = QdrantCollection(configuration)
        progress = VectorProgress(of: configuration)
        log = QdrantLog(logger)
        follower = QdrantFollower(database: database, collection: collection, progress: progress)
        audit = QdrantAudit(
            database: database, collection: collection, progress: progress, log: log, interval: auditInterval)
    }

    public func look() async {
        await collection.look()
        note()
    }

    public var needsUpkeep: Bool { true }

    public var state: VectorStoreState { QdrantLog.state(collection.failure, refusesChanges: follower.isRefused) }

    /// Tells the log how the server is now.
    private func note() { log.note(collection.failure, refusesChanges: follower.isRefused) }

    public func ask(_ question: MeaningQuestion) async -> MeaningAnswer? {
        guard question.meaning.count == collection.configuration.vectorSize else { return nil }
        defer { note() }
        do {
            return try await answer(question)
        } catch is CancellationError {
            return nil
        } catch {
            if collection.failure == nil { log.failed("A search by meaning failed: words alone answered", error) }
            return nil
        }
    }

    private func answer(_ question: MeaningQuestion) async throws -> MeaningAnswer {
        let found: [VectorHit]
        if let narrowing = question.narrowing {
            let filter = try await filter(narrowing, of: question.space)
            if filter.items.count <= Self.fewItems {
                return { items, connection in
                    let rows = PassageRows(space: question.space, connection: connection)
                    return PassagesInRows(rows: rows, meaning: question.meaning, items: items ?? [])
                }
            }
            found = try await filter.nearest(question, in: collection)
        } else {
            found = try await collection.nearestGroups(
                question.meaning, in: question.space.rawValue, limit: question.depth)
        }
        return { items, connection in
            let rows = PassageRows(space: question.space, connection: connection)
            return PassagesFound(found: found, rows: rows, meaning: question.meaning, allowed: items)
        }
    }

    private func filter(_ narrowing: SearchNarrowing, of space: Space) async throws -> QdrantFilteredSearch {
        try await database.read(.space(space)) { connection in
            QdrantFilteredSearch(
                items: try connection.values(narrowing.items(in: space), as: Int64.self),
                there: try WordStatistics(space: space).documents(in: connection))
        }
    }

    public func willChange(_ space: Space, in connection: SQLConnection) throws {
        guard try progress.noteChange(of: space, in: connection) else { return }
        try queue.enqueue(try VectorUpkeep.job(), in: connection)
    }

    public func didStore(_: Int64, in _: Space, _: SQLConnection) {}

    public func catchUp() async throws {
        defer { note() }
        do {
            try await follower.catchUp()
            try await audit.run()
        } catch let failure as QdrantFailure {
            if collection.failure == nil { log.failed("Qdrant was not brought in step", failure) }
            throw failure
        }
    }

    public func rebuild() async throws {
        defer { note() }
        try await collection.drop()
        try await follower.catchUp()
    }
}

extension VectorProgress {
    /// Of one collection of one server: another one knows nothing of what this one has.
    init(of configuration: QdrantConfiguration) { self.init(store: "qdrant \(configuration.place)") }
}

/// What the server found, as the rows have it: what is gone from them or another space's is left out, and an item whose
/// passage was replaced meanwhile gets its best one of now.
struct PassagesFound: NearestPassages {
    let found: [VectorHit]
    let rows: PassageRows
    let meaning: [Float]
    let allowed: Set<Int64>?

    func nearest(_ limit: Int) throws -> [VectorHit] {
        let known = try rows.scored(found.map(\.id), for: meaning)
        let replaced = Set(found.map(\.group)).subtracting(known.map(\.group))
        let hits = try known + rows.best(of: replaced, for: meaning).values
        return Array(hits.filter { allowed?.contains($0.group) ?? true }.sorted().prefix(limit))
    }

    func nearestExactly(_ limit: Int) throws -> [VectorHit] { try nearest(limit) }

    func best(of items: Set<Int64>) throws -> [Int64: VectorHit] { try rows.best(of: items, for: meaning) }
}
