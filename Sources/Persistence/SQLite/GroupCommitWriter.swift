import GRDB
import Synchronization

/// Commits the writes that wait for one another's disk flush together.
///
/// A flush costs far more than a small transaction. While one runs, the writes that arrive queue up; the next
/// transaction takes them all, each inside a savepoint of its own, so that one that fails takes nothing of the
/// others with it. Each writer is answered after the flush.
///
/// A write that is alone has no savepoint: SQLite would keep every page it changes in a journal of the savepoint, and
/// walk through that after each statement, which doubles the time of an import.
final class GroupCommitWriter: Sendable {
    /// Writes taken into one transaction at the most, so that the first does not wait for ever.
    private static let groupLimit = 256

    /// A write in the queue, and the way to answer whoever waits for it.
    private struct Waiting {
        /// Runs the body, in a savepoint unless it is alone.
        let run: @Sendable (SQLiteDriver, _ isAlone: Bool) -> Ended
        let fail: @Sendable (any Error) -> Void
    }

    /// Called with the failure of the whole group, or nil once it is on disk.
    private typealias Answer = @Sendable ((any Error)?) -> Void

    private struct Ended {
        let hasFailed: Bool
        /// To be called once it is known whether the group was committed.
        let answer: Answer
    }

    private struct State {
        var waiting: [Waiting] = []
        var isDraining = false
    }

    private let pool: DatabasePool
    private let state = Mutex(State())

    init(pool: DatabasePool) { self.pool = pool }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Waiting(
                    run: { driver, isAlone in
                        let connection = SQLConnection(dialect: .sqlite, driver: driver)
                        let result = Result {
                            isAlone ? try body(connection) : try driver.inSavepoint("write") { try body(connection) }
                        }
                        guard case .success = result else {
                            return Ended(hasFailed: true) { _ in continuation.resume(with: result) }
                        }
                        return Ended(hasFailed: false) { groupFailure in
                            if let groupFailure {
                                continuation.resume(throwing: groupFailure)
                            } else {
                                continuation.resume(with: result)
                            }
                        }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ waiting: Waiting) {
        let startsDraining = state.withLock { state in
            state.waiting.append(waiting)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        guard startsDraining else { return }
        pool.asyncWriteWithoutTransaction { [self] database in
            let driver = SQLiteDriver(database: database)
            while let group = nextGroup() { commit(group, with: driver) }
        }
    }

    private func nextGroup() -> [Waiting]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Waiting], with driver: SQLiteDriver) {
        var answers: [Answer] = []
        do {
            try driver.execute("BEGIN IMMEDIATE")
            var hasFailed = false
            for waiting in group {
                let ended = waiting.run(driver, group.count == 1)
                answers.append(ended.answer)
                hasFailed = ended.hasFailed
                // A full disk or a lost file ends the whole transaction, not just the savepoint.
                guard driver.database.isInsideTransaction else { throw DatabaseFailure.transactionLost }
            }
            try driver.execute(group.count == 1 && hasFailed ? "ROLLBACK" : "COMMIT")
            for answer in answers { answer(nil) }
        } catch {
            if driver.database.isInsideTransaction { try? driver.execute("ROLLBACK") }
            for answer in answers { answer(error) }
            for waiting in group.dropFirst(answers.count) { waiting.fail(error) }
        }
    }
}

extension DatabaseFailure {
    fileprivate static let transactionLost = DatabaseFailure.unavailable(
        "The transaction was rolled back by the engine.")
}

extension SQLiteDriver {
    func execute(_ sql: SQL) throws {
        _ = try run(sql) { _ in }
    }

    /// Savepoints of one name may nest: the innermost is meant.
    func inSavepoint<Value>(_ name: SQL, _ body: () throws -> Value) throws -> Value {
        try execute("SAVEPOINT \(name)")
        do {
            let value = try body()
            try execute("RELEASE \(name)")
            return value
        } catch {
            if database.isInsideTransaction {
                try execute("ROLLBACK TO \(name)")
                try execute("RELEASE \(name)")
            }
            throw error
        }
    }
}
