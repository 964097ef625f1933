import Foundation
import Persistence

/// How the catalogue finds out what a feature has, to compare itself with it.
public struct SearchRecords: Sendable {
    let kind: SearchKind
    let all: SQL
    let put: @Sendable (_ ref: Int64, SQLConnection) throws -> Void

    /// - Parameters:
    ///   - all: a query of every thing that is to be findable, with the columns `ref` and `space`.
    ///   - put: puts one thing into the catalogue anew.
    public init(
        kind: SearchKind, all: SQL, put: @escaping @Sendable (_ ref: Int64, SQLConnection) throws -> Void
    ) {
        self.kind = kind
        self.all = all
        self.put = put
    }
}

/// Compares the catalogue with the things it is of, and its parts with one another.
public struct CatalogueInspection: Sendable {
    /// What does not add up.
    public struct Report: Sendable, Equatable {
        /// Things that no search finds.
        public var recordsWithoutEntry: [Int64] = []
        /// Entries whose things are gone.
        public var entriesWithoutRecord = 0
        /// Entries that no word finds: their things are put in anew.
        public var entriesWithoutWords: [Int64] = []
        /// Rows of words whose entries are gone.
        public var wordsWithoutEntry = 0
        /// Entries said to be embedded that have no passage.
        public var entriesWithoutPassages = 0
        /// Spaces whose statistics are not those of their entries.
        public var miscounted: [Space] = []

        public var isFine: Bool { self == Report() }
    }

    let database: Database
    let index: SearchIndex
    let records: [SearchRecords]

    public init(database: Database, index: SearchIndex, records: [SearchRecords]) {
        self.database = database
        self.index = index
        self.records = records
    }

    /// Looks at everything; changes nothing.
    public func inspect() async throws -> Report {
        var report = try await database.read { connection in
            try connection.liftTimeLimits()
            var report = Report()
            for records in records {
                report.recordsWithoutEntry += try connection.values("SELECT ref FROM \(records.withoutEntry)")
                report.entriesWithoutWords += try connection.values(
                    "SELECT ref FROM \(records.withoutWords(connection.dialect))")
                report.entriesWithoutRecord +=
                    try connection.value("SELECT COUNT(*) FROM search_items WHERE \(records.isOrphan)") ?? 0
            }
            let isOrphan = FullText(dialect: connection.dialect).isOrphan
            report.wordsWithoutEntry = try connection.value("SELECT COUNT(*) FROM search_words WHERE \(isOrphan)") ?? 0
            report.entriesWithoutPassages =
                try connection.value(
                    "SELECT COUNT(*) FROM search_items WHERE \(Self.lacksPassages)") ?? 0
            return report
        }
        for space in try await spaces() {
            let isMiscounted = try await database.read { connection in
                try connection.liftTimeLimits()
                return try WordStatistics(space: space).isMiscounted(in: connection)
            }
            if isMiscounted { report.miscounted.append(space) }
        }
        return report
    }

    private func spaces() async throws -> [Space] {
        try await database.read {
            try $0.values("SELECT space FROM search_items UNION SELECT space FROM search_statistics ORDER BY space")
        }
    }

    /// A title is embedded with every passage, so that an entry with one has at least one.
    static let lacksPassages: SQL = """
        embedding = 'done' AND title <> ''
            AND NOT EXISTS (SELECT 1 FROM search_passages WHERE item_id = search_items.id)
        """
}

extension SearchRecords {
    /// Things that are not in the catalogue, with the columns `ref` and `space`.
    var withoutEntry: SQL {
        """
        (\(all)) AS records WHERE NOT EXISTS (SELECT 1 FROM search_items
            WHERE space = records.space AND kind = \(kind) AND ref = records.ref)
        """
    }

    /// Entries that no word finds, likewise.
    func withoutWords(_ dialect: SQLDialect) -> SQL {
        """
        search_items WHERE kind = \(kind) AND NOT EXISTS (SELECT 1 FROM search_words
            WHERE search_words.rowid = \(FullText(dialect: dialect).rowOfItem))
        """
    }

    /// Whether an entry's thing is gone.
    var isOrphan: SQL { "kind = \(kind) AND ref NOT IN (SELECT ref FROM (\(all)) AS records)" }
}

extension FullText {
    /// The row id of an item's words, in a query of `search_items`.
    fileprivate var rowOfItem: SQL { "(search_items.space << \(shift)) + search_items.id" }

    /// The space of a row of `search_words`.
    var spaceOfRow: SQL { "search_words.rowid >> \(shift)" }

    /// Whether a row of `search_words` is of no entry.
    var isOrphan: SQL {
        """
        NOT EXISTS (SELECT 1 FROM search_items
            WHERE id = search_words.rowid - ((\(spaceOfRow)) << \(shift)) AND space = \(spaceOfRow))
        """
    }

    /// PostgreSQL shifts by an `integer`.
    private var shift: SQL { dialect == .sqlite ? "\(Self.itemBits)" : "\(Self.itemBits)::int" }
}
