/// Why rows could not be moved out of a database or into one.
public enum TransferFailure: Error, Equatable, Sendable {
    /// A column holds what other engines have no equal for: table, column and type.
    case unknownColumn(String)
    /// A table without a primary key cannot be read piece by piece.
    case noKey(String)
    /// A table is not on both sides, or has other columns there.
    case differentTables([String])
    /// The database has rows already: these tables.
    case notEmpty([String])
    /// The archive was written by a newer version: these migrations are not known.
    case newerSchema([String])
    /// The schema is older or newer than what is to come into it.
    case otherSchema([String])
    /// The file is no archive, or one of another format.
    case notAnArchive(String)
    /// The archive ends too early or was changed.
    case damaged(String)
    /// What arrived is not what left: these tables.
    case notTheSame([String])
    /// The target holds the unfinished copy of another installation.
    case otherCopy
    /// A file or pipe cannot be read or written.
    case file(String)
}

extension TransferFailure: CustomStringConvertible {
    /// For whoever runs the installation.
    public var description: String {
        switch self {
        case .unknownColumn(let column): "The column \(column) cannot be moved to another database."
        case .noKey(let table): "The table \(table) has no primary key, and so cannot be moved."
        case .differentTables(let tables):
            "These tables are not the same on both sides: \(tables.joined(separator: ", "))."
        case .notEmpty(let tables): "The database has data already, in: \(tables.joined(separator: ", "))."
        case .newerSchema(let migrations):
            """
            The archive was made by a newer version (\(migrations.joined(separator: ", "))); update the program.
            """
        case .otherSchema(let migrations):
            """
            The database's schema is not the archive's (\(migrations.joined(separator: ", "))): restore into a new, \
            empty database; it is brought up to date afterwards.
            """
        case .notAnArchive(let text): "This is no archive that can be restored: \(text)"
        case .damaged(let text): "The archive is damaged: \(text)"
        case .notTheSame(let tables):
            "What arrived is not what was sent, in: \(tables.joined(separator: ", "))."
        case .otherCopy: "The target holds the unfinished copy of another installation."
        case .file(let text): text
        }
    }
}
