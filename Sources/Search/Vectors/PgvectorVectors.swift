import Persistence
import Synchronization
import Vectors

/// Vectors in PostgreSQL itself, by the pgvector extension: a table beside the passages, changed in the transaction
/// that changes them.
///
/// A space is scanned exactly until it is large; then it gets an HNSW index of its own, for one over everybody's
/// vectors would mostly find other people's.
public final class PgvectorVectors: VectorStore {
    /// Passages taken over from the rows in one transaction.
    private static let page = 500
    /// How often spaces are looked at for their size.
    private static let indexInterval = Duration.seconds(600)

    private let database: Database
    private let dimensions: Int
    private let indexes: PgvectorIndexes
    private let progress = PgvectorTable.progress
    /// For spaces that are not taken over yet.
    private let memory: MemoryVectors
    private let lastIndexing = Mutex<ContinuousClock.Instant?>(nil)

    /// - Returns: nil where the extension cannot be had, because the database is no PostgreSQL, it is not installed, or
    ///   only a superuser may create it.
    public static func open(
        on database: Database, dimensions: Int, sizes: PgvectorSizes = PgvectorSizes()
    ) async throws -> PgvectorVectors? {
        guard database.dialect == .postgresql else { return nil }
        let isThere = try await database.write { connection in
            try PgvectorTable(dimensions: dimensions).prepare(in: connection)
        }
        return isThere ? PgvectorVectors(database: database, dimensions: dimensions, sizes: sizes) : nil
    }

    private init(database: Database, dimensions: Int, sizes: PgvectorSizes) {
        self.database = database
        self.dimensions = dimensions
        indexes = PgvectorIndexes(database: database, sizes: sizes)
        memory = MemoryVectors(dimensions: dimensions)
    }

    public var state: VectorStoreState { .ok }

    public func look() {}

    public var needsUpkeep: Bool { true }

    public func ask(_ question: MeaningQuestion) -> MeaningAnswer? {
        guard question.meaning.count == dimensions else { return nil }
        let inMemory = memory.ask(question)
        return { [progress] allowed, connection in
            guard try progress.isInStep(question.space, in: connection) else {
                return try inMemory?(allowed, connection) ?? NothingNear()
            }
            return PgvectorPassages(
                question: question, connection: connection,
                isIndexed: try PgvectorIndexes.isIndexed(question.space, in: connection), allowed: allowed)
        }
    }

    public func willChange(_ space: Space, in connection: SQLConnection) throws {
        try progress.note(space, in: connection)
    }

    public func didStore(_ item: Int64, in space: Space, _ connection: SQLConnection) throws {
        let rows = try PassageRows(space: space, connection: connection).rows(of: item)
        try PgvectorTable(dimensions: dimensions).store(rows, in: space, connection)
    }

    public func catchUp() async throws {
        try await database.write { [progress] in try progress.adopt(in: $0) }
        while true {
            let behind = try await database.read { [progress] in try progress.behind(limit: 100, in: $0) }
            if behind.isEmpty { break }
            for space in behind { try await takeOver(space) }
        }
        let isDue = lastIndexing.withLock { last in
            guard last.map({ $0.duration(to: .now) > Self.indexInterval }) ?? true else { return false }
            last = .now
            return true
        }
        if isDue { try await indexes.adjust() }
    }

    /// Copies a space's vectors from the rows, in turn with those who change them: a passage that goes while it is
    /// copied would stay.
    private func takeOver(_ start: VectorProgress.Reached) async throws {
        var reached = start
        var more = true
        while more {
            try Task.checkCancellation()
            let before = reached
            let changes = try await database.write(.space(before.space)) { [progress, dimensions] connection in
                let rows = PassageRows(space: before.space, connection: connection)
                try rows.takeTurn()
                let changes = try rows.changes(after: before.last, limit: Self.page)
                let table = PgvectorTable(dimensions: dimensions)
                try table.store(changes.stored, in: before.space, connection)
                try table.remove(changes.removed, from: before.space, connection)
                try progress.advance(before, to: changes.last, isEnd: !changes.more, in: connection)
                return changes
            }
            more = changes.more
            reached = .init(space: before.space, changes: before.changes, last: changes.last)
        }
    }

    public func rebuild() async throws {
        // Filling an index row by row takes many times longer than building it.
        try await indexes.dropAll()
        try await database.write { [progress, dimensions] connection in
            try connection.liftTimeLimits()
            try PgvectorTable(dimensions: dimensions).clear(in: connection)
            try progress.doubt(fromBeginning: true, in: connection)
        }
        lastIndexing.withLock { $0 = nil }
        try await catchUp()
    }

    /// What is near where there is nothing.
    private struct NothingNear: NearestPassages {
        func nearest(_: Int) -> [VectorHit] { [] }
        func nearestExactly(_: Int) -> [VectorHit] { [] }
        func best(of _: Set<Int64>) -> [Int64: VectorHit] { [:] }
    }
}
