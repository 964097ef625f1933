import Embeddings
import Foundation
import Jobs
import Measurements
import Persistence
import Search
import Vectors

/// The search by meaning in PostgreSQL, as the product asks for it: among the passages of one of 100 owners of as many
/// as there are bookmarks, and of one owner who has as many alone, in short items, in long ones and behind a filter.
struct PgvectorBenchmark {
    let bench: Bench

    private static let owners = 100
    private static let searches = 100
    private static let found = 10
    /// Rows written in one transaction.
    private static let batch = 500
    /// As the first page of a hybrid search asks.
    private static let depth = Fusion.depth
    /// A filter lets one item in so many through.
    private static let filtered = 20

    private let group = "Vectors in PostgreSQL (pgvector)"

    /// In a database of its own beside the one that is given.
    ///
    /// - Returns: nothing where no PostgreSQL is given.
    func run() async throws -> [Figure] {
        guard let server = bench.databaseURL else {
            bench.say("pgvector: FUZE_BENCH_DATABASE_URL names no PostgreSQL, so nothing is measured")
            return []
        }
        bench.say("pgvector")
        let maintenance = Database(engine: PostgresEngine(try PostgresAddress(server)))
        try await maintenance.runAlone([
            "DROP DATABASE IF EXISTS fuze_bench_vectors WITH (FORCE)", "CREATE DATABASE fuze_bench_vectors",
        ])
        var address = URLComponents(string: server)
        address?.path = "/fuze_bench_vectors"
        let database = Database(engine: PostgresEngine(try PostgresAddress(address?.string ?? server)))
        let figures = try await measure(database)
        try database.close()
        try await maintenance.runAlone(["DROP DATABASE IF EXISTS fuze_bench_vectors WITH (FORCE)"])
        try maintenance.close()
        return figures
    }

    private func measure(_ database: Database) async throws -> [Figure] {
        try await database.migrate(JobsSchema.migrations + SearchSchema.migrations)
        guard let store = try await PgvectorVectors.open(on: database, dimensions: SentenceEncoder.dimensions) else {
            return [Figure(group, "recall@10", nil, note: "the server has no extension \"vector\"")]
        }
        let vectors = SampleClusters(count: bench.bookmarks * 2, queries: Self.searches)
        let holdings = holdings(of: vectors)
        for holding in holdings {
            for place in holding.spaces { try await fill(database, place, holding, vectors.vectors) }
        }
        let start = ContinuousClock.now
        try await store.catchUp()
        let building = (ContinuousClock.now - start).seconds
        let passages = holdings.flatMap(\.spaces).reduce(0) { $0 + $1.rows.count }
        var figures = [Figure(group, "taking over and building", building, "s", note: "\(passages) passages")]
        for holding in holdings { figures += try await search(holding, vectors, store, database) }
        if let alone = holdings.first(where: { $0.spaces.count == 1 }) {
            figures += try await search(alone.filtered(one: Self.filtered), vectors, store, database)
        }
        return figures
    }

    /// Who has which vectors, by their indices: the first half is all owners' in turn, the second one owner's, in
    /// items of one passage and, again, of several that are about the same.
    private func holdings(of vectors: SampleClusters) -> [Holding] {
        let half = vectors.vectors.count / 2
        let shared = (0..<Self.owners).map { owner in
            (Space.personal(ofUser: Int64(owner + 1)), Array(stride(from: owner, to: half, by: Self.owners)))
        }
        let rest = Array(half..<vectors.vectors.count)
        return [
            Holding(name: "one of \(Self.owners) owners", spaces: shared, clusters: vectors.clusters),
            Holding(
                name: "one owner of all", spaces: [(.personal(ofUser: 1000), rest)], clusters: vectors.clusters),
            Holding(
                name: "one owner of all, long items", spaces: [(.personal(ofUser: 1001), rest)],
                clusters: vectors.clusters, passagesEach: 6, firstID: Int64(vectors.vectors.count)),
        ]
    }

    private func fill(
        _ database: Database, _ place: (space: Space, rows: [Int]), _ holding: Holding, _ vectors: [[Float]]
    ) async throws {
        let (space, rows) = place
        let items = Set(rows.map(holding.item(of:))).sorted()
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO search_statistics (space, documents, title_length, tags_length, notes_length, site_length,
                    content_length) VALUES (\(space), \(items.count), 0, 0, 0, 0, 0)
                """)
        }
        for start in stride(from: 0, to: items.count, by: Self.batch) {
            let part = items[start..<min(start + Self.batch, items.count)]
            try await database.write { connection in
                try connection.execute(all: part.map { Self.statement(item: $0, in: space) })
            }
        }
        for start in stride(from: 0, to: rows.count, by: Self.batch) {
            let part = rows[start..<min(start + Self.batch, rows.count)]
            try await database.write { connection in
                try connection.execute(all: part.map { Self.statement($0, of: holding, in: space, vectors[$0]) })
            }
        }
    }

    private static func statement(item: Int64, in space: Space) -> SQL {
        """
        INSERT INTO search_items (id, space, kind, ref, title, address, dated, terms, embedding)
        VALUES (\(item), \(space), 'note', \(item), '', '', 0, ''::bytea, 'done')
        """
    }

    private static func statement(_ row: Int, of holding: Holding, in space: Space, _ vector: [Float]) -> SQL {
        let bytes = vector.withUnsafeBytes { [UInt8]($0) }
        return """
            INSERT INTO search_passages (id, space, item_id, starts_at, ends_at, vector)
            VALUES (\(holding.passage(of: row)), \(space), \(holding.item(of: row)), 0, 1, \(bytes))
            """
    }

    private func search(
        _ holding: Holding, _ vectors: SampleClusters, _ store: PgvectorVectors, _ database: Database
    ) async throws -> [Figure] {
        var times: [Double] = []
        var (right, found) = (0, 0)
        for (number, query) in vectors.queries.enumerated() {
            let (space, rows) = holding.spaces[number % holding.spaces.count]
            let start = ContinuousClock.now
            let narrowing = holding.narrowing
            let answer = store.ask(
                MeaningQuestion(meaning: query, space: space, depth: Self.depth, narrowing: narrowing))
            let hits = try await database.read(.space(space)) { connection in
                let allowed = try narrowing.map { Set(try connection.values($0.items(in: space), as: Int64.self)) }
                return try answer?(allowed, connection).nearest(Self.depth) ?? []
            }
            times.append((ContinuousClock.now - start).milliseconds)
            let exact = holding.nearest(Self.found, to: query, among: rows, vectors)
            right += exact.intersection(hits.prefix(Self.found).map(\.group)).count
            found += hits.count
        }
        let samples = Samples(times)
        let count = vectors.queries.count
        return [
            Figure(
                group, "recall@10, \(holding.name)", Double(right) / Double(Self.found * count),
                target: .atLeast(0.95), digits: 3,
                note: "\(holding.spaces[0].rows.count) passages, against exact f32; \(found / count) items a search"),
            Figure(
                group, "search, \(holding.name), p50", samples.median, "ms",
                note: String(format: "p95 %.1f ms", samples.quantile(0.95))),
        ]
    }
}

/// Vectors of one kind of owner, and how they make items.
private struct Holding: Sendable {
    var name: String
    let spaces: [(space: Space, rows: [Int])]
    /// Rows that lie so far apart are of one cluster.
    let clusters: Int
    var passagesEach = 1
    /// Of passages and items, less one.
    var firstID: Int64 = 0
    /// Where there is a filter, it lets one item in so many through.
    var oneIn: Int64 = 1

    func filtered(one share: Int) -> Holding {
        var filtered = self
        filtered.name += ", one item in \(share)"
        filtered.oneIn = Int64(share)
        return filtered
    }

    var narrowing: SearchNarrowing? {
        guard oneIn > 1 else { return nil }
        return SearchNarrowing(
            kind: SearchKind(rawValue: "note"), refs: "SELECT ref FROM search_items WHERE ref % \(oneIn) = 0")
    }

    func passage(of row: Int) -> Int64 { firstID + Int64(row) + 1 }

    /// An item's passages are of one cluster, so near each other.
    func item(of row: Int) -> Int64 {
        let round = row / clusters / passagesEach
        return firstID + Int64(round * clusters + row % clusters) + 1
    }

    /// The items whose best passage is nearest, by every score.
    func nearest(_ count: Int, to query: [Float], among rows: [Int], _ vectors: SampleClusters) -> Set<Int64> {
        var items: Set<Int64> = []
        for row in vectors.nearest(rows.count, to: query, among: rows) where items.count < count {
            let item = item(of: row)
            if item % oneIn == 0 { items.insert(item) }
        }
        return items
    }
}
