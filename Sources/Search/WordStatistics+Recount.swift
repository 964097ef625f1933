import Persistence

/// Statistics compared with the entries they are of, and made anew from them.
extension WordStatistics {
    private struct Counts: Equatable {
        var documents = 0
        var lengths = [Int](repeating: 0, count: SearchField.allCases.count)
        var terms: [Int64: Int] = [:]
    }

    func isMiscounted(in connection: SQLConnection) throws -> Bool {
        try counted(in: connection) != stored(in: connection)
    }

    /// Writes the statistics anew from the entries.
    func recount(in connection: SQLConnection) throws {
        let counts = try counted(in: connection)
        try connection.execute("DELETE FROM search_terms WHERE space = \(space)")
        try connection.execute("DELETE FROM search_statistics WHERE space = \(space)")
        guard counts.documents > 0 else { return }
        try connection.execute(
            """
            INSERT INTO search_statistics (space, documents, title_length, tags_length, notes_length, site_length,
                content_length)
            VALUES (\(space), \(counts.documents), \(SQL.joined(counts.lengths.map { "\($0)" }, by: ", ")))
            """)
        for (term, documents) in counts.terms.sorted(by: { $0.key < $1.key }) {
            try connection.execute(
                "INSERT INTO search_terms (space, term, documents) VALUES (\(space), \(term), \(documents))")
        }
    }

    private func counted(in connection: SQLConnection) throws -> Counts {
        var counts = Counts()
        try connection.forEach("SELECT terms FROM search_items WHERE space = \(space)") { row in
            let frequencies = TermFrequencies(bytes: try row.next())
            counts.documents += 1
            for (index, field) in SearchField.allCases.enumerated() {
                counts.lengths[index] += frequencies.length(of: field)
            }
            for term in frequencies.terms { counts.terms[Int64(term), default: 0] += 1 }
        }
        return counts
    }

    /// A space that had entries once keeps its row with zeros.
    private func stored(in connection: SQLConnection) throws -> Counts {
        var counts = Counts()
        let totals = try connection.first(
            """
            SELECT documents, title_length, tags_length, notes_length, site_length, content_length
            FROM search_statistics WHERE space = \(space)
            """
        ) { row in (try row.next(Int.self), try (0..<SearchField.allCases.count).map { _ in try row.next(Int.self) }) }
        if let totals { (counts.documents, counts.lengths) = totals }
        try connection.forEach("SELECT term, documents FROM search_terms WHERE space = \(space)") { row in
            counts.terms[try row.next()] = try row.next(Int.self)
        }
        return counts
    }
}
