import Persistence
import Synchronization
import Vectors

/// Brings a collection in step with the rows: sends each space's changes from where it was left.
final class QdrantFollower: Sendable {
    /// Rows of a space sent before the progress is noted.
    private static let page = 500
    /// Spaces looked up at once.
    private static let spaces = 100

    private let database: Database
    private let collection: QdrantCollection
    private let progress: VectorProgress
    private let refused = Mutex(false)

    init(database: Database, collection: QdrantCollection, progress: VectorProgress) {
        self.database = database
        self.collection = collection
        self.progress = progress
    }

    /// Whether the server refused some of the changes, last time.
    var isRefused: Bool { refused.withLock { $0 } }

    /// Makes the collection where it is missing. Then all is to be sent again, which is noted before: whoever is
    /// interrupted in between finds it missing again.
    func prepare() async throws {
        let (database, progress) = (database, progress)
        try await collection.prepare {
            try await database.write { try progress.doubt(fromBeginning: true, in: $0) }
        }
        try await database.write { try progress.adopt(in: $0) }
    }

    /// - Throws: `QdrantFailure`; a refusal only after the spaces that it does not touch have been sent.
    func catchUp() async throws {
        try await prepare()
        var refusals: [Space: QdrantFailure] = [:]
        while true {
            let limit = Self.spaces + refusals.count
            let behind = try await database.read { [progress] in try progress.behind(limit: limit, in: $0) }
                .filter { refusals[$0.space] == nil }
            if behind.isEmpty { break }
            for space in behind {
                do {
                    try await follow(space)
                } catch let failure as QdrantFailure {
                    guard case .refused = failure else { throw failure }
                    refusals[space.space] = failure
                }
            }
        }
        refused.withLock { $0 = !refusals.isEmpty }
        if let refusal = refusals.values.first { throw refusal }
    }

    /// Sends what a space has after what the server has seen. Repeating it does no harm.
    private func follow(_ start: VectorProgress.Reached) async throws {
        // Removals that the server missed while it was not used are not told for ever.
        if start.last == 0 { try await collection.removeAll(of: start.space.rawValue) }
        var reached = start
        var more = true
        while more {
            try Task.checkCancellation()
            let before = reached
            let changes = try await database.read { connection in
                try PassageRows(space: before.space, connection: connection).changes(
                    after: before.last, limit: Self.page)
            }
            try await collection.store(collection.storable(changes.stored), in: before.space.rawValue)
            try await collection.remove(changes.removed)
            more = changes.more
            try await database.write(.space(before.space)) { [progress] connection in
                try progress.advance(before, to: changes.last, isEnd: !changes.more, in: connection)
            }
            reached = .init(space: before.space, changes: before.changes, last: changes.last)
        }
    }
}

extension QdrantCollection {
    /// Those that can be stored: vectors of another model are near nothing, and JSON has no word for a NaN.
    func storable(_ rows: [VectorRow]) -> [VectorRow] {
        rows.filter { $0.hasDirection && $0.vector.count == configuration.vectorSize }
    }
}
