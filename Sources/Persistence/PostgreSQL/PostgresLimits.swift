/// How long PostgreSQL may take for a part of a transaction before the transaction is given up.
///
/// The server holds to the first three, and ends a transaction whose client it no longer hears. A client that does not
/// hear the server takes it for lost. Work that needs longer says `SQLConnection.liftTimeLimits()`.
public struct PostgresLimits: Sendable, Equatable {
    /// One statement, with its waits; nil is as long as it takes, here and below.
    public var statement: Duration?
    /// One wait for a lock.
    public var lock: Duration?
    /// Between two statements of a write: its locks are in the way of others.
    public var idle: Duration?
    /// From a question to its answer, for the client: a server that keeps to its own limits has answered by then.
    public var answer: Duration?

    /// The defaults are for requests: somebody waits, and 60 seconds are where proxies commonly give up.
    public init(
        statement: Duration? = .seconds(30), lock: Duration? = .seconds(10), idle: Duration? = .seconds(30),
        answer: Duration? = .seconds(35)
    ) {
        self.statement = statement
        self.lock = lock
        self.idle = idle
        self.answer = answer
    }

    /// For questions that are answered in no time, by a server that is there.
    static let brief = PostgresLimits(
        statement: .seconds(2), lock: .seconds(2), idle: .seconds(2), answer: .seconds(3))

    /// For connections whose work takes as long as it does. A network that is gone still ends them.
    static let none = PostgresLimits(statement: nil, lock: nil, idle: nil, answer: nil)

    /// As PostgreSQL takes them; 0 is none.
    var settings: [(name: String, value: String)] {
        [("statement_timeout", statement), ("lock_timeout", lock), ("idle_in_transaction_session_timeout", idle)]
            .map { name, limit in (name, limit.map { String(max(1, Int($0 / .milliseconds(1)))) } ?? "0") }
    }
}
