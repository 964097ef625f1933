/// What can go wrong with a database, the same for every engine.
public enum DatabaseFailure: Error, Equatable, Sendable {
    /// A unique index refused a row. The text names the index, or the table's columns.
    case uniqueViolation(String)
    case foreignKeyViolation(String)
    case checkViolation(String)
    case notNullViolation(String)
    /// Another connection holds what this one needs.
    case busy
    /// The disk is full: the transaction was rolled back, nothing is half-written.
    case diskFull
    /// The database cannot be reached, opened, or read.
    case unavailable(String)
    case corrupt(String)
    /// A column held what its type does not know.
    case unexpectedValue(String)
    /// The database was written by a newer Fuze.
    case unknownMigrations([String])
    case other(String)
}
