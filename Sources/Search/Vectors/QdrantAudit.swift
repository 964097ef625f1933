import Persistence
import Synchronization
import Vectors

/// Compares what a server holds with the records, now and then and some spaces at a time, and mends what differs: a
/// server may lose a part, and two processes that follow the records at once may undo each other's work.
final class QdrantAudit: Sendable {
    static let interval = Duration.seconds(300)
    /// Spaces looked at in one round: one request and two counts of an index for each that is sound.
    private static let spaces = 100
    /// Passages compared at once.
    private static let page = 1000
    /// Ids of rows read at once, where the server has few.
    private static let mostRows = 10_000

    private let database: Database
    private let collection: QdrantCollection
    private let progress: VectorProgress
    private let log: QdrantLog
    private let interval: Duration
    private let round = Mutex(Round())

    private struct Round {
        static let beforeAll = Space(rawValue: .min)

        /// The space after which the next round begins.
        var after = beforeAll
        /// When there was one, or when the process began; nil where the next one may come at once.
        var last: ContinuousClock.Instant? = .now
        /// How many passages of a space no server can hold, where there are any.
        var unstorable: [Space: Int] = [:]
    }

    init(
        database: Database, collection: QdrantCollection, progress: VectorProgress, log: QdrantLog, interval: Duration
    ) {
        self.database = database
        self.collection = collection
        self.progress = progress
        self.log = log
        self.interval = interval
    }

    /// Looks at the next spaces where it is time to. After a round that mended something the next one may come at once,
    /// up to the last space; the first then waits for its time again, in case somebody undoes what is mended.
    func run() async throws {
        guard let after = begin() else { return }
        let spaces = try await database.read { [progress] connection in
            try progress.inStep(after: after, limit: Self.spaces, in: connection)
        }
        var mended = 0
        for space in spaces {
            try Task.checkCancellation()
            mended += try await check(space)
        }
        let end = spaces.count < Self.spaces ? nil : spaces.last?.space
        round.withLock { round in
            round.after = end ?? Round.beforeAll
            if mended > 0, end != nil { round.last = nil }
        }
    }

    private func begin() -> Space? {
        round.withLock { round in
            guard round.last.map({ $0.duration(to: .now) >= interval }) ?? true else { return nil }
            round.last = .now
            return round.after
        }
    }

    /// - Returns: how many passages were mended.
    private func check(_ reached: VectorProgress.Reached) async throws -> Int {
        let held = try await collection.count(of: reached.space.rawValue)
        let passages = try await database.read { connection in
            try PassageRows(space: reached.space, connection: connection).count(through: reached.last)
        }
        guard held != passages - round.withLock({ $0.unstorable[reached.space] ?? 0 }) else { return 0 }
        var found = Difference()
        var first: Int64? = 0
        while let start = first {
            try Task.checkCancellation()
            first = try await mend(reached, from: start, &found)
        }
        let unstorable = found.unstorable
        round.withLock { $0.unstorable[reached.space] = unstorable == 0 ? nil : unstorable }
        guard found.stored + found.removed > 0 else { return 0 }
        try await database.write(.space(reached.space)) { [progress] in try progress.renew(reached.space, in: $0) }
        log.mended(reached.space, stored: found.stored, removed: found.removed)
        return found.stored + found.removed
    }

    private struct Difference {
        var stored = 0
        var removed = 0
        var unstorable = 0
    }

    /// Mends the passages of a page of ids.
    ///
    /// The server is asked before the rows are read. What it has and they have not is then gone; what they have up to
    /// where the server was said to be, and it has not, is missing.
    ///
    /// - Returns: where the next page begins; nil at the end.
    private func mend(
        _ reached: VectorProgress.Reached, from first: Int64, _ found: inout Difference
    ) async throws -> Int64? {
        let space = reached.space
        let page = try await collection.passages(of: space.rawValue, from: first, limit: Self.page)
        var end = page.next.map { $0 - 1 } ?? Int64.max
        let range = first...max(first, end)
        let ids = try await database.read { connection in
            try PassageRows(space: space, connection: connection).ids(in: range, limit: Self.mostRows)
        }
        if ids.count == Self.mostRows, let last = ids.last { end = last }
        let (there, held) = (Set(ids), Set(page.ids.filter { $0 <= end }))
        found.removed += try await remove(held.subtracting(there))
        try await store(ids.filter { $0 <= reached.last && !held.contains($0) }, of: space, &found)
        return end == Int64.max ? nil : end + 1
    }

    private func remove(_ passages: Set<Int64>) async throws -> Int {
        try await collection.remove(passages)
        return passages.count
    }

    private func store(_ passages: [Int64], of space: Space, _ found: inout Difference) async throws {
        for start in stride(from: 0, to: passages.count, by: Self.page) {
            let part = Array(passages[start..<min(start + Self.page, passages.count)])
            let rows = try await database.read { try PassageRows(space: space, connection: $0).rows(part) }
            let storable = collection.storable(rows)
            try await collection.store(storable, in: space.rawValue)
            found.stored += storable.count
            found.unstorable += rows.count - storable.count
        }
    }
}
