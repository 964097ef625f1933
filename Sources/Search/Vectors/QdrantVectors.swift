import Jobs
import Persistence
import Vectors

/// Vectors in a Qdrant server, which follows the rows: changes are noted in their transaction and sent afterwards, as
/// often as it takes. What it finds is read from the rows before anything is shown.
public final class QdrantVectors: VectorStore {
    /// Where a filter leaves no more items than this, they are scored from the rows.
    private static let fewItems = 1000

    /// Rows of a space sent before the progress is noted.
    private static let page = 500

    private let database: Database
    private let queue: JobQueue
    private let collection: QdrantCollection
    private let progress: VectorProgress

    /// Makes the collection where it is missing and the server answers; where it does not, that is done later.
    ///
    /// - Throws: `QdrantFailure` where waiting would not help: a wrong API key, or a collection for other vectors.
    public static func open(
        _ configuration: QdrantConfiguration, database: Database, queue: JobQueue
    ) async throws -> QdrantVectors {
        let vectors = QdrantVectors(configuration, database: database, queue: queue)
        let progress = vectors.progress
        try await database.write { try progress.forgetOthers(in: $0) }
        // A server that hangs must not hold up the start for as long as an update may take.
        await vectors.collection.look()
        if case .unavailable = vectors.collection.failure { return vectors }
        do {
            try await vectors.collection.prepare()
        } catch QdrantFailure.unavailable {
            // Said by the state.
        }
        return vectors
    }

    /// Nothing waits any more for what a server has not seen, where none is used now.
    public static func retire(on database: Database) async throws {
        try await database.write { try VectorProgress(store: "").forgetOthers(in: $0) }
    }

    init(_ configuration: QdrantConfiguration, database: Database, queue: JobQueue) {
        self.database = database
        self.queue = queue
        collection = QdrantCollection(configuration)
        progress = VectorProgress(store: "qdrant \(configuration.collection)")
    }

    public func look() async { await collection.look() }

    public var needsUpkeep: Bool { true }

    public var state: VectorStoreState {
        switch collection.failure {
        case nil: .ok
        case .unavailable: .degraded("Search by words only: Qdrant does not answer.")
        case .unauthorized: .degraded("Search by words only: Qdrant refuses the API key.")
        case .otherVectors: .degraded("Search by words only: Qdrant's collection is for other vectors.")
        case .noCollection: .degraded("Search by words only: Qdrant's collection is being made anew.")
        case .refused, .unreadable: .degraded("Search by words only: Qdrant refuses what it is asked.")
        }
    }

    public func ask(_ question: MeaningQuestion) async -> MeaningAnswer? {
        guard question.meaning.count == collection.configuration.vectorSize else { return nil }
        do {
            let allowed = try await allowed(question)
            if let allowed, allowed.count <= Self.fewItems {
                return { items, connection in
                    let rows = PassageRows(space: question.space, connection: connection)
                    return PassagesInRows(rows: rows, meaning: question.meaning, items: items ?? [])
                }
            }
            let found = try await collection.nearestGroups(
                question.meaning, in: question.space.rawValue, among: allowed, limit: question.depth)
            return { items, connection in
                let rows = PassageRows(space: question.space, connection: connection)
                return PassagesFound(found: found, rows: rows, meaning: question.meaning, allowed: items)
            }
        } catch {
            // The failure is in `state`.
            return nil
        }
    }

    private func allowed(_ question: MeaningQuestion) async throws -> [Int64]? {
        guard let narrowing = question.narrowing else { return nil }
        return try await database.read(.space(question.space)) { connection in
            try connection.values(narrowing.items(in: question.space), as: Int64.self)
        }
    }

    public func willChange(_ space: Space, in connection: SQLConnection) throws {
        guard try progress.noteChange(of: space, in: connection) else { return }
        try queue.enqueue(try VectorUpkeep.job(), in: connection)
    }

    public func didStore(_: Int64, in _: Space, _: SQLConnection) {}

    public func catchUp() async throws {
        if try await collection.prepare() {
            try await database.write { [progress] in try progress.doubt(fromBeginning: true, in: $0) }
        } else {
            try await database.write { [progress] in try progress.adopt(in: $0) }
        }
        while true {
            let behind = try await database.read { [progress] in try progress.behind(limit: 100, in: $0) }
            if behind.isEmpty { return }
            for space in behind { try await follow(space) }
        }
    }

    /// Sends what a space has after what the server has seen. Repeating it does no harm.
    private func follow(_ start: VectorProgress.Reached) async throws {
        // Removals that the server missed while it was not used are not told for ever.
        if start.last == 0 { try await collection.removeAll(of: start.space.rawValue) }
        var behind = start
        var more = true
        while more {
            try Task.checkCancellation()
            let (space, last) = (behind.space, behind.last)
            let changes = try await database.read { connection in
                try PassageRows(space: space, connection: connection).changes(after: last, limit: Self.page)
            }
            // Vectors of another model are near nothing.
            let rows = changes.stored.filter { $0.vector.count == collection.configuration.vectorSize }
            try await collection.store(rows, in: space.rawValue)
            try await collection.remove(changes.removed)
            more = changes.more
            let reached = behind
            try await database.write { [progress] connection in
                try progress.advance(reached, to: changes.last, isEnd: !changes.more, in: connection)
            }
            behind = .init(space: space, changes: behind.changes, last: changes.last)
        }
    }

    public func rebuild() async throws {
        try await collection.drop()
        try await catchUp()
    }
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
