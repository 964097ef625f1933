import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Persistence

@Suite("Versions of spaces")
struct ContentVersionTests {
    let records: TestDatabase

    private static let notes = Migration("0011_notes") { dialect in
        ["CREATE TABLE notes (id \(dialect.identityColumn), space BIGINT NOT NULL)"]
            + ContentVersions.follow("notes", space: .space("space"), dialect)
    }

    init() async throws { records = try await TestDatabase([ContentVersions.migration, Self.notes]) }

    private static func write(_ space: Int64, _ database: Database) async throws {
        try await database.write { try $0.execute("INSERT INTO notes (space) VALUES (\(space))") }
    }

    @Test("a space where nothing was written is at 0, and each has its own")
    func own() async throws {
        let database = try records.open()
        try await Self.write(2, database)
        let untouched = try await database.contentVersion(ofSpace: 4)
        #expect(untouched == 0)
        let before = try #require(try await database.contentVersion(ofSpace: 2))
        #expect(before > 0)
        try await Self.write(4, database)
        let after = try await database.contentVersion(ofSpace: 2)
        #expect(after == before)
    }

    @Test("whoever asks after a write, among many who ask, is told of it")
    func concurrent() async throws {
        let (database, writer) = (try records.open(), try records.open())
        let stale = try await withThrowingTaskGroup(of: Int.self) { group in
            for space in Int64(1)...8 {
                group.addTask {
                    var stale = 0
                    for _ in 0..<25 {
                        let before = try await database.contentVersion(ofSpace: space) ?? .max
                        try await Self.write(space, writer)
                        let after = try await database.contentVersion(ofSpace: space) ?? 0
                        if after <= before { stale += 1 }
                    }
                    return stale
                }
                group.addTask {
                    var wrong = 0
                    for untouched in Int64(100)..<200 {
                        if try await database.contentVersion(ofSpace: untouched) != 0 { wrong += 1 }
                    }
                    return wrong
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(stale == 0)
    }

    @Test("many who ask at once are answered by few look-ups")
    func shared() async throws {
        let log = StatementLog()
        let database = Database(engine: LoggedEngine(try records.engine(), log: log))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<500 {
                group.addTask { _ = try await database.contentVersion(ofSpace: Int64(caller % 10)) }
            }
            try await group.waitForAll()
        }
        #expect(log.take().count < 250)
        try database.close()
    }

    @Test("a database that is gone tells nobody, and leaves nobody waiting")
    func closed() async throws {
        let database = try records.open()
        try database.close()
        for _ in 0..<2 {
            let version = try await database.contentVersion(ofSpace: 1)
            #expect(version == nil)
        }
    }

    @Test(
        "while the database hangs, whoever asks is told so at once; soon after its return versions are told again",
        .enabled(if: TestDatabase.server != nil, "PostgreSQL's alone"), .timeLimit(.minutes(1)))
    func hanging() async throws {
        let (database, other) = (try records.open(), try records.open())
        try await Self.write(1, database)
        let before = try await database.contentVersion(ofSpace: 1)
        #expect(before != nil)
        let isHeld = Mutex(false)
        async let holding: Void = other.write { connection in
            try connection.execute("LOCK TABLE content_versions IN ACCESS EXCLUSIVE MODE")
            isHeld.withLock { $0 = true }
            sleep(8)
        }
        try await eventually { isHeld.withLock { $0 } }
        let asked = ContinuousClock.now
        // More than one statement's worth, who all come before the first is known to wait in vain.
        try await withThrowingTaskGroup(of: Int64?.self) { group in
            for space in Int64(1)...300 { group.addTask { try await database.contentVersion(ofSpace: space) } }
            for try await version in group { #expect(version == nil) }
        }
        #expect(ContinuousClock.now - asked < .seconds(6))
        let start = ContinuousClock.now
        for _ in 0..<100 {
            let version = try await database.contentVersion(ofSpace: 1)
            #expect(version == nil)
        }
        #expect(ContinuousClock.now - start < .seconds(1))
        try await holding
        try await eventually { try await database.contentVersion(ofSpace: 1) == before }
    }
}
