import Persistence
import TestSupport
import Testing

@Suite("Migrations")
struct MigrationTests {
    let records: TestDatabase

    init() async throws { records = try await TestDatabase([]) }

    func open() throws -> Database { try records.open() }

    @Test("each migration is applied once, in order")
    func onceInOrder() async throws {
        let database = try open()
        let pets = Migration("0002_pets") { _ in ["CREATE TABLE pets (owner BIGINT REFERENCES people (id))"] }
        #expect(try await database.migrate([people]) == ["0001_people"])
        #expect(try await database.migrate([people, pets]) == ["0002_pets"])
        #expect(try await database.migrate([people, pets]).isEmpty)
    }

    @Test("a dry run says what is missing and applies nothing")
    func dryRun() async throws {
        let database = try open()
        #expect(try await database.migrate([people], dryRun: true) == ["0001_people"])
        #expect(try await database.migrate([people]) == ["0001_people"])
    }

    @Test("a failed migration leaves the database as it was")
    func failure() async throws {
        let database = try open()
        let broken = Migration("0001_broken") { _ in ["CREATE TABLE half (id BIGINT)", "CREATE TABLE"] }
        await #expect(throws: DatabaseFailure.self) { try await database.migrate([broken]) }
        // The table would be there already.
        let whole = Migration("0001_whole") { _ in ["CREATE TABLE half (id BIGINT)"] }
        #expect(try await database.migrate([whole]) == ["0001_whole"])
    }

    @Test("two starters at once apply a migration once")
    func twoStarters() async throws {
        let first = try open()
        let second = try open()
        async let one = first.migrate([people])
        async let other = second.migrate([people])
        #expect(try await (one + other) == ["0001_people"])
    }

    @Test("a database written by a newer program is refused")
    func newerDatabase() async throws {
        let database = try open()
        try await database.migrate([people])
        await #expect(throws: DatabaseFailure.unknownMigrations(["0001_people"])) {
            try await database.migrate([])
        }
    }
}
