import Embeddings
import Foundation
import Jobs
import Persistence

/// Embeds what was put into the catalogue without its meaning: imports, new titles, and all that came while the
/// model was not there.
public struct EmbeddingBacklog: Sendable {
    static let kind = JobKind<NoPayload>("search.embed", maxAttempts: 1)

    /// One job at a time for all spaces; also started when something is left for it.
    public static func schedule() throws -> Schedule { Schedule("search.embed", every: .seconds(30), try job()) }

    /// Entries embedded together: enough to fill the model's batches, few enough to keep the memory small.
    private static let batch = 32

    private let database: Database
    private let index: SearchIndex
    private let embedder: SearchEmbedder
    private let sources: [SearchKind: SearchSource]

    public init(database: Database, index: SearchIndex, embedder: SearchEmbedder, sources: [SearchSource]) {
        self.database = database
        self.index = index
        self.embedder = embedder
        self.sources = Dictionary(uniqueKeysWithValues: sources.map { ($0.kind, $0) })
    }

    /// A job that begins with the backlog at once.
    public static func job() throws -> NewJob { try NewJob(kind, NoPayload(), priority: .low, uniqueKey: "backlog") }

    public func register(in handlers: inout JobHandlers) { handlers.register(Self.kind) { _, _ in try await run() } }

    private struct Waiting: Sendable {
        let id: SearchItem.ID
        let space: Space
        let kind: SearchKind
        let ref: Int64
        let revision: Int64
        let title: String
        var content = ""
    }

    private func run() async throws {
        var last = SearchItem.ID(0)
        while true {
            try Task.checkCancellation()
            let due = try await due(after: last)
            guard let newest = due.last?.id else { return }
            last = newest
            var waiting: [Waiting] = []
            for (space, items) in Dictionary(grouping: due, by: \.space) {
                waiting += try await read(items.map(\.id), of: space)
            }
            if waiting.isEmpty { continue }
            // Without the model there is no use in going on; the schedule comes back.
            guard try await embed(waiting) else { return }
        }
    }

    /// What waits next, whoever's it is.
    private func due(after last: SearchItem.ID) async throws -> [(id: SearchItem.ID, space: Space)] {
        try await database.read(.installation) { connection in
            try connection.all(
                """
                SELECT id, space FROM search_items
                WHERE embedding = 'due' AND id > \(last) ORDER BY id LIMIT \(Self.batch)
                """
            ) { row in (id: try row.next(), space: try row.next()) }
        }
    }

    private func read(_ items: [SearchItem.ID], of space: Space) async throws -> [Waiting] {
        try await database.read(.space(space)) { connection in
            var waiting = try connection.all(
                """
                SELECT id, kind, ref, revision, title FROM search_items
                WHERE id IN \(list: items) AND space = \(space) AND embedding = 'due'
                """
            ) { row in
                Waiting(
                    id: try row.next(), space: space, kind: try row.next(), ref: try row.next(),
                    revision: try row.next(), title: try row.next())
            }
            for (kind, source) in sources {
                let texts = try source.texts(waiting.filter { $0.kind == kind }.map(\.ref), space, connection)
                for index in waiting.indices where waiting[index].kind == kind {
                    waiting[index].content = texts[waiting[index].ref] ?? ""
                }
            }
            return waiting
        }
    }

    private func embed(_ waiting: [Waiting]) async throws -> Bool {
        let embedded = await withTaskGroup(of: (Waiting, [EmbeddedPassage]?).self) { group in
            for entry in waiting {
                group.addTask { (entry, await embedder.passages(title: entry.title, content: entry.content)) }
            }
            return await group.reduce(into: [(Waiting, [EmbeddedPassage]?)]()) { $0.append($1) }
        }
        let done = embedded.compactMap { entry, passages in passages.map { (entry, $0) } }
        for (space, entries) in Dictionary(grouping: done, by: \.0.space) {
            try await database.write(.space(space)) { connection in
                for (entry, passages) in entries {
                    try index.putPassages(passages, of: entry.id, revision: entry.revision, in: space, connection)
                }
            }
        }
        // One text that cannot be embedded must not hold up the others; without the model none can.
        return !done.isEmpty
    }
}
