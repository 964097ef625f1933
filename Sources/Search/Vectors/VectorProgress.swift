import Persistence

/// How far a store outside `search_passages` has followed each space: the durable half of an outbox, of which the
/// passages themselves are the messages.
struct VectorProgress: Sendable {
    /// How far the store is with a space.
    struct Reached: Sendable {
        let space: Space
        let changes: Int64
        /// The last id of the space's sequence that the store has.
        let last: Int64
    }

    /// Names the store, and which of several it could be.
    let store: String
    /// Where this is noted.
    var table: SQL = "search_vector_progress"

    /// Notes that a space changes in this transaction.
    ///
    /// - Returns: whether the store was in step until now.
    func noteChange(of space: Space, in connection: SQLConnection) throws -> Bool {
        try connection.value(
            """
            INSERT INTO \(table) (store, space, changes, seen, last) VALUES (\(store), \(space), 1, 0, 0)
            ON CONFLICT (store, space) DO UPDATE SET changes = \(table).changes + 1
            RETURNING changes - seen
            """, as: Int64.self) == 1
    }

    /// Notes a space whose changes reach the store in their own transaction: in step where it has no passages yet.
    func note(_ space: Space, in connection: SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO \(table) (store, space, changes, seen, last)
            VALUES (\(store), \(space),
                CASE WHEN EXISTS (SELECT 1 FROM search_passages WHERE space = \(space)) THEN 1 ELSE 0 END, 0, 0)
            ON CONFLICT (store, space) DO NOTHING
            """)
    }

    /// Notes spaces that the store has never heard of.
    func adopt(in connection: SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO \(table) (store, space, changes, seen, last)
            SELECT \(store), space, 1, 0, 0 FROM search_statistics WHERE documents > 0
            ON CONFLICT (store, space) DO NOTHING
            """)
    }

    /// Takes it that every space has changed, and follows from where the store is; or from the beginning.
    func doubt(fromBeginning: Bool, in connection: SQLConnection) throws {
        try adopt(in: connection)
        try connection.execute(
            """
            UPDATE \(table)
            SET changes = changes + 1, last = CASE WHEN \(fromBeginning) = 1 THEN 0 ELSE last END WHERE store = \(store)
            """)
    }

    /// Forgets stores that are not used any more.
    func forgetOthers(in connection: SQLConnection) throws {
        try connection.execute("DELETE FROM \(table) WHERE store <> \(store)")
    }

    /// Spaces with changes that the store may not have seen.
    func behind(limit: Int, in connection: SQLConnection) throws -> [Reached] {
        try connection.all(
            """
            SELECT space, changes, last FROM \(table)
            WHERE store = \(store) AND changes > seen ORDER BY space LIMIT \(limit)
            """
        ) { row in Reached(space: try row.next(), changes: try row.next(), last: try row.next()) }
    }

    /// Notes what the store has now.
    ///
    /// - Parameter isEnd: whether there was nothing after `last` when `before` was read.
    func advance(_ before: Reached, to last: Int64, isEnd: Bool, in connection: SQLConnection) throws {
        try connection.execute(
            """
            UPDATE \(table) SET last = \(last), seen = CASE WHEN \(isEnd) = 1 THEN \(before.changes) ELSE seen END
            WHERE store = \(store) AND space = \(before.space) AND last = \(before.last)
            """)
    }

    /// Spaces in step, by their ids and after one of them: of each, the store should have everything up to `last`.
    func inStep(after space: Space, limit: Int, in connection: SQLConnection) throws -> [Reached] {
        try connection.all(
            """
            SELECT space, changes, last FROM \(table)
            WHERE store = \(store) AND changes = seen AND space > \(space) ORDER BY space LIMIT \(limit)
            """
        ) { row in Reached(space: try row.next(), changes: try row.next(), last: try row.next()) }
    }

    /// What may be found in a space is not what it was, so that no answer kept from before is given again.
    func renew(_ space: Space, in connection: SQLConnection) throws {
        try connection.execute("UPDATE \(table) SET seen = seen WHERE store = \(store) AND space = \(space)")
    }

    /// Whether the store has all of a space.
    func isInStep(_ space: Space, in connection: SQLConnection) throws -> Bool {
        try connection.value(
            """
            SELECT COUNT(*) FROM \(table)
            WHERE store = \(store) AND space = \(space) AND changes = seen
            """, as: Int64.self) == 1
    }
}
