import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

@Suite("Database")
struct DatabaseTests {
    let records: TestDatabase

    init() async throws { records = try await TestDatabase([people]) }

    func database() throws -> Database { try records.open() }

    @Test("what was written is read back, in every kind of value")
    func roundTrip() async throws {
        let database = try database()
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
        let database = try database()
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
        let database = try database()
        let name = "'); DROP TABLE people; --"
        let found = try await database.write { connection in
            try connection.execute("INSERT INTO people (name) VALUES (\(name))")
            return try connection.values("SELECT name FROM people WHERE name = \(name)", as: String.self)
        }
        #expect(found == [name])
    }

    @Test("queries asked together are answered each for itself, on one state")
    func together() async throws {
        let database = try database()
        try await database.write { connection in
            for name in ["Ada", "Grace"] { try connection.execute("INSERT INTO people (name) VALUES (\(name))") }
        }
        let names = SQLQuery<[String]>.all("SELECT name FROM people ORDER BY id") { try $0.next() }
        let (found, count, nobody, height) = try await database.read(
            .installation, names, SQLQuery<Int>.value("SELECT COUNT(*) FROM people", orElse: 0),
            SQLQuery<[String]>.all("SELECT name FROM people WHERE name = \("Joan")") { try $0.next(String.self) },
            SQLQuery<Double>.value("SELECT height FROM people WHERE name = \("Joan")", orElse: 1.5))
        #expect(found == ["Ada", "Grace"])
        #expect(count == 2)
        #expect(nobody.isEmpty)
        #expect(height == 1.5)

        // Inside a transaction they see what it has written, and it goes on.
        let (inside, more) = try await database.write { connection in
            try connection.execute("INSERT INTO people (name) VALUES ('Joan')")
            let inside = try connection.together(names, SQLQuery<Int>.value("SELECT COUNT(*) FROM people", orElse: 0))
            try connection.execute("DELETE FROM people")
            return (inside, try connection.value("SELECT COUNT(*) FROM people", as: Int.self))
        }
        #expect(inside.0 == ["Ada", "Grace", "Joan"])
        #expect(inside.1 == 3)
        #expect(more == 0)
    }

    @Test("one of several queries that fails fails them all, and the connection is good afterwards")
    func togetherFailing() async throws {
        let database = try database()
        let good = SQLQuery<Int>.value("SELECT COUNT(*) FROM people", orElse: -1)
        for wrong: SQL in ["SELECT COUNT(*) FROM nobody", "SELECT name FROM people WHERE", "SELECT 1 FROM people)"] {
            await #expect(throws: DatabaseFailure.self) {
                _ = try await database.read(.owner(1), good, SQLQuery<Int>.value(wrong, orElse: 0), good)
            }
            let (one, other) = try await database.read(.owner(1), good, good)
            #expect(one == 0 && other == 0)
        }
    }

    @Test("rows that cannot be read fail the queries and spoil nothing")
    func togetherUnread() async throws {
        struct Unreadable: Error {}
        let database = try database()
        let unread = SQLQuery<Int>("SELECT 1", from: 0) { _, _ in throw Unreadable() }
        for _ in 0..<20 {
            await #expect(throws: Unreadable.self) {
                _ = try await database.read(.owner(1), unread, SQLQuery<Int>.value("SELECT 2", orElse: 0))
            }
        }
        let three = try await database.read(.owner(1), SQLQuery<Int>.value("SELECT 3", orElse: 0))
        #expect(three == 3)
    }

    @Test("lists bind each element, and an empty one matches nothing")
    func lists() async throws {
        let database = try database()
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
        let database = try database()
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
        let database = try database()
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
        let database = try database()
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
                == .uniqueViolation(
                    database.dialect == .sqlite ? "UNIQUE constraint failed: people.name" : "people_name_key"))
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
        let database = try database()
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
        let database = try database()
        await #expect(throws: DatabaseFailure.unexpectedValue("blue for Colour")) {
            try await database.read { _ = try $0.value("SELECT 'blue'", as: Colour.self) }
        }
    }

    @Test("numbers of every kind are read as what they are")
    func numbers() async throws {
        let database = try database()
        let found = try await database.write { connection in
            for height in [1.5, 2.25] {
                try connection.execute(
                    "INSERT INTO people (name, born, height) VALUES (\("p\(height)"), -7, \(height))")
            }
            return try connection.first(
                """
                SELECT SUM(born), SUM(height), COUNT(*), MAX(born) / 2, EXISTS (SELECT 1 FROM people),
                    SUM(born) * 1000000007 FROM people
                """
            ) { row in
                "\(try row.next(Int.self)) \(try row.next(Double.self)) \(try row.next(Int.self)) "
                    + "\(try row.next(Int.self)) \(try row.next(Bool.self)) \(try row.next(Int.self))"
            }
        }
        #expect(found == "-14 3.75 2 -3 true -14000000098")
    }

    @Test("a value that is not there has a type wherever it stands")
    func missingValues() async throws {
        let database = try database()
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT \(Int64?.none) IS NULL, COALESCE(\(String?.none), 'none'), \(Double?.none),
                    CASE WHEN \(true) = 1 THEN \(Int?.none) ELSE \(5) END, '?' || \("!"), "name?"
                FROM (SELECT 1 AS "name?") AS one -- ? is no value here
                """
            ) { row in
                "\(try row.next(Bool.self)) \(try row.next(String.self)) \(try row.next(Double?.self) as Any) "
                    + "\(try row.next(Int?.self) as Any) \(try row.next(String.self)) \(try row.next(Int.self))"
            }
        }
        #expect(found == "true none nil nil ?! 1")
    }

    @Test("the same text with values of other types is another statement")
    func otherTypes() async throws {
        let database = try database()
        let found = try await database.read { connection in
            [
                try connection.value("SELECT \(1)", as: String.self), try connection.value("SELECT \("one")"),
                try connection.value("SELECT \(1.5)"), try connection.value("SELECT \(2)"),
            ]
        }
        #expect(found == ["1", "one", "1.5", "2"])
    }

    @Test("many statements run in their order, and a failure among them undoes all")
    func manyAtOnce() async throws {
        let database = try database()
        try await database.write { connection in
            try connection.execute(all: (0..<250).map { "INSERT INTO people (name) VALUES (\("p\($0)"))" })
            try connection.execute(all: [])
        }
        let twice: [SQL] = [
            "UPDATE people SET note = 'x'", "INSERT INTO people (name) VALUES ('p7')", "DELETE FROM people",
        ]
        await #expect(throws: DatabaseFailure.self) { try await database.write { try $0.execute(all: twice) } }
        let counts = try await database.read { connection in
            try connection.first("SELECT COUNT(*), COUNT(note), MAX(id) - MIN(id) FROM people") {
                [try $0.next(Int.self), try $0.next(Int.self), try $0.next(Int.self)]
            }
        }
        #expect(counts == [250, 0, 249])
    }

    @Test("what is attempted and fails is undone, and the rest of the transaction goes on")
    func attempt() async throws {
        let database = try database()
        try await database.write { connection in
            try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
            do {
                try connection.attempt {
                    try connection.execute("INSERT INTO people (name) VALUES ('Grace')")
                    try connection.execute("INSERT INTO people (name) VALUES ('Ada')")
                }
                Issue.record("Two of one name were kept")
            } catch DatabaseFailure.uniqueViolation {}
            try connection.attempt {
                try connection.attempt { try connection.execute("INSERT INTO people (name) VALUES ('Joan')") }
                do { try connection.attempt { throw CancellationError() } } catch is CancellationError {}
            }
            try connection.execute("INSERT INTO people (name) VALUES ('Karen')")
        }
        let names = try await database.read { try $0.values("SELECT name FROM people ORDER BY id", as: String.self) }
        #expect(names == ["Ada", "Joan", "Karen"])
    }

    @Test("a read sees one state, whatever is written meanwhile")
    func oneState() async throws {
        let database = try database()
        let (started, start) = AsyncStream<Void>.makeStream()
        let isWritten = Mutex(false)
        async let counts = database.read { connection in
            let before = try connection.value("SELECT COUNT(*) FROM people", as: Int.self)
            start.yield()
            while !isWritten.withLock({ $0 }) { usleep(1000) }
            return [before, try connection.value("SELECT COUNT(*) FROM people", as: Int.self)]
        }
        for await _ in started { break }
        try await database.write { try $0.execute("INSERT INTO people (name) VALUES ('Ada')") }
        isWritten.withLock { $0 = true }
        #expect(try await counts == [0, 0])
        #expect(try await database.read { try $0.value("SELECT COUNT(*) FROM people", as: Int.self) } == 1)
    }

    @Test("what an owner reads and then writes is right with many at once")
    func ownersTakeTurns() async throws {
        let database = try database()
        try await database.write { try $0.execute("INSERT INTO people (name, born) VALUES ('Ada', 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await database.write(.owner(1)) { connection in
                        let born = try connection.value("SELECT born FROM people", as: Int.self) ?? 0
                        try connection.execute("UPDATE people SET born = \(born + 1)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.read { try $0.value("SELECT born FROM people", as: Int.self) } == 50)
    }

    @Test("a closed database says so")
    func closed() async throws {
        let database = try database()
        _ = try await database.read { try $0.value("SELECT 1", as: Int.self) }
        try database.close()
        let closed = DatabaseFailure.unavailable("The database is closed.")
        await #expect(throws: closed) { try await database.read { _ in } }
        await #expect(throws: closed) { try await database.write { _ in } }
    }

    @Test("a file that is no database is refused with a typed error")
    func notADatabase() async throws {
        let path = records.folder.path("broken.sqlite")
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
