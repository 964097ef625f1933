import Persistence
import Vectors

/// The passages near a meaning, by pgvector. Distances are exact; an HNSW index may miss some of what is near.
struct PgvectorPassages: NearestPassages {
    /// Items named in a statement: more are as quickly found by their filter.
    private static let mostNamed = 10_000

    let question: MeaningQuestion
    let connection: SQLConnection
    /// Whether the space has an HNSW index.
    let isIndexed: Bool
    /// The items that a filter lets through; nil where there is none.
    private let allowed: Set<Int64>?
    private let meaning: SQL

    init(question: MeaningQuestion, connection: SQLConnection, isIndexed: Bool, allowed: Set<Int64>? = nil) {
        self.question = question
        self.connection = connection
        self.isIndexed = isIndexed
        self.allowed = allowed
        // As a query of its own the vector is read once, not for each row.
        meaning = "(SELECT CAST(\(PgvectorTable.text(question.meaning)) AS vector))"
    }

    func nearestExactly(_ limit: Int) throws -> [VectorHit] { try nearest(limit) }

    func nearest(_ limit: Int) throws -> [VectorHit] {
        if isIndexed, let hits = try byIndex(limit) { return Array(hits.prefix(limit)) }
        return try byScan(limit)
    }

    /// - Returns: as many items as are wanted and there are; nil where the index yields fewer, because a filter lets
    ///   little through or items have very many passages.
    private func byIndex(_ limit: Int) throws -> [VectorHit]? {
        let there = try WordStatistics(space: question.space).documents(in: connection)
        guard there > 0 else { return nil }
        let findable = allowed?.count ?? there
        let items = min(limit, findable)
        for width in PgvectorBeams.widths(for: items, share: Double(findable) / Double(there)) {
            let hits = try byIndex(passages: width)
            if hits.count >= items { return hits }
            guard PgvectorBeams.mayReach(items, having: hits.count, within: width) else { return nil }
        }
        return nil
    }

    private func byIndex(passages: Int) throws -> [VectorHit] {
        var seen: Set<Int64> = []
        return try preferringIndex(passages: passages) { try hits(nearest(passages: passages)) }
            .sorted().filter { seen.insert($0.group).inserted }
    }

    /// The planner takes row-level security to leave one row in a hundred, and would rather sort a whole space.
    func preferringIndex<Value>(passages: Int, _ body: () throws -> Value) throws -> Value {
        func set(sorting: String) throws {
            try connection.forEach(
                """
                SELECT set_config('hnsw.ef_search', \(String(passages)), true), set_config('enable_sort', \(sorting), true)
                """
            ) { _ in }
        }
        try set(sorting: "off")
        let value = try body()
        try set(sorting: "on")
        return value
    }

    /// The nearest passages of the space. An index was made for this very number, so it stands in the text.
    func nearest(passages: Int) -> SQL {
        """
        SELECT id, item_id, embedding <=> \(meaning) AS distance FROM search_vectors
        WHERE space = \(literal: question.space.rawValue) \(narrowed) ORDER BY distance LIMIT \(passages)
        """
    }

    private func byScan(_ limit: Int) throws -> [VectorHit] {
        try hits(
            """
            SELECT id, item_id, distance FROM (\(bestOfEach(narrowed))) AS best ORDER BY distance LIMIT \(limit)
            """
        ).sorted()
    }

    func best(of items: Set<Int64>) throws -> [Int64: VectorHit] {
        guard !items.isEmpty else { return [:] }
        let found = try hits(bestOfEach("AND item_id IN \(list: items.sorted())"))
        return Dictionary(found.map { ($0.group, $0) }) { one, other in min(one, other) }
    }

    private func bestOfEach(_ condition: SQL) -> SQL {
        """
        SELECT DISTINCT ON (item_id) id, item_id, embedding <=> \(meaning) AS distance FROM search_vectors
        WHERE space = \(question.space) \(condition) ORDER BY item_id, distance, id
        """
    }

    /// The items of a filter have been read already; named, they need not be found out again.
    private var narrowed: SQL {
        guard let narrowing = question.narrowing else { return "" }
        guard let allowed, allowed.count <= Self.mostNamed else {
            return "AND item_id IN (\(narrowing.items(in: question.space)))"
        }
        return "AND item_id IN (SELECT each.value FROM \(connection.dialect.rows(allowed.sorted())))"
    }

    private func hits(_ sql: SQL) throws -> [VectorHit] {
        try connection.all(sql) { row in
            let (id, item) = (try row.next(Int64.self), try row.next(Int64.self))
            let distance = try row.next(Double.self)
            // What has no direction has no angle either.
            return VectorHit(id: id, group: item, score: distance.isNaN ? 0 : Float(1 - distance))
        }
    }
}
