import Synchronization

@testable import Persistence

/// The statements that reached the database, in their order.
public final class StatementLog: Sendable {
    private let list = Mutex<[SQL]>([])

    public init() {}

    func note(_ sql: SQL) { list.withLock { $0.append(sql) } }

    /// What has come since the last time.
    public func take() -> [SQL] {
        list.withLock { statements in
            defer { statements = [] }
            return statements
        }
    }
}

/// An engine that notes every statement before it runs.
public struct LoggedEngine: DatabaseEngine {
    private let engine: any DatabaseEngine
    private let log: StatementLog

    public init(_ engine: any DatabaseEngine, log: StatementLog) {
        self.engine = engine
        self.log = log
    }

    public var dialect: SQLDialect { engine.dialect }

    public func read<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.read(access) { [log] in try body($0.logged(in: log)) }
    }

    public func readOnce<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.readOnce(access) { [log] in try body($0.logged(in: log)) }
    }

    public func write<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.write(access) { [log] in try body($0.logged(in: log)) }
    }

    public func contentVersions(ofSpaces spaces: [Int64]) async throws -> [Int64: Int64] {
        log.note("SELECT space, version FROM content_versions WHERE space IN \(list: spaces)")
        return try await engine.contentVersions(ofSpaces: spaces)
    }

    public func openSnapshot() async throws -> any DatabaseSnapshot { try await engine.openSnapshot() }

    public func close() throws { try engine.close() }
}

private struct LoggedDriver: SQLDriver {
    let driver: any SQLDriver
    let log: StatementLog

    func run(_ sql: SQL, row: (inout SQLRow) throws -> Void) throws -> Int {
        log.note(sql)
        return try driver.run(sql, row: row)
    }

    func runAll(_ statements: [SQL]) throws {
        for statement in statements { log.note(statement) }
        try driver.runAll(statements)
    }

    func liftTimeLimits() throws { try driver.liftTimeLimits() }

    func run(together queries: [SQL], row: (Int, inout SQLRow) throws -> Void) throws {
        for sql in queries { log.note(sql) }
        try driver.run(together: queries, row: row)
    }

    func attempt<Value>(_ body: () throws -> Value) throws -> Value { try driver.attempt(body) }

    func acrossOwners<Value>(_ body: () throws -> Value) throws -> Value { try driver.acrossOwners(body) }
}

extension SQLConnection {
    fileprivate func logged(in log: StatementLog) -> SQLConnection {
        SQLConnection(dialect: dialect, driver: LoggedDriver(driver: driver, log: log))
    }
}
