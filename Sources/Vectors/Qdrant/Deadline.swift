/// Runs `body` and gives it up when its time is over, whatever it waits for: also for an answer that has begun and
/// never ends.
///
/// - Throws: `QdrantFailure.unavailable` where the time was not enough.
func within<Value: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw QdrantFailure.unavailable("There was no whole answer within \(limit).")
        }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
