/// The records of an installation, whichever engine keeps them.
///
/// `read` sees one consistent state; `write` is one transaction that is on disk when it returns, or did not happen.
public final class Database: Sendable {
    private let engine: any DatabaseEngine

    public init(engine: any DatabaseEngine) { self.engine = engine }

    public var dialect: SQLDialect { engine.dialect }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.read(body)
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.write(body)
    }

    /// Waits for running work and closes every connection.
    public func close() throws { try engine.close() }
}

/// A database engine: SQLite here, PostgreSQL where an installation grows.
public protocol DatabaseEngine: Sendable {
    var dialect: SQLDialect { get }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    func close() throws
}
