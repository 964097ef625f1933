import Synchronization

/// Looks up the versions of spaces for many callers at once: those who come while one look-up runs share the next.
///
/// Each caller gets a version that was current after it came; on PostgreSQL the primary is asked, never a replica.
/// While the database does not answer, callers are told so at once, and one look-up at a time finds out when it does.
final class ContentVersionReader: Sendable {
    private typealias Callers = [Int64: [CheckedContinuation<Int64?, any Error>]]

    private struct State: Sendable {
        var waiting: Callers = [:]
        var isReading = false
        /// When a look-up last failed; nil while they succeed.
        var failedAt: ContinuousClock.Instant?
    }

    private enum Turn { case read, wait, giveUp, findOut }

    /// Spaces of one statement; so few make a small one.
    private static let together = 64
    /// How long nobody asks after a failure.
    private static let pause = Duration.milliseconds(500)

    private let engine: any DatabaseEngine
    private let state = Mutex(State())

    init(engine: any DatabaseEngine) { self.engine = engine }

    /// - Returns: nil while the database does not answer.
    func version(ofSpace space: Int64) async throws -> Int64? {
        try await withCheckedThrowingContinuation { continuation in
            let turn = state.withLock { state in
                let turn = Self.turn(state)
                if turn == .read || turn == .wait { state.waiting[space, default: []].append(continuation) }
                if turn == .read || turn == .findOut { state.isReading = true }
                return turn
            }
            if turn == .giveUp || turn == .findOut { continuation.resume(returning: nil) }
            if turn == .read { Task { await readAll() } }
            if turn == .findOut { Task { await findOut(space) } }
        }
    }

    private static func turn(_ state: State) -> Turn {
        guard let failedAt = state.failedAt else { return state.isReading ? .wait : .read }
        return !state.isReading && failedAt.duration(to: .now) >= pause ? .findOut : .giveUp
    }

    private func readAll() async {
        while let callers = next() {
            let spaces = Array(callers.keys)
            for start in stride(from: 0, to: spaces.count, by: Self.together) {
                let part = spaces[start..<min(start + Self.together, spaces.count)]
                // Those who came while a look-up failed do not wait for the next.
                let answer = hasFailed ? .success(nil) : await versions(of: Array(part))
                for space in part {
                    for caller in callers[space] ?? [] { caller.resume(with: answer.map { $0.map { $0[space] ?? 0 } }) }
                }
            }
        }
    }

    private var hasFailed: Bool { state.withLock { $0.failedAt != nil } }

    /// All who wait: each is read before whoever comes later.
    private func next() -> Callers? {
        state.withLock { state in
            let callers = state.waiting
            state.waiting = [:]
            state.isReading = !callers.isEmpty
            return callers.isEmpty ? nil : callers
        }
    }

    /// Sees whether the database answers again; nobody waits for it.
    private func findOut(_ space: Int64) async {
        _ = await versions(of: [space])
        // Those who came when it did.
        await readAll()
    }

    private func versions(of spaces: [Int64]) async -> Result<[Int64: Int64]?, any Error> {
        do {
            let versions = try await engine.contentVersions(ofSpaces: spaces)
            state.withLock { $0.failedAt = nil }
            return .success(versions)
        } catch let failure as DatabaseFailure where failure.isTemporary {
            state.withLock { $0.failedAt = .now }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }
}

extension DatabaseEngine {
    public func contentVersions(ofSpaces spaces: [Int64]) async throws -> [Int64: Int64] {
        try await readOnce(.installation) { try $0.contentVersions(ofSpaces: spaces) }
    }
}

extension SQLConnection {
    /// The versions of those spaces where something was written.
    func contentVersions(ofSpaces spaces: [Int64]) throws -> [Int64: Int64] {
        var versions: [Int64: Int64] = [:]
        try forEach("SELECT space, version FROM content_versions WHERE space IN \(list: spaces)") { row in
            versions[try row.next()] = try row.next(Int64.self)
        }
        return versions
    }
}
