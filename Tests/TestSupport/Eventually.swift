import Testing

/// Waits until something that goes on beside the test has happened.
public func eventually(
    _ location: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(30) {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("It did not happen in time", sourceLocation: location)
}
