/// What can go wrong with a database, the same for every engine.
public enum DatabaseFailure: Error, Equatable, Sendable {
    /// A unique index refused a row. The text names the index, or the table's columns.
    case uniqueViolation(String)
    case foreignKeyViolation(String)
    case checkViolation(String)
    case notNullViolation(String)
    /// Another connection holds what this one needs.
    case busy
    /// A statement took longer than it may, and was not done.
    case timedOut
    /// The disk is full: the transaction was rolled back, nothing is half-written.
    case diskFull
    /// The database cannot be reached, opened, or read.
    case unavailable(String)
    /// The connection was lost while a transaction was committed: it may have happened or not, and is not repeated.
    case outcomeUnknown
    case corrupt(String)
    /// A column held what its type does not know.
    case unexpectedValue(String)
    /// The database was written by a newer Fuze.
    case unknownMigrations([String])
    /// A copy from another database into this one has not come to its end.
    case unfinishedCopy
    case other(String)
}

extension DatabaseFailure: CustomStringConvertible {
    /// For whoever runs the installation; clients never see it.
    public var description: String {
        switch self {
        case .uniqueViolation(let text), .foreignKeyViolation(let text), .checkViolation(let text),
            .notNullViolation(let text):
            "The database refused a row: \(text)"
        case .busy: "Others held what was needed of the database for too long."
        case .timedOut: "The database took too long to answer."
        case .diskFull: "The disk is full; nothing was written."
        case .unavailable(let text): "The database cannot be used: \(text)"
        case .outcomeUnknown: "The database was lost while it committed a change, which may have happened or not."
        case .corrupt(let text): "The database is damaged or no database: \(text)"
        case .unexpectedValue(let text): "The database holds a value that is not known: \(text)"
        case .unknownMigrations(let ids):
            "The database was written by a newer version (\(ids.joined(separator: ", "))); update the program."
        case .unfinishedCopy: "A copy into this database is not complete; run `fuze copy` again."
        case .other(let text): "The database failed: \(text)"
        }
    }
}

extension DatabaseFailure {
    /// Whether the same may well succeed in a while, and the database is in order.
    public var isTemporary: Bool {
        switch self {
        case .busy, .timedOut, .unavailable, .outcomeUnknown, .diskFull: true
        default: false
        }
    }

    static let closed = DatabaseFailure.unavailable("The database is closed.")
}
