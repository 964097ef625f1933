/// One transaction on a connection. What opens it goes out together with its first statement.
final class PostgresTransaction: SQLDriver {
    enum Kind {
        case read
        /// A read of one round trip: it ends with what is asked first.
        case readOnce
        case write
    }

    private let connection: PostgresConnection
    private let kind: Kind
    private var access: RowAccess
    /// The access as the server knows it; nil before the first statement.
    private var sentAccess: RowAccess?
    /// A failure after which the server refuses everything up to the rollback.
    private var failure: DatabaseFailure?
    private var savepoints = 0
    /// Whether its end has been sent.
    private var isOver = false

    init(_ kind: Kind, _ access: RowAccess, on connection: PostgresConnection) {
        self.kind = kind
        self.access = access
        self.connection = connection
    }

    func run(_ sql: SQL, row: (inout SQLRow) throws -> Void) throws -> Int {
        var changed = 0
        try run(CollectionOfOne(sql)) { _, answer in
            try answer.forEachRow(row)
            changed = answer.changedRows
        }
        return changed
    }

    func run(together queries: [SQL], row: (Int, inout SQLRow) throws -> Void) throws {
        try run(queries) { index, answer in try answer.forEachRow { try row(index, &$0) } }
    }

    private func run(
        _ statements: some Collection<SQL>, answer: (_ statement: Int, PostgresResult) throws -> Void
    ) throws {
        // A statement that failed has rolled the transaction back, whatever the body made of it.
        if let failure { throw failure }
        guard !isOver else { throw DatabaseFailure.other("A read of one round trip asked twice") }
        var failsInRow = false
        do {
            try open()
            isOver = kind == .readOnce
            try connection.run(statements, endsPipeline: kind != .read) { index, result in
                failsInRow = true
                try answer(index, result)
                failsInRow = false
            }
        } catch {
            if !failsInRow { failure = error as? DatabaseFailure ?? .other("\(error)") }
            throw error
        }
    }

    func runAll(_ statements: [SQL]) throws {
        var rest = statements[...]
        while !rest.isEmpty {
            try run(rest.prefix(PostgresConnection.together)) { _, _ in }
            rest = rest.dropFirst(PostgresConnection.together)
        }
    }

    private func open() throws {
        if sentAccess == nil, kind == .write {
            try connection.send("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", isFirst: true)
        }
        guard sentAccess != access else { return }
        try connection.send(setting)
        sentAccess = access
    }

    /// An owner's first write statement also takes the owner's turn.
    private var setting: SQL {
        switch access {
        case .owner(let id) where kind == .write && sentAccess == nil:
            "SELECT set_config('fuze.owner', \(String(id)), true), pg_advisory_xact_lock(\(id))"
        case .owner(let id): "SELECT set_config('fuze.owner', \(String(id)), true)"
        case .installation: "SELECT set_config('fuze.owner', 'all', true)"
        }
    }

    func liftTimeLimits() throws {
        if let failure { throw failure }
        try open()
        // A restore may read from a pipe that stands still for longer than a request's transaction may.
        let lifted = PostgresLimits.none.settings.map { "set_config(\($0.name), \($0.value), true)" as SQL }
        try connection.send("SELECT \(SQL.joined(lifted, by: ", "))")
        connection.waitForAnswers()
    }

    func acrossOwners<Value>(_ body: () throws -> Value) throws -> Value {
        let usual = access
        access = .installation
        defer { access = usual }
        return try body()
    }

    func attempt<Value>(_ body: () throws -> Value) throws -> Value {
        if let failure { throw failure }
        guard kind == .write else { return try body() }
        try open()
        let accessBefore = sentAccess
        savepoints += 1
        defer { savepoints -= 1 }
        let name = SQL.statement("attempt\(savepoints)")
        try connection.send("SAVEPOINT \(name)")
        do {
            let value = try body()
            if let failure { throw failure }
            try connection.send("RELEASE SAVEPOINT \(name)")
            return value
        } catch {
            if connection.loss == nil, !connection.hasConflict {
                try connection.send("ROLLBACK TO SAVEPOINT \(name)")
                failure = nil
                // Settings went back with the savepoint.
                sentAccess = accessBefore
            }
            throw error
        }
    }

    /// Nobody waits for the end of a read.
    func finishReading() {
        guard sentAccess != nil, !isOver, connection.loss == nil else { return }
        // Where this fails the connection is lost, after all that was wanted of it.
        try? connection.endPipeline()
    }

    /// - Throws: `DatabaseFailure.outcomeUnknown` where the connection was lost before the answer came.
    ///
    /// - Parameter notesPosition: whether to ask, in the same round trip, where the log is then.
    func commit(notesPosition: Bool) throws -> LogPosition? {
        guard sentAccess != nil else { return nil }
        if let failure { throw failure }
        do {
            try connection.send("COMMIT")
            guard notesPosition else {
                try connection.finish()
                return nil
            }
            return try connection.finish(with: "SELECT pg_current_wal_insert_lsn()")
        } catch {
            throw connection.loss == nil ? error : DatabaseFailure.outcomeUnknown
        }
    }

    func rollback() {
        guard sentAccess != nil, connection.loss == nil else { return }
        do {
            try connection.send("ROLLBACK")
            try connection.endPipeline()
        } catch {
            // The connection is lost, and the transaction with it.
        }
    }
}
