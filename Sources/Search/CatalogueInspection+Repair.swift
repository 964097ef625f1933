import Persistence

/// Mending the catalogue while people go on using it.
extension CatalogueInspection {
    /// Things put in by one transaction: a space's writers wait for no longer.
    private static let batch = 50

    /// Makes anew what is wrong. What is embedded again follows with the backlog.
    ///
    /// Each space is mended in the turn of its writers, and looked at anew in it: what `report` says may have changed
    /// since. It tells which spaces to count.
    public func repair(_ report: Report) async throws {
        for space in try await damagedSpaces().union(report.miscounted).sorted(by: { $0.rawValue < $1.rawValue }) {
            try await removeLeftovers(in: space)
            for records in records {
                try await putMissing(in: space, records) { records, _ in records.withoutEntry }
                try await putMissing(in: space, records) { records, dialect in records.withoutWords(dialect) }
            }
        }
    }

    /// Where anything is wrong but the statistics.
    private func damagedSpaces() async throws -> Set<Space> {
        try await database.read { connection in
            try connection.liftTimeLimits()
            let text = FullText(dialect: connection.dialect)
            var spaces = Set<Space>(
                try connection.values(
                    "SELECT DISTINCT \(text.spaceOfRow) FROM search_words WHERE \(text.isOrphan)"))
            spaces.formUnion(
                try connection.values("SELECT DISTINCT space FROM search_items WHERE \(Self.lacksPassages)"))
            for records in records {
                for damage in [
                    records.withoutEntry, records.withoutWords(connection.dialect),
                    "search_items WHERE \(records.isOrphan)",
                ] {
                    spaces.formUnion(try connection.values("SELECT DISTINCT space FROM \(damage)"))
                }
            }
            return spaces
        }
    }

    /// Takes out what is of nothing, and counts anew where that is wrong: before things are put in, which changes the
    /// statistics by what they were.
    private func removeLeftovers(in space: Space) async throws {
        try await database.write(.space(space)) { connection in
            try connection.liftTimeLimits()
            let text = FullText(dialect: connection.dialect)
            try connection.execute(
                "DELETE FROM search_words WHERE \(text.spaceOfRow) = \(space) AND \(text.isOrphan)")
            for records in records {
                let orphans: SQL = "SELECT ref FROM search_items WHERE space = \(space) AND \(records.isOrphan)"
                for ref in try connection.values(orphans, as: Int64.self) {
                    try index.remove(records.kind, ref, from: space, in: connection)
                }
            }
            try connection.execute(
                "UPDATE search_items SET embedding = 'due' WHERE space = \(space) AND \(Self.lacksPassages)")
            let statistics = WordStatistics(space: space)
            if try statistics.isMiscounted(in: connection) { try statistics.recount(in: connection) }
        }
    }

    /// - Parameter missing: rows with the columns `ref` and `space`, and a condition.
    private func putMissing(
        in space: Space, _ records: SearchRecords, _ missing: @escaping @Sendable (SearchRecords, SQLDialect) -> SQL
    ) async throws {
        var last = Int64.min
        while true {
            let refs = try await database.write(.space(space)) { [last] connection in
                try connection.liftTimeLimits()
                let refs = try connection.values(
                    """
                    SELECT ref FROM \(missing(records, connection.dialect)) AND space = \(space) AND ref > \(last)
                    ORDER BY ref LIMIT \(Self.batch)
                    """, as: Int64.self)
                for ref in refs { try records.put(ref, connection) }
                return refs
            }
            guard let newest = refs.last else { return }
            last = newest
        }
    }
}
