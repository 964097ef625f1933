import Jobs
import Persistence
import Search
import TestSupport
import Testing

@testable import Bookmarks

@Suite("Two instances on the same bookmarks")
struct NeighboursTests {
    /// What is saved through this instance and its neighbour at once, every other link here.
    private func save(_ links: [String], in library: Library) async throws -> [BookmarkService.Saved] {
        let neighbour = try library.records.open()
        let other = BookmarkService(database: neighbour, index: SearchIndex(), jobs: JobQueue(database: neighbour))
        let instances = [library.service, other]
        return try await withThrowingTaskGroup(of: BookmarkService.Saved.self) { group in
            for (number, link) in links.enumerated() {
                group.addTask {
                    try await instances[number % 2].save(
                        BookmarkService.Draft(url: link, title: "Tea leaves", tags: ["drinks"]), for: library.ada)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("the same link saved at both at once is one bookmark, new to one of them, with one job")
    func sameLink() async throws {
        let library = try await Library()
        for round in 0..<5 {
            let saved = try await save(Array(repeating: "https://example.org/\(round)", count: 6), in: library)
            #expect(saved.count { $0.isNew } == 1)
            #expect(Set(saved.map(\.bookmark.id)).count == 1)
            #expect(saved.compactMap(\.job).count == 1)
        }
        #expect(try await library.count() == 5)
        #expect(try await library.rows("SELECT COUNT(*) FROM jobs") == 5)
        #expect(try await library.rows("SELECT COUNT(*) FROM bookmark_tags") == 5)
    }

    @Test("what both save at once is counted, found and ranked as if it had come one by one")
    func manyLinks() async throws {
        let library = try await Library()
        let saved = try await save((0..<40).map { "https://example.org/\($0)" }, in: library)
        #expect(saved.allSatisfy { $0.isNew })
        #expect(try await library.count() == 40)
        #expect(try await library.find("tea").count == 40)
        #expect(try await library.rows("SELECT documents FROM search_statistics") == 40)
        #expect(try await library.rows("SELECT MAX(documents) FROM search_terms") == 40)
        #expect(try await library.rows("SELECT SUM(title_length) FROM search_statistics") == 80)
    }
}
