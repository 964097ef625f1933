import Persistence

/// One search of one space inside one transaction.
struct SearchRun {
    /// Candidates by words that are scored: the newest of those that hold the rarest words. More are scored only
    /// where nothing rarer was asked for, and rank no better.
    private static let candidates = 2500

    /// Results by meaning alone end here: each more has to be scored exactly.
    private static let deepest = 1000

    let space: Space
    let near: MeaningAnswer?
    let narrowing: SearchNarrowing?
    let connection: SQLConnection
    let query: SearchQuery
    let statistics: SpaceStatistics
    private let words: BM25F

    init(
        _ query: SearchQuery, near: MeaningAnswer?, in space: Space, narrowing: SearchNarrowing?,
        connection: SQLConnection
    ) throws {
        self.space = space
        self.near = near
        self.narrowing = narrowing
        self.connection = connection
        statistics = try WordStatistics(space: space).load(terms: query.terms.map(\.hash), in: connection)
        self.query = query.informative(in: statistics)
        words = BM25F(self.query, statistics)
    }

    /// Everything found, best first.
    func rank(_ mode: SearchMode, depth: Int) throws -> [HybridRanking.Entry] {
        let covered = mode == .semantic && near != nil ? [:] : try coveredCandidates()
        guard let near, mode != .text else { return Self.ranked(covered) }
        let allowed = try narrowing.map { Set(try connection.values($0.items(in: space), as: Int64.self)) }
        let ranking = HybridRanking(
            near: try near(allowed, connection),
            vectors: PassageRows(space: space, connection: connection).vectors)
        if mode == .semantic { return try ranking.rank(limit: Self.depth(of: depth)) }
        return try ranking.rank(covered: covered, coverage: coverage)
    }

    /// How many items are ranked where so many results are asked for.
    static func depth(of results: Int) -> Int { min(max(results, Fusion.depth), deepest) }

    private static func ranked(_ covered: [Int64: Double]) -> [HybridRanking.Entry] {
        covered.map { (id: $0.key, score: $0.value) }.bestFirst()
            .map { HybridRanking.Entry(id: $0.id, score: $0.score, coverage: $0.score, passage: nil) }
    }

    /// What the candidates cover of the query.
    private func coveredCandidates() throws -> [Int64: Double] {
        var covered: [Int64: Double] = [:]
        let terms = selectiveTerms()
        guard !terms.isEmpty else { return covered }
        try FullText(dialect: connection.dialect).forEachCandidate(
            of: terms, in: space, narrowing: narrowing, limit: Self.candidates, in: connection
        ) { item, frequencies in
            covered[item.rawValue] = words.score(frequencies)
        }
        return covered
    }

    /// The rarest words of the query, as many as the candidates may come from; the others only score.
    private func selectiveTerms() -> [String] {
        let found = query.terms
            .compactMap { term in statistics.documentFrequencies[term.hash].map { (term.word, $0) } }
            .sorted { $0.1 < $1.1 }
        var sum = 0
        return found.prefix { _, documents in
            defer { sum += documents }
            return sum == 0 || sum + documents <= Self.candidates
        }.map(\.0)
    }

    /// What further entries cover of the query.
    private func coverage(of items: [Int64]) throws -> [Int64: Double] {
        var covered: [Int64: Double] = [:]
        try connection.forEach("SELECT id, terms FROM search_items WHERE id IN \(list: items)") { row in
            let id = try row.next(Int64.self)
            let score = try row.nextBytes { words.score($0) }
            if score > 0 { covered[id] = score }
        }
        return covered
    }
}

extension SearchNarrowing {
    /// The catalogue's ids of what may be found.
    public func items(in space: Space) -> SQL {
        "SELECT id FROM search_items WHERE space = \(space) AND kind = \(kind) AND ref IN (\(refs))"
    }
}
