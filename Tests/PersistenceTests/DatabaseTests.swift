import Foundation
import Persistence
import TestSupport
import Testing

@Suite("Database")
struct DatabaseTests {
    let folder = TemporaryFolder()

    func database() async throws -> Database {
        let database = Database(engine: try SQLiteEngine(path: folder.path("records.sqlite")))
        try await database.migrate([people])
        return database
    }

    @Test("what was written is read back, in every kind of value")
    func roundTrip() async throws {
        let database = try await database()
        let born = Date(microseconds: 1_700_000_000_123_456)
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO people (name, born, photo, height, note)
                VALUES (\("Ada"), \(born), \([UInt8]([0, 1, 255])), \(1.65), \(String?.none))
                """)
        }
        let ada = try await database.read { connection in
            try connection.first("SELECT name, born, photo, height, note FROM people") { row in
                Person(
                    name: try row.next(), born: try row.next(), photo: try row.next(), height: try row.next(),
                    note: try row.next())
            }
        }
        #expect(ada == Person(name: "Ada", born: born, photo: [0, 1, 255], height: 1.65, note: nil))
    }

    @Test("empty texts and blobs are not NULL, and U+0000 does not end a text")
    func edges() async throws {
        let database = try await database()
        let found = try await database.write { connection in
            try connection.execute("INSERT INTO people (name, photo) VALUES (\(""), \([UInt8]()))")
            try connection.execute("INSERT INTO people (name) VALUES (\("a\0b"))")
            return try connection.all("SELECT name, photo IS NULL FROM people ORDER BY id") { row in
                "\(try row.next(String.self)) \(try row.next(Bool.self))"
            }
        }
        #expect(found == [" false", "a\u{FFFD}b true"])
    }

    @Test("a text full of quotes is a value, never SQL")
    func injection() async throws {
        let database = try await database()
        let name = "'); DROP TABLE people; --"
        let found = try await database.write { connection in
            try connection.execute("INSERT INTO people (name) VALUES (\(name))")
            return try connection.values("SELECT name FROM people WHERE name = \(name)", as: String.self)
        }
        #expect(found == [name])
    }

    @Test("lists bind each element, and an empty one matches nothing")
    func lists() async throws {
        let database = try await database()
        let counts = try await database.write { connection in
            for name in ["Ada", "Grace", "Joan"] {
                try connection.execute("INSERT INTO people (name) VALUES (\(name))")
            }
            return try [[], ["Ada"], ["Ada", "Grace", "Joan"]].map { (names: [String]) in
                try connection.value("SELECT COUNT(*) FROM people WHERE name IN \(list: names)", as: Int.self)
            }
        }
        #expect(counts == [0, 1, 3])
    }

    @Test("a failed write leaves nothing behind")
    func rollback() async throws {
        let database = try await database()
        await #expect(throws: CancellationError.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO people (name) VALUES (\("Ada"))")
                throw CancellationError()
            }
        }
        #expect(try await database.read { try $0.value("SELECT COUNT(*) FROM people", as: Int.self) } == 0)
    }

    @Test("of many writes at once, those that fail take nothing of the others with them")
    func groupCommit() async throws {
        let database = try await database()
        let succeeded = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<400 {
                group.addTask {
                    do {
                        try await database.write { connection in
                            try connection.execute("INSERT INTO people (name) VALUES (\("person \(number)"))")
                            if number % 4 == 0 { throw CancellationError() }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let kept = try await database.read { try $0.value("SELECT COUNT(*) FROM people", as: Int.self) }
        #expect(succeeded == 300)
        #expect(kept == 300)
    }

    @Test("a broken constraint has a typed error")
    func constraints() async throws {
        let database = try await database()
        func failure(of sql: SQL) async -> DatabaseFailure? {
            do {
                try await database.write { _ = try $0.execute(sql) }
                return nil
            } catch {
                return error as? DatabaseFailure
            }
        }
        #expect(await failure(of: "INSERT INTO people (name) VALUES ('Ada')") == nil)
        #expect(
            await failure(of: "INSERT INTO people (name) VALUES ('Ada')")
                == .uniqueViolation("UNIQUE constraint failed: people.name"))
        guard case .notNullViolation = await failure(of: "INSERT INTO people (name) VALUES (NULL)") else {
            Issue.record("NOT NULL was not recognised")
            return
        }
        guard case .checkViolation = await failure(of: "INSERT INTO people (name, height) VALUES ('x', -1)") else {
            Issue.record("CHECK was not recognised")
            return
        }
        guard case .foreignKeyViolation = await failure(of: "INSERT INTO people (name, parent) VALUES ('y', 99)")
        else {
            Issue.record("FOREIGN KEY was not recognised")
            return
        }
    }

    @Test("a query may run inside the rows of the same query")
    func reentrantQuery() async throws {
        let database = try await database()
        let pairs = try await database.write { connection in
            for name in ["Ada", "Grace"] { try connection.execute("INSERT INTO people (name) VALUES (\(name))") }
            return try connection.all("SELECT name FROM people ORDER BY id") { outer in
                let name = try outer.next(String.self)
                return try connection.values("SELECT name FROM people ORDER BY id", as: String.self).map { name + $0 }
            }
        }
        #expect(pairs == [["AdaAda", "AdaGrace"], ["GraceAda", "GraceGrace"]])
    }

    @Test("text that is no value of an enumeration is an error, not a crash")
    func unknownCase() async throws {
        enum Colour: String, SQLConvertible { case red }
        let database = try await database()
        await #expect(throws: DatabaseFailure.unexpectedValue("blue for Colour")) {
            try await database.read { _ = try $0.value("SELECT 'blue'", as: Colour.self) }
        }
    }

    @Test("a file that is no database is refused with a typed error")
    func notADatabase() async throws {
        let path = folder.path("broken.sqlite")
        try Data(repeating: 7, count: 8192).write(to: URL(filePath: path))
        #expect {
            _ = try SQLiteEngine(path: path)
        } throws: { error in
            if case DatabaseFailure.corrupt = error { true } else { false }
        }
    }
}

struct Person: Equatable, Sendable {
    let name: String
    let born: Date
    let photo: [UInt8]
    let height: Double
    let note: String?
}

let people = Migration("0001_people") { dialect in
    [
        """
        CREATE TABLE people (
            id \(dialect.identityColumn),
            name TEXT NOT NULL UNIQUE,
            born BIGINT,
            photo \(dialect.blobColumn),
            height DOUBLE PRECISION CHECK (height > 0),
            note TEXT,
            parent BIGINT REFERENCES people (id)
        )
        """
    ]
}
