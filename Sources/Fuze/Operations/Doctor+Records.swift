import Bookmarks
import Foundation
import Jobs
import Persistence
import Search

extension Doctor {
    /// Compares the catalogue with the records, and makes it anew where that is wanted.
    func search(in database: Database) async -> [Finding] {
        // What is repaired must reach the vectors as well.
        let vectors = repairs ? try? await vectorStore(on: database) : nil
        let index = SearchIndex(vectors: vectors)
        let inspection = CatalogueInspection(
            database: database, index: index, records: [BookmarkService.searchRecords(index)])
        do {
            let report = try await inspection.inspect()
            if report.isFine { return [.ok("search", "The catalogue is that of the records.")] }
            guard repairs else {
                return [.warning("search", Self.words(for: report), "Run `fuze doctor --repair`.")]
            }
            try await inspection.repair(report)
            let rest = try await inspection.inspect()
            guard rest.isFine else {
                return [.failure("search", "Not repaired: \(Self.words(for: rest))", Advice.restore)]
            }
            return [.ok("search", "Repaired: \(Self.words(for: report))")]
        } catch {
            return [
                .failure("search", FuzeCommand.words(for: error) ?? "The catalogue cannot be read.", Advice.restore)
            ]
        }
    }

    private static func words(for report: CatalogueInspection.Report) -> String {
        let counts = [
            (report.recordsWithoutEntry.count, "records are not in the catalogue"),
            (report.entriesWithoutRecord, "entries are of records that are gone"),
            (report.entriesWithoutWords.count, "entries are found by no word"),
            (report.wordsWithoutEntry, "words are of entries that are gone"),
            (report.entriesWithoutPassages, "entries are found by no meaning"),
            (report.miscounted.count, "spaces have wrong statistics"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + "."
    }

    func work(in database: Database) async -> [Finding] {
        let jobs = try? await database.read { try JobInspection($0) }
        guard let jobs else {
            return [.failure("jobs", "The queue cannot be read.", Advice.reach)]
        }
        var findings: [Finding] = []
        if jobs.abandoned > 0 {
            findings.append(
                .warning(
                    "jobs", "\(jobs.abandoned) running jobs have had no sign of their worker for two minutes.",
                    "Start a server or worker: it takes them over."))
        }
        if let oldest = jobs.oldest, Date().timeIntervalSince(oldest) > 600 {
            findings.append(
                .warning(
                    "jobs",
                    "\(jobs.waiting) jobs wait, the oldest for \(Int(-oldest.timeIntervalSinceNow / 60)) minutes.",
                    "Start a server with FUZE_WORKERS above 0 or `fuze worker`, or more of them."))
        }
        if jobs.failedLately > 0 {
            findings.append(
                .warning(
                    "jobs", "\(jobs.failedLately) jobs failed for good within a day.",
                    "GET /api/jobs?status=failed says why; POST /api/jobs/{id}/retry tries again."))
        }
        if !findings.isEmpty { return findings }
        return [.ok("jobs", "\(jobs.running) running, \(jobs.waiting) waiting, none stuck.")]
    }
}
