import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

@testable import Search

@Suite("The catalogue, compared with what it is of")
struct CatalogueInspectionTests {
    private static let damages:
        [(name: String, damage: SQL, report: @Sendable (inout CatalogueInspection.Report) -> Void)] =
            [
                (
                    "a thing that is not in it", "DELETE FROM search_items WHERE ref = 2",
                    { report in
                        report.recordsWithoutEntry = [2]
                        report.wordsWithoutEntry = 1
                        report.miscounted = [Catalogue.ada]
                    }
                ),
                (
                    "an entry that no word finds",
                    "DELETE FROM search_words WHERE rowid = (SELECT MIN(rowid) FROM search_words)",
                    { $0.entriesWithoutWords = [1] }
                ),
                (
                    "words of nothing", "INSERT INTO search_words (rowid, head, body) VALUES (7, 'lost', '')",
                    { $0.wordsWithoutEntry = 1 }
                ),
                ("an entry of nothing", "DELETE FROM notes WHERE ref = 3", { $0.entriesWithoutRecord = 1 }),
                (
                    "an entry without its passages", "UPDATE search_items SET embedding = 'done' WHERE ref = 2",
                    { $0.entriesWithoutPassages = 1 }
                ),
                (
                    "wrong sums", "UPDATE search_statistics SET documents = documents + 1",
                    { $0.miscounted = [Catalogue.ada, Catalogue.grace] }
                ),
                (
                    "wrong counts of a word", "DELETE FROM search_terms WHERE space = 4",
                    { $0.miscounted = [Catalogue.grace] }
                ),
            ]

    private func inspection(_ catalogue: Catalogue) -> CatalogueInspection {
        let index = catalogue.index
        let spaces: SQL = "CASE WHEN ref IN (3, 4) THEN 4 ELSE 2 END"
        let notes = SearchRecords(kind: Catalogue.note, all: "SELECT ref, \(spaces) AS space FROM notes") {
            ref, connection in
            let text = try connection.value("SELECT text FROM notes WHERE ref = \(ref)", as: String.self) ?? ""
            let space = [3, 4].contains(ref) ? Catalogue.grace : Catalogue.ada
            let entry = Catalogue.entry(ref, "Note \(ref)", in: space)
            try index.put(entry, content: index.analyze(text), meaning: .due, in: connection)
        }
        return CatalogueInspection(database: catalogue.database, index: index, records: [notes])
    }

    private func catalogue() async throws -> Catalogue {
        let catalogue = try await Catalogue()
        try await catalogue.put(Catalogue.entry(1, "Note 1"), content: "Lamps in the hall")
        try await catalogue.put(Catalogue.entry(2, "Note 2"), content: "Lamps in the harbour")
        try await catalogue.put(Catalogue.entry(3, "Note 3", in: Catalogue.grace), content: "Bread in the morning")
        try await catalogue.put(Catalogue.entry(4, "Note 4", in: Catalogue.grace), content: "Snow")
        return catalogue
    }

    @Test("what was kept as it should be is fine")
    func fine() async throws {
        let catalogue = try await catalogue()
        try await catalogue.remove(4, from: Catalogue.grace)
        try await catalogue.database.write { try $0.execute("DELETE FROM notes WHERE ref = 4") }
        #expect(try await inspection(catalogue).inspect().isFine)
    }

    @Test("each damage is found, and made good", arguments: damages.indices)
    func repaired(damage: Int) async throws {
        let catalogue = try await catalogue()
        let inspection = inspection(catalogue)
        let (name, sql, change) = Self.damages[damage]
        try await catalogue.database.write { try $0.execute(sql) }
        var expected = CatalogueInspection.Report()
        change(&expected)
        let found = try await inspection.inspect()
        #expect(found == expected, "\(name)")
        try await inspection.repair(found)
        #expect(try await inspection.inspect().isFine, "\(name)")
        #expect(try await catalogue.find("lamps").sorted() == [1, 2])
    }

    @Test("what people write while the catalogue is repaired is in it, and counted, once")
    func besideWriters() async throws {
        let catalogue = try await catalogue()
        let inspection = inspection(catalogue)
        let isRepaired = Mutex(false)
        async let repairing: Void = {
            defer { isRepaired.withLock { $0 = true } }
            for round in 0..<20 {
                try await catalogue.database.write(.space(Catalogue.ada)) { connection in
                    try connection.execute("UPDATE search_statistics SET documents = documents + 1 WHERE space = 2")
                    try connection.execute("DELETE FROM search_items WHERE ref = \(1 + round % 2)")
                }
                try await inspection.repair(try await inspection.inspect())
            }
        }()
        var ref: Int64 = 100
        while !isRepaired.withLock({ $0 }) {
            // As those who save and delete do: the thing and its entry in one transaction.
            let (index, content) = (catalogue.index, catalogue.index.analyze("Lamps number \(ref)"))
            try await catalogue.database.write(.space(Catalogue.ada)) { [ref] connection in
                try connection.execute("INSERT INTO notes (ref, text) VALUES (\(ref), 'Lamps number \(literal: ref)')")
                try index.put(Catalogue.entry(ref, "Note \(ref)"), content: content, meaning: .due, in: connection)
                guard ref.isMultiple(of: 2) else { return }
                try connection.execute("DELETE FROM notes WHERE ref = \(ref - 1)")
                try index.remove(Catalogue.note, ref - 1, from: Catalogue.ada, in: connection)
            }
            ref += 1
        }
        try await repairing
        #expect(ref > 110)
        #expect(try await inspection.inspect() == CatalogueInspection.Report())
        let kept = [1, 2] + (100..<ref).filter { $0.isMultiple(of: 2) || $0 == ref - 1 }
        #expect(try await catalogue.count("SELECT COUNT(*) FROM search_items WHERE space = 2") == kept.count)
        #expect(try await catalogue.count("SELECT documents FROM search_statistics WHERE space = 2") == kept.count)
    }
}
