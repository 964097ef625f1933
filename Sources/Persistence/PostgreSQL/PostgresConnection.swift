import CLibPQ
import Foundation

/// A connection of libpq in pipeline mode: statements are sent together and their answers read when they are wanted.
///
/// - Note: `@unchecked Sendable` because it goes from thread to thread, but the pool lends it to one at a time.
final class PostgresConnection: @unchecked Sendable {
    /// What was sent and is still to be answered.
    private enum Sent {
        case statement
        case preparation(PostgresStatements.Statement, text: String)
        /// The end of a pipeline, and of a transaction that nothing began explicitly.
        case end
    }

    private let link: OpaquePointer
    private let limits: PostgresLimits
    /// How long an answer may take now; nil is as long as it takes.
    private var patience: Duration?
    let openedAt = ContinuousClock.now
    private(set) var lastUsedAt = ContinuousClock.now
    private var statements = PostgresStatements()
    private var parameters = PostgresParameters()
    private var sent: [Sent] = []
    /// Names of prepared statements to be let go, with the next statement.
    private var dismissed: [String] = []
    /// Why it can no longer be used.
    private(set) var loss: DatabaseFailure?
    /// Whether the last failure was a conflict with another transaction.
    private(set) var hasConflict = false

    /// - Throws: `DatabaseFailure.unavailable`, in libpq's words, which never have the password.
    init(_ address: PostgresAddress, limits: PostgresLimits = PostgresLimits()) throws {
        self.limits = limits
        patience = Self.greeting
        link = try Self.connect(address)
        // Where this fails, `deinit` closes the connection.
        try prepareSession()
    }

    deinit { PQfinish(link) }

    /// For the first answer on a connection, which costs the server nothing.
    private static let greeting = Duration.seconds(5)

    private func prepareSession() throws {
        PQsetNoticeProcessor(link, { _, _ in }, nil)
        guard PQserverVersion(link) >= 150_000 else {
            throw DatabaseFailure.unavailable("PostgreSQL 15 or later is needed.")
        }
        guard PQenterPipelineMode(link) == 1 else { throw lost() }
        defer { patience = limits.answer }
        try sendOnce(Self.settings(limits))
        do {
            try finish()
        } catch {
            throw loss ?? .unavailable("\(error)")
        }
    }

    /// A statement that comes once, and so is not prepared.
    private func sendOnce(_ text: String) throws {
        guard PQsendQueryParams(link, text, 0, nil, nil, nil, nil, 1) == 1 else { throw lost() }
        sent.append(.statement)
    }

    /// What the transaction before has left is forgotten.
    func beginTransaction() {
        hasConflict = false
        patience = limits.answer
    }

    /// Until the next transaction begins, an answer may take as long as it does.
    func waitForAnswers() { patience = nil }

    /// Sends a statement whose answer nobody waits for; it goes out with the next one that is waited for.
    ///
    /// - Parameter isFirst: whether it begins a block, before which nothing may be done in the same pipeline: that
    ///   would begin a transaction whose isolation can be chosen no more.
    func send(_ sql: SQL, isFirst: Bool = false) throws {
        // Not in a transaction that has failed, which refuses all but its end.
        while !isFirst, PQtransactionStatus(link) != PQTRANS_INERROR, let name = dismissed.popLast() {
            try sendOnce("DEALLOCATE \(name)")
        }
        parameters.encode(sql.values)
        if let known = statements.find(sql.text, sql.values) {
            try sendPrepared(known.name)
        } else {
            let statement = statements.next(sql.values)
            let isSent = PQsendPrepare(
                link, statement.name, numberingPlaceholders(in: sql.text), Int32(statement.types.count),
                statement.types.map(\.postgresType))
            guard isSent == 1 else { throw lost() }
            sent.append(.preparation(statement, text: sql.text))
            try sendPrepared(statement.name)
        }
        sent.append(.statement)
    }

    private func sendPrepared(_ name: String) throws {
        let link = link
        let isSent = parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(link, name, count, values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost() }
    }

    /// Ends the pipeline; does not wait.
    func endPipeline() throws {
        guard PQpipelineSync(link) == 1 else { throw lost() }
        sent.append(.end)
        lastUsedAt = .now
    }

    /// Runs statements in one round trip, after those that were sent before, and hands over their answers in turn.
    ///
    /// An answer is held whole while its rows are read: a row may then be the place to run another statement, as on
    /// SQLite, and repositories page through what is large.
    ///
    /// - Parameter endsPipeline: whether the transaction outlives the end of the pipeline, because `BEGIN` was sent, or
    ///   is to end with it. Inside of a pipeline the server takes a silent client for one that is busy sending: only
    ///   after its end does it count how long a transaction stands idle.
    func run(
        _ statements: some Collection<SQL>, endsPipeline: Bool,
        answer: (_ statement: Int, PostgresResult) throws -> Void
    ) throws {
        for statement in statements { try send(statement) }
        if endsPipeline {
            try endPipeline()
        } else {
            guard PQsendFlushRequest(link) == 1 else { throw lost() }
        }
        for (index, result) in try readAnswers(last: statements.count).enumerated() { try answer(index, result) }
    }

    /// Statements sent before their answers are read. The answers of so few fit into the socket's memory: else the
    /// server would wait for us while we wait for it.
    static let together = 100

    /// Ends the pipeline and waits for all that was sent.
    func finish() throws {
        try endPipeline()
        _ = try readAnswers()
    }

    /// The same, with a query of the log's position at the end.
    func finish(with sql: SQL) throws -> LogPosition? {
        try send(sql)
        try endPipeline()
        var position: LogPosition?
        try readAnswers(last: 1).last?.forEachRow {
            position = LogPosition(rawValue: UInt64(bitPattern: try $0.next()))
        }
        return position
    }

    /// Reads what is left of ended pipelines. What failed in them concerns nobody any more.
    func drain() throws {
        patience = Self.signOfLife
        do {
            _ = try readAnswers()
        } catch {
            if let loss { throw loss }
        }
    }

    /// A server that needs longer to say that it is there is asked on a new connection.
    private static let signOfLife = Duration.seconds(2)

    /// Whether the server answers. Costs a round trip.
    func isAlive() -> Bool {
        do {
            try endPipeline()
            try drain()
            return true
        } catch {
            return false
        }
    }

    /// Reads the answers to all that was sent and gives back the last statements', or throws the first failure;
    /// what follows a failure is skipped by the server up to the end of the pipeline.
    private func readAnswers(last count: Int = 0) throws -> [PostgresResult] {
        var answers: [PostgresResult] = []
        var failure: PostgresFailure?
        let unwanted = sent.count { if case .statement = $0 { true } else { false } } - count
        var statements = 0
        var next = 0
        while next < sent.count {
            let expected = sent[next]
            next += 1
            guard let answer = try nextResult().map(PostgresResult.init) else { continue }
            if case .end = expected { continue }
            if !answer.isFine {
                failure = failure ?? PostgresFailure(result: answer.pointer)
                if next == sent.count { try endPipeline() }
            } else if case .preparation(let statement, let text) = expected {
                if let name = self.statements.keep(statement, for: text) { dismissed.append(name) }
            }
            if case .statement = expected {
                statements += 1
                if statements > unwanted { answers.append(answer) }
            }
            PQclear(try nextResult())
        }
        sent.removeAll(keepingCapacity: true)
        if let failure { throw fail(failure) }
        return answers
    }

    private func fail(_ failure: PostgresFailure) -> DatabaseFailure {
        hasConflict = failure.isConflict
        return PQstatus(link) == CONNECTION_OK ? failure.failure : lost(failure.failure)
    }

    private func nextResult() throws -> OpaquePointer? {
        guard PQflush(link) == 0 else { throw lost() }
        let deadline = patience.map { ContinuousClock.now + $0 }
        while PQisBusy(link) == 1 {
            // What TLS has decrypted already, the socket knows nothing of.
            if PQsslInUse(link) == 1 {
                guard PQconsumeInput(link) == 1 else { throw lost() }
                if PQisBusy(link) == 0 { break }
            }
            try awaitInput(until: deadline)
            guard PQconsumeInput(link) == 1 else { throw lost() }
        }
        return PQgetResult(link)
    }

    private func awaitInput(until deadline: ContinuousClock.Instant?) throws {
        let left = deadline.map { ($0 - .now) / .milliseconds(1) } ?? -1
        // Also a server that goes on sending, too slowly.
        if deadline != nil, left <= 0 { throw lost(.unavailable("The server does not answer.")) }
        var socket = pollfd(fd: PQsocket(link), events: Int16(POLLIN), revents: 0)
        let ready = poll(&socket, 1, Int32(left.rounded(.up)))
        if ready == 0 { throw lost(.unavailable("The server does not answer.")) }
        if ready < 0, errno != EINTR { throw lost() }
    }

    private func lost(_ reason: DatabaseFailure? = nil) -> DatabaseFailure {
        if let loss { return loss }
        let message = String(cString: PQerrorMessage(link)).trimmingCharacters(in: .whitespacesAndNewlines)
        let failure = reason.flatMap { if case .unavailable = $0 { $0 } else { nil } } ?? .unavailable(message)
        loss = failure
        return failure
    }
}
