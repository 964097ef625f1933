/// Which version the content of each space is at: a number that is another after every change, in the same
/// transaction.
///
/// What is computed from the records is kept together with the version it was computed from, and is good for as long
/// as that is the current one. Triggers move it on, so that no way of writing can forget to, whichever process it is
/// in. Numbers also follow the clock: a database that was restored gives none a second time.
public enum ContentVersions {
    public static let table = "content_versions"

    /// Comes before the first migration that has a table followed.
    public static let migration = Migration("0010_content_versions") { dialect in
        let table = "CREATE TABLE content_versions (space BIGINT PRIMARY KEY, version BIGINT NOT NULL)"
        return switch dialect {
        case .sqlite: [table]
        // Copies and backups leave it out, and it is emptied with what it is of.
        case .postgresql: [table, "COMMENT ON TABLE content_versions IS 'derived'"]
        }
    }

    /// Statements of a migration after which every change of a table's rows moves the version of their space on.
    ///
    /// - Parameter space: the space of a row, from its columns.
    public static func follow(_ table: String, space: SpaceColumn, _ dialect: SQLDialect) -> [String] {
        switch dialect {
        case .sqlite:
            Change.allCases.map { change in
                """
                CREATE TRIGGER \(table)_version_\(change) AFTER \(change.rawValue) ON \(table) BEGIN
                    INSERT INTO content_versions (space, version)
                    VALUES (\(space.expression(change.row)),
                        CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))
                    ON CONFLICT (space) DO UPDATE SET version = MAX(content_versions.version + 1, excluded.version);
                END
                """
            }
        case .postgresql:
            [moving(table, space)]
                + Change.allCases.map { change in
                    """
                    CREATE TRIGGER \(table)_version_\(change) AFTER \(change.rawValue) ON \(table)
                    REFERENCING \(change.row) TABLE AS changed
                    FOR EACH STATEMENT EXECUTE FUNCTION \(table)_version()
                    """
                }
        }
    }

    /// How a row names its space.
    public enum SpaceColumn: Sendable {
        case space(String)
        /// The user's personal space: twice the id.
        case user(String)

        fileprivate var column: String {
            switch self {
            case .space(let column), .user(let column): column
            }
        }

        fileprivate func expression(_ row: String) -> String {
            switch self {
            case .space(let column): "\(row).\(column)"
            case .user(let column): "\(row).\(column) * 2"
            }
        }
    }

    private enum Change: String, CaseIterable, CustomStringConvertible {
        case insert = "INSERT"
        case update = "UPDATE"
        case delete = "DELETE"

        var row: String { self == .delete ? "OLD" : "NEW" }
        var description: String { rawValue.lowercased() }
    }

    private static func moving(_ table: String, _ space: SpaceColumn) -> String {
        """
        CREATE FUNCTION \(table)_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO content_versions (space, version)
            SELECT \(space.expression("spaces")), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
            FROM (SELECT DISTINCT \(space.column) FROM changed ORDER BY 1) AS spaces
            ON CONFLICT (space) DO UPDATE SET version = GREATEST(content_versions.version + 1, excluded.version);
            RETURN NULL;
        END $$
        """
    }
}

extension SQLQuery where Answer == Int64 {
    /// The version of a space's content in this transaction; 0 where nothing was ever written.
    public static func contentVersion(ofSpace space: Int64) -> SQLQuery {
        .value("SELECT version FROM content_versions WHERE space = \(space)", orElse: 0)
    }
}
