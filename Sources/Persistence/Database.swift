/// The records of an installation, whichever engine keeps them.
///
/// `read` sees one consistent state; `write` is one transaction that is on disk when it returns, or did not happen.
///
/// A body may run again from its beginning, where the engine repeats a transaction that lost a race or its connection:
/// it changes nothing but the database.
public final class Database: Sendable {
    private let engine: any DatabaseEngine
    private let versions: ContentVersionReader

    public init(engine: any DatabaseEngine) {
        self.engine = engine
        versions = ContentVersionReader(engine: engine)
    }

    public var dialect: SQLDialect { engine.dialect }

    /// Runs queries on one consistent state; PostgreSQL may answer an owner's from a replica that has all they wrote.
    public func read<Value: Sendable>(
        _ access: RowAccess = .installation, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.read(access, body)
    }

    /// Runs queries that do not depend on one another, on one state; on PostgreSQL in a single round trip.
    public func read<each Answer: Sendable>(
        _ access: RowAccess, _ query: repeat SQLQuery<each Answer>
    ) async throws -> (repeat each Answer) {
        try await engine.readOnce(access) { try $0.together(repeat each query) }
    }

    /// The version a space's content is at now; 0 where nothing was ever written. See `ContentVersions`.
    ///
    /// - Returns: nil while the database cannot be reached; a replica may answer reads even then.
    public func contentVersion(ofSpace space: Int64) async throws -> Int64? {
        try await versions.version(ofSpace: space)
    }

    @discardableResult
    public func write<Value: Sendable>(
        _ access: RowAccess = .installation, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await engine.write(access, body)
    }

    /// Runs statements on a connection of their own, each for itself outside any transaction, as long as they take:
    /// for upkeep that an engine wants done so, such as building an index beside the writers.
    public func runAlone(_ statements: [SQL]) async throws { try await engine.runAlone(statements) }

    func openSnapshot() async throws -> any DatabaseSnapshot { try await engine.openSnapshot() }

    /// Waits for running work and closes every connection.
    public func close() throws { try engine.close() }
}

/// Whose rows a transaction may touch. SQLite leaves this to the queries; PostgreSQL's row-level security stands behind
/// them and shows nothing else.
public enum RowAccess: Sendable, Hashable {
    /// The rows of one user, by id. The writes of one owner take turns, as all writes do on SQLite; those of different
    /// owners run at once.
    case owner(Int64)
    /// Everybody's rows: signing in, workers, upkeep.
    case installation
}

/// A database engine: SQLite here, PostgreSQL where an installation grows.
public protocol DatabaseEngine: Sendable {
    var dialect: SQLDialect { get }

    func read<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    /// The same for a body that asks the database once.
    func readOnce<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    func write<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    /// The versions of those spaces where something was written, soon or not at all.
    func contentVersions(ofSpaces spaces: [Int64]) async throws -> [Int64: Int64]

    func runAlone(_ statements: [SQL]) async throws

    /// Opens one state of the records; whoever asks closes it.
    func openSnapshot() async throws -> any DatabaseSnapshot

    func close() throws
}

extension DatabaseEngine {
    public func readOnce<Value: Sendable>(
        _ access: RowAccess, _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await read(access, body)
    }

    /// Where the engine knows nothing better, as one write.
    public func runAlone(_ statements: [SQL]) async throws {
        try await write(.installation) { connection in
            for statement in statements { try connection.execute(statement) }
        }
    }
}
