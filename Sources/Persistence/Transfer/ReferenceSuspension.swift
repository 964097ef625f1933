/// Foreign keys put aside while rows arrive, for a row may come before the one it refers to.
///
/// SQLite checks them when the transaction ends. PostgreSQL's are dropped, and made again once all is there, which
/// checks every row.
struct ReferenceSuspension: Codable, Sendable {
    struct Reference: Codable, Sendable {
        let table: String
        let name: String
        /// As `ALTER TABLE … ADD CONSTRAINT` takes it.
        let definition: String
    }

    private let references: [Reference]

    /// Puts the database's references aside.
    static func begin(in connection: SQLConnection) throws -> ReferenceSuspension {
        guard connection.dialect == .postgresql else {
            try connection.execute("PRAGMA defer_foreign_keys = ON")
            return ReferenceSuspension(references: [])
        }
        let references = try connection.all(
            """
            SELECT relname::text, conname::text, pg_get_constraintdef(pg_constraint.oid)
            FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
            WHERE contype = 'f' AND relnamespace = current_schema()::regnamespace AND conparentid = 0
            """
        ) { row in Reference(table: try row.next(), name: try row.next(), definition: try row.next()) }
        for reference in references {
            try connection.execute(
                "ALTER TABLE \(SQL.name(reference.table)) DROP CONSTRAINT \(SQL.name(reference.name))")
        }
        return ReferenceSuspension(references: references)
    }

    /// Makes the references again.
    ///
    /// - Throws: `DatabaseFailure.foreignKeyViolation` where a row refers to none; on SQLite the end of the
    ///   transaction does.
    func end(in connection: SQLConnection) throws {
        for reference in references {
            try connection.execute(
                """
                ALTER TABLE \(SQL.name(reference.table)) ADD CONSTRAINT \(SQL.name(reference.name)) \
                \(SQL.statement(reference.definition))
                """)
        }
    }
}
