import Synchronization

/// Looks up the versions of spaces for many callers at once: those who come while one look-up runs share the next.
///
/// Each caller gets a version that was current after it came. The primary is asked, never a replica.
final class ContentVersionReader: Sendable {
    private typealias Waiting = [Int64: [CheckedContinuation<Int64, any Error>]]

    private struct State: Sendable {
        var waiting: Waiting = [:]
        var isReading = false
    }

    /// Spaces of one look-up; so few make one small statement.
    private static let together = 64

    private let engine: any DatabaseEngine
    private let state = Mutex(State())

    init(engine: any DatabaseEngine) { self.engine = engine }

    func version(ofSpace space: Int64) async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state in
                state.waiting[space, default: []].append(continuation)
                defer { state.isReading = true }
                return !state.isReading
            }
            if isFirst { Task { await readAll() } }
        }
    }

    private func readAll() async {
        while let waiting = next() {
            do {
                let versions = try await versions(of: Array(waiting.keys))
                for (space, callers) in waiting {
                    for caller in callers { caller.resume(returning: versions[space] ?? 0) }
                }
            } catch {
                for caller in waiting.values.joined() { caller.resume(throwing: error) }
            }
        }
    }

    private func next() -> Waiting? {
        state.withLock { state in
            let spaces = state.waiting.keys.prefix(Self.together)
            let next = Waiting(
                uniqueKeysWithValues: spaces.compactMap { space in
                    state.waiting.removeValue(forKey: space).map { (space, $0) }
                })
            state.isReading = !next.isEmpty
            return next.isEmpty ? nil : next
        }
    }

    private func versions(of spaces: [Int64]) async throws -> [Int64: Int64] {
        try await engine.readOnce(.installation) { connection in
            var versions: [Int64: Int64] = [:]
            try connection.forEach("SELECT space, version FROM content_versions WHERE space IN \(list: spaces)") {
                row in
                versions[try row.next()] = try row.next(Int64.self)
            }
            return versions
        }
    }
}
