import Jobs
import Vectors

/// Keeps a store of vectors in step with the rows, as a job: at once after changes, and now and then, for whatever was
/// missed while the store was away.
public struct VectorUpkeep: Sendable {
    static let kind = JobKind<NoPayload>("search.vectors", timeout: .seconds(3600), maxAttempts: 1)

    private let store: any VectorStore

    public init(_ store: any VectorStore) { self.store = store }

    /// One job at a time for all spaces; none where the store follows by itself.
    public func schedules() throws -> [Schedule] {
        store.needsUpkeep ? [Schedule("search.vectors", every: .seconds(30), try Self.job())] : []
    }

    static func job() throws -> NewJob { try NewJob(kind, NoPayload(), priority: .low, uniqueKey: "upkeep") }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(Self.kind) { _, _ in
            do {
                try await store.catchUp()
            } catch is QdrantFailure {
                // Said by the store's state and by its log; the schedule comes back.
            }
        }
    }
}
