import Persistence

/// What is to be done for each kind of job.
public struct JobHandlers: Sendable {
    private var handlers: [String: JobHandler] = [:]

    public init() {}

    var kinds: [String] { handlers.keys.sorted() }

    subscript(kind: String) -> JobHandler? { handlers[kind] }

    /// Registers the handler of a kind. It may run more than once for the same job, so it must be idempotent.
    ///
    /// - Parameters:
    ///   - whenFailed: runs in the transaction that writes down that an attempt has failed, whatever the reason (also
    ///     an error of ours, a time limit, or workers that died), so that what the job was for can be marked with it.
    ///     Only for the worker that still holds the job, and not for attempts that were put back or cancelled. It
    ///     touches the rows of the job's owner alone, where the job has one.
    ///   - run: the work. It ends early when its task is cancelled.
    public mutating func register<Payload>(
        _ kind: JobKind<Payload>,
        whenFailed: (@Sendable (FailedAttempt<Payload>, SQLConnection) throws -> Void)? = nil,
        run: @escaping @Sendable (JobContext, Payload) async throws -> Void
    ) {
        var handler = JobHandler(retryDelays: kind.retryDelays) { context, payload in
            try await run(context, try readable(payload, as: Payload.self))
        }
        if let whenFailed {
            handler.whenFailed = { failed, connection in
                let readable = FailedAttempt(
                    payload: try readable(failed.payload, as: Payload.self), message: failed.message,
                    retryAt: failed.retryAt, error: failed.error)
                try whenFailed(readable, connection)
            }
        }
        handlers[kind.name] = handler
    }
}

/// A handler whose payload is still JSON.
struct JobHandler: Sendable {
    let retryDelays: [Duration]
    let run: @Sendable (JobContext, String) async throws -> Void
    var whenFailed: (@Sendable (FailedAttempt<String>, SQLConnection) throws -> Void)?

    init(retryDelays: [Duration], run: @escaping @Sendable (JobContext, String) async throws -> Void) {
        self.retryDelays = retryDelays
        self.run = run
    }
}

private func readable<Payload: Decodable>(_ text: String, as type: Payload.Type) throws -> Payload {
    do {
        return try JSONText.decode(type, from: text)
    } catch is DecodingError {
        throw JobFailure.final("This work was recorded by another version of the program and cannot be read.")
    }
}
