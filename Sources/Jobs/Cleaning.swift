import Persistence

/// Work that comes back every hour to delete what nobody needs any more, whoever's it is.
public struct Cleaning: Sendable {
    /// Rows deleted in one transaction: few enough that other writers get their turn.
    private static let batch = 500

    private let kind: JobKind<NoPayload>
    private let database: Database
    private let delete: @Sendable (SQLConnection, Int) throws -> Int

    /// - Parameters:
    ///   - name: unique for ever: the kind of the jobs and the name of their schedule.
    ///   - delete: deletes so many rows at the most and returns how many it did.
    public init(
        _ name: String, in database: Database,
        delete: @escaping @Sendable (SQLConnection, _ limit: Int) throws -> Int
    ) {
        kind = JobKind(name, maxAttempts: 1)
        self.database = database
        self.delete = delete
    }

    public func register(in handlers: inout JobHandlers) { handlers.register(kind) { _, _ in try await run() } }

    public func schedule() throws -> Schedule {
        Schedule(kind.name, every: .seconds(3600), try NewJob(kind, NoPayload(), priority: .low))
    }

    func run() async throws {
        while true {
            try Task.checkCancellation()
            let deleted = try await database.write(.installation) { connection in try delete(connection, Self.batch) }
            if deleted < Self.batch { return }
        }
    }
}
