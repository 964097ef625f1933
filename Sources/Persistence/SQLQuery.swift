/// A query and what becomes of its rows, to be run together with others.
public struct SQLQuery<Answer: Sendable>: Sendable {
    let sql: SQL
    /// The answer to no rows.
    let start: Answer
    let take: @Sendable (inout Answer, inout SQLRow) throws -> Void

    /// - Parameters:
    ///   - start: the answer before the first row.
    ///   - take: adds a row to the answer.
    public init(
        _ sql: SQL, from start: Answer, _ take: @escaping @Sendable (inout Answer, inout SQLRow) throws -> Void
    ) {
        self.sql = sql
        self.start = start
        self.take = take
    }

    /// Every row.
    public static func all<Element>(
        _ sql: SQL, _ body: @escaping @Sendable (inout SQLRow) throws -> Element
    ) -> SQLQuery where Answer == [Element] {
        SQLQuery(sql, from: []) { answer, row in answer.append(try body(&row)) }
    }

    /// The first column of the only row.
    public static func value(_ sql: SQL, orElse start: Answer) -> SQLQuery where Answer: SQLReadable {
        SQLQuery(sql, from: start) { answer, row in answer = try row.next() }
    }
}

/// A query whose rows are being read.
final class SQLReading<Answer: Sendable> {
    private let query: SQLQuery<Answer>
    private(set) var answer: Answer

    var sql: SQL { query.sql }

    init(_ query: SQLQuery<Answer>) {
        self.query = query
        answer = query.start
    }

    func take(_ row: inout SQLRow) throws { try query.take(&answer, &row) }
}
