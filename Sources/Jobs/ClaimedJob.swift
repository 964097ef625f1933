import Persistence

/// A job taken from the queue, with what its handler needs.
struct ClaimedJob: Sendable, Equatable {
    let id: Job.ID
    let kind: String
    let owner: Int64?
    let priority: JobPriority
    let turn: Int64
    let payload: String
    let state: String?
    let attempt: Int
    let maxAttempts: Int
    let timeout: Duration
    let parent: Job.ID?

    static let columns: SQL =
        "id, kind, owner, priority, turn, payload, state, attempts, max_attempts, timeout_seconds, parent_id"

    /// Whose rows a transaction for it may touch.
    var access: RowAccess { owner.map { .owner($0) } ?? .installation }

    init(row: inout SQLRow) throws {
        id = try row.next()
        kind = try row.next()
        owner = try row.next()
        priority = try row.next()
        turn = try row.next()
        payload = try row.next()
        state = try row.next()
        attempt = try row.next()
        maxAttempts = try row.next()
        timeout = .seconds(try row.next(Int64.self))
        parent = try row.next()
    }

    /// The order in which claimed jobs start.
    static func startsBefore(_ left: ClaimedJob, _ right: ClaimedJob) -> Bool {
        (left.priority.rawValue, left.turn, left.id) < (right.priority.rawValue, right.turn, right.id)
    }
}
