import Embeddings
import Foundation
import Jobs
import Measurements
import Persistence
import Search
import Vectors

/// The search by meaning in PostgreSQL, as the product asks for it: among the passages of one of 100 owners of as many
/// as there are bookmarks, and of one owner who has as many alone.
struct PgvectorBenchmark {
    let bench: Bench

    private static let owners = 100
    private static let searches = 100
    private static let found = 10
    /// Rows written in one transaction.
    private static let batch = 500
    /// As the first page of a hybrid search asks.
    private static let depth = Fusion.depth
    private static let alone = Space.personal(ofUser: 1000)

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
        for (place, rows) in spaces(of: vectors.vectors) {
            try await fill(database, place, rows, vectors.vectors)
        }
        let start = ContinuousClock.now
        try await store.catchUp()
        let building = (ContinuousClock.now - start).seconds
        var figures = [
            Figure(group, "taking over and building", building, "s", note: "\(vectors.vectors.count) passages")
        ]
        for (name, count) in [("one of \(Self.owners) owners", Self.owners), ("one owner of all", 1)] {
            let places = spaces(of: vectors.vectors).filter { ($0.space == Self.alone) == (count == 1) }
            figures += try await search(name, places, vectors, store, database)
        }
        return figures
    }

    /// Whose the vectors are, by their indices: the first half of all owners in turn, the second of one alone.
    private func spaces(of vectors: [[Float]]) -> [(space: Space, rows: [Int])] {
        let half = vectors.count / 2
        let shared = (0..<Self.owners).map { owner in
            (Space.personal(ofUser: Int64(owner + 1)), Array(stride(from: owner, to: half, by: Self.owners)))
        }
        return shared + [(Self.alone, Array(half..<vectors.count))]
    }

    /// An item with one passage for each vector; the ids are the vectors' indices, from 1.
    private func fill(_ database: Database, _ space: Space, _ rows: [Int], _ vectors: [[Float]]) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO search_statistics (space, documents, title_length, tags_length, notes_length, site_length,
                    content_length) VALUES (\(space), \(rows.count), 0, 0, 0, 0, 0)
                """)
        }
        for start in stride(from: 0, to: rows.count, by: Self.batch) {
            let part = rows[start..<min(start + Self.batch, rows.count)]
            try await database.write { connection in
                try connection.execute(all: part.flatMap { Self.statements($0, space, vectors[$0]) })
            }
        }
    }

    private static func statements(_ row: Int, _ space: Space, _ vector: [Float]) -> [SQL] {
        let bytes = vector.withUnsafeBytes { [UInt8]($0) }
        return [
            """
            INSERT INTO search_items (id, space, kind, ref, title, address, dated, terms, embedding)
            VALUES (\(row + 1), \(space), 'note', \(row + 1), '', '', 0, ''::bytea, 'done')
            """,
            """
            INSERT INTO search_passages (id, space, item_id, starts_at, ends_at, vector)
            VALUES (\(row + 1), \(space), \(row + 1), 0, 1, \(bytes))
            """,
        ]
    }

    private func search(
        _ name: String, _ places: [(space: Space, rows: [Int])], _ vectors: SampleClusters, _ store: PgvectorVectors,
        _ database: Database
    ) async throws -> [Figure] {
        var times: [Double] = []
        var right = 0
        for (number, query) in vectors.queries.enumerated() {
            let (space, rows) = places[number % places.count]
            let start = ContinuousClock.now
            let question = MeaningQuestion(meaning: query, space: space, depth: Self.depth)
            let answer = store.ask(question)
            let hits = try await database.read(.space(space)) { connection in
                try answer?(nil, connection).nearest(Self.depth) ?? []
            }
            times.append((ContinuousClock.now - start).milliseconds)
            let exact = Set(vectors.nearest(Self.found, to: query, among: rows).map { Int64($0 + 1) })
            right += exact.intersection(hits.prefix(Self.found).map(\.id)).count
        }
        let samples = Samples(times)
        return [
            Figure(
                group, "recall@10, \(name)", Double(right) / Double(Self.found * vectors.queries.count),
                target: .atLeast(0.95), digits: 3, note: "\(places[0].rows.count) passages, against exact f32"),
            Figure(
                group, "search, \(name), p50", samples.median, "ms",
                note: String(format: "p95 %.1f ms", samples.quantile(0.95))),
        ]
    }
}
