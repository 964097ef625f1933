import Persistence

/// A space's own statistics: how many entries it has, how long their fields are, and how many hold each word.
/// No other space's words count.
struct WordStatistics {
    let space: Space

    /// Counts an entry's words in the place of those it had.
    func replace(_ old: TermFrequencies?, by new: TermFrequencies?, in connection: SQLConnection) throws {
        try addTotals(old: old, new: new, in: connection)
        let before = Set(old?.terms ?? [])
        let after = Set(new?.terms ?? [])
        try add(after.subtracting(before), in: connection)
        try remove(before.subtracting(after), in: connection)
    }

    private func add(_ terms: Set<UInt32>, in connection: SQLConnection) throws {
        guard !terms.isEmpty else { return }
        try connection.execute(
            """
            INSERT INTO search_terms (space, term, documents)
            SELECT CAST(\(space) AS BIGINT), each.value, 1 FROM \(Self.rows(terms, connection)) WHERE true
            ON CONFLICT (space, term) DO UPDATE SET documents = search_terms.documents + 1
            """)
    }

    private func remove(_ terms: Set<UInt32>, in connection: SQLConnection) throws {
        guard !terms.isEmpty else { return }
        let rows = Self.rows(terms, connection)
        try connection.execute(
            """
            UPDATE search_terms SET documents = documents - 1
            WHERE space = \(space) AND term IN (SELECT each.value FROM \(rows))
            """)
        try connection.execute(
            """
            DELETE FROM search_terms
            WHERE space = \(space) AND documents <= 0 AND term IN (SELECT each.value FROM \(rows))
            """)
    }

    /// In their order, in which they lie on disk.
    private static func rows(_ terms: Set<UInt32>, _ connection: SQLConnection) -> SQL {
        connection.dialect.rows(terms.sorted().map(Int64.init))
    }

    private func addTotals(old: TermFrequencies?, new: TermFrequencies?, in connection: SQLConnection) throws {
        func change(_ field: SearchField) -> Int { (new?.length(of: field) ?? 0) - (old?.length(of: field) ?? 0) }
        let documents = (new == nil ? 0 : 1) - (old == nil ? 0 : 1)
        try connection.execute(
            """
            INSERT INTO search_statistics (space, documents, title_length, tags_length, notes_length, site_length,
                content_length)
            VALUES (\(space), \(documents), \(change(.title)), \(change(.tags)), \(change(.notes)),
                \(change(.site)), \(change(.content)))
            ON CONFLICT (space) DO UPDATE SET documents = search_statistics.documents + excluded.documents,
                title_length = search_statistics.title_length + excluded.title_length,
                tags_length = search_statistics.tags_length + excluded.tags_length,
                notes_length = search_statistics.notes_length + excluded.notes_length,
                site_length = search_statistics.site_length + excluded.site_length,
                content_length = search_statistics.content_length + excluded.content_length
            """)
    }

    /// How many entries the space has.
    func documents(in connection: SQLConnection) throws -> Int {
        try connection.value("SELECT documents FROM search_statistics WHERE space = \(space)") ?? 0
    }

    /// The statistics that rank these terms.
    func load(terms: [UInt32], in connection: SQLConnection) throws -> SpaceStatistics {
        let totals = try connection.first(
            """
            SELECT documents, title_length, tags_length, notes_length, site_length, content_length
            FROM search_statistics WHERE space = \(space)
            """
        ) { row in (try row.next(Int.self), try (0..<SearchField.allCases.count).map { _ in try row.next(Int.self) }) }
        guard let (documents, lengths) = totals, documents > 0 else {
            return SpaceStatistics(documents: 0, fieldLengths: [], documentFrequencies: [:])
        }
        var frequencies: [UInt32: Int] = [:]
        try connection.forEach(
            "SELECT term, documents FROM search_terms WHERE space = \(space) AND term IN \(list: terms.map(Int64.init))"
        ) { row in
            frequencies[UInt32(truncatingIfNeeded: try row.next(Int64.self))] = try row.next(Int.self)
        }
        return SpaceStatistics(documents: documents, fieldLengths: lengths, documentFrequencies: frequencies)
    }
}
