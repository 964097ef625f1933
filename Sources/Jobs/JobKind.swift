import Foundation

/// A sort of work: its name in the queue, its limits, and what its payload is.
public struct JobKind<Payload: Codable & Sendable>: Sendable {
    /// Stored with every job, so it must never change.
    public let name: String
    /// How long one attempt may take.
    public let timeout: Duration
    public let maxAttempts: Int
    /// The wait after each failed attempt; the last one repeats.
    public let retryDelays: [Duration]

    public init(
        _ name: String,
        timeout: Duration = .seconds(600),
        maxAttempts: Int = 3,
        retryDelays: [Duration] = [.seconds(60), .seconds(300)]
    ) {
        self.name = name
        self.timeout = timeout
        self.maxAttempts = max(1, maxAttempts)
        self.retryDelays = retryDelays
    }
}

/// The payload of work that needs to know nothing.
public struct NoPayload: Codable, Sendable {
    public init() {}
}

/// A job that is not in the queue yet.
public struct NewJob: Sendable {
    let kind: String
    let payload: String
    let timeout: Duration
    let maxAttempts: Int
    let owner: Int64?
    let priority: JobPriority
    var uniqueKey: String?
    let runAt: Date?
    let parent: Job.ID?

    /// Throws what encoding the payload throws.
    ///
    /// - Parameters:
    ///   - owner: the raw id of the account it works for; nil where it works for the installation.
    ///   - uniqueKey: of all jobs of this kind with this key only one is unfinished; enqueueing another gives back
    ///     that one.
    ///   - runAt: nil means at once.
    ///   - parent: the job that starts it.
    public init<Payload>(
        _ kind: JobKind<Payload>, _ payload: Payload, owner: Int64? = nil, priority: JobPriority = .normal,
        uniqueKey: String? = nil, runAt: Date? = nil, parent: Job.ID? = nil
    ) throws {
        self.kind = kind.name
        self.payload = try JSONText.encode(payload)
        self.timeout = kind.timeout
        self.maxAttempts = kind.maxAttempts
        self.owner = owner
        self.priority = priority
        self.uniqueKey = uniqueKey
        self.runAt = runAt
        self.parent = parent
    }
}

/// How payloads, checkpoints and results are kept.
enum JSONText {
    static func encode(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
