/// One connection inside one transaction: all work with it is synchronous, so nobody can wait for the network
/// while holding it.
public struct SQLConnection {
    public let dialect: SQLDialect
    let driver: any SQLDriver

    init(dialect: SQLDialect, driver: any SQLDriver) {
        self.dialect = dialect
        self.driver = driver
    }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    public func execute(_ sql: SQL) throws -> Int {
        try driver.run(sql) { _ in }
    }

    /// Runs statements in their order, up to the first that fails. PostgreSQL is sent many of them at once.
    public func execute(all statements: [SQL]) throws { try driver.runAll(statements) }

    /// Runs queries that do not depend on one another. PostgreSQL is asked all of them in one round trip.
    public func together<each Answer>(_ query: repeat SQLQuery<each Answer>) throws -> (repeat each Answer) {
        let readings = (repeat SQLReading(each query))
        var statements: [SQL] = []
        var takers: [(inout SQLRow) throws -> Void] = []
        for reading in repeat each readings {
            statements.append(reading.sql)
            takers.append(reading.take)
        }
        try driver.run(together: statements) { index, row in try takers[index](&row) }
        return (repeat (each readings).answer)
    }

    /// Runs a query and hands over each row while the statement stands on it.
    public func forEach(_ sql: SQL, _ body: (inout SQLRow) throws -> Void) throws {
        _ = try driver.run(sql, row: body)
    }

    /// Runs a query and makes an element of each row.
    public func all<Element>(_ sql: SQL, _ body: (inout SQLRow) throws -> Element) throws -> [Element] {
        var elements: [Element] = []
        _ = try driver.run(sql) { row in elements.append(try body(&row)) }
        return elements
    }

    /// The first row; statements that may find more should say `LIMIT 1`.
    public func first<Element>(_ sql: SQL, _ body: (inout SQLRow) throws -> Element) throws -> Element? {
        var found: Element?
        _ = try driver.run(sql) { row in
            if found == nil { found = try body(&row) }
        }
        return found
    }

    /// The first column of the first row.
    public func value<Value: SQLReadable>(_ sql: SQL, as _: Value.Type = Value.self) throws -> Value? {
        try first(sql) { try $0.next() }
    }

    /// The first column of every row.
    public func values<Value: SQLReadable>(_ sql: SQL, as _: Value.Type = Value.self) throws -> [Value] {
        try all(sql) { try $0.next() }
    }
}

extension SQLConnection {
    /// Runs a part of a write that may fail without spoiling the rest: what it did is undone, and the transaction goes
    /// on for whoever catches the error. PostgreSQL otherwise ends a transaction with its first failed statement.
    @discardableResult
    public func attempt<Value>(_ body: () throws -> Value) throws -> Value { try driver.attempt(body) }

    /// Runs a part of an owner's transaction that must see the rows of all, such as the turns of a shared queue.
    @discardableResult
    public func acrossOwners<Value>(_ body: () throws -> Value) throws -> Value { try driver.acrossOwners(body) }

    /// From here to the end of the transaction, statements, waits for locks and pauses between statements take as long
    /// as they need: for migrations, copies and upkeep, never for requests, whose time is limited on PostgreSQL.
    public func liftTimeLimits() throws { try driver.liftTimeLimits() }

    /// From here to the end of the transaction, no other one that takes turns on the same key runs: for work that must
    /// be alone in the whole installation, such as the first account. SQLite's writes are alone anyway.
    public func takeTurns(on key: StaticString) throws {
        guard dialect == .postgresql else { return }
        // The form with two numbers has keys of its own; an owner's turn is the form with one.
        try first("SELECT pg_advisory_xact_lock(\(Int64(Self.turnKeys))::int, \(Int64(Self.hash(key)))::int)") { _ in }
    }

    /// "fuze", so that another program's locks in the same database are not ours.
    private static let turnKeys: Int32 = 0x6675_7A65

    /// FNV-1a, 32 bits: the same in every process and version.
    private static func hash(_ key: StaticString) -> Int32 {
        let hash = key.withUTF8Buffer { bytes in
            bytes.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        }
        return Int32(bitPattern: hash)
    }
}

/// What an engine does for a connection. `run` returns how many rows the statement changed.
protocol SQLDriver {
    func run(_ sql: SQL, row: (inout SQLRow) throws -> Void) throws -> Int
    func runAll(_ statements: [SQL]) throws
    func liftTimeLimits() throws
    /// Runs queries; each row comes with the index of its query, those of one query before those of the next.
    func run(together queries: [SQL], row: (_ query: Int, inout SQLRow) throws -> Void) throws
    func attempt<Value>(_ body: () throws -> Value) throws -> Value
    func acrossOwners<Value>(_ body: () throws -> Value) throws -> Value
}
