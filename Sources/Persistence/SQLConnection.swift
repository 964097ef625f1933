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

    /// Runs a query and hands over each row while the statement stands on it.
    public func forEach(_ sql: SQL, _ body: (inout SQLRow) throws -> Void) throws {
        _ = try driver.run(sql, row: body)
    }

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

/// What an engine does for a connection: runs one statement and returns how many rows it changed.
protocol SQLDriver {
    func run(_ sql: SQL, row: (inout SQLRow) throws -> Void) throws -> Int
}
