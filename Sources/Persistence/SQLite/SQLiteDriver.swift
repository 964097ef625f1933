import GRDB
import GRDBSQLite

/// Runs statements on SQLite's own interface: GRDB keeps the connections and the prepared statements, and the
/// rows are read in place.
struct SQLiteDriver: SQLDriver {
    let database: GRDB.Database

    func run(_ sql: SQL, row: (inout SQLRow) throws -> Void) throws -> Int {
        let prepared = try translatingErrors { try prepare(sql.text) }
        let statement = prepared.sqliteStatement
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        try bind(sql.values, to: statement)
        let before = sqlite3_total_changes(database.sqliteConnection)
        defer { withExtendedLifetime(prepared) {} }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                var current = SQLRow(source: SQLiteRowSource(statement: statement))
                try row(&current)
            case SQLITE_DONE:
                return Int(sqlite3_total_changes(database.sqliteConnection) - before)
            default:
                throw lastFailure()
            }
        }
    }

    func runAll(_ statements: [SQL]) throws {
        for statement in statements { try execute(statement) }
    }

    func run(together queries: [SQL], row: (Int, inout SQLRow) throws -> Void) throws {
        for (index, sql) in queries.enumerated() { _ = try run(sql) { try row(index, &$0) } }
    }

    func attempt<Value>(_ body: () throws -> Value) throws -> Value { try inSavepoint("attempt", body) }

    /// There are none.
    func liftTimeLimits() {}

    func acrossOwners<Value>(_ body: () throws -> Value) throws -> Value { try body() }

    private func prepare(_ text: String) throws -> Statement {
        let cached = try database.cachedStatement(sql: text)
        // A query inside the rows of the same query needs a statement of its own.
        return sqlite3_stmt_busy(cached.sqliteStatement) == 0 ? cached : try database.makeStatement(sql: text)
    }

    private func bind(_ values: [SQLValue], to statement: OpaquePointer) throws {
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(statement, index)
                case .integer(let number): sqlite3_bind_int64(statement, index, number)
                case .real(let number): sqlite3_bind_double(statement, index, number)
                case .text(let text): bind(text, at: index, to: statement)
                case .blob(let bytes): bind(bytes, at: index, to: statement)
                }
            guard code == SQLITE_OK else { throw lastFailure() }
        }
    }

    private func bind(_ text: String, at index: Int32, to statement: OpaquePointer) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // A null pointer would bind NULL: an empty text has none.
                sqlite3_bind_text64(
                    statement, index, characters.baseAddress ?? emptyText, UInt64(characters.count),
                    copiesBytes, UInt8(SQLITE_UTF8))
            }
        }
    }

    private func bind(_ bytes: [UInt8], at index: Int32, to statement: OpaquePointer) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress, !buffer.isEmpty else {
                return sqlite3_bind_zeroblob(statement, index, 0)
            }
            return sqlite3_bind_blob64(statement, index, start, UInt64(buffer.count), copiesBytes)
        }
    }

    private func lastFailure() -> DatabaseFailure {
        DatabaseFailure(
            sqliteCode: sqlite3_extended_errcode(database.sqliteConnection),
            message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
    }
}

/// SQLITE_TRANSIENT, which C defines by a cast that Swift does not import.
private var copiesBytes: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

private var emptyText: UnsafePointer<CChar> {
    UnsafeRawPointer(StaticString("").utf8Start).assumingMemoryBound(to: CChar.self)
}

struct SQLiteRowSource: SQLRowSource {
    let statement: OpaquePointer

    func isNull(at index: Int) -> Bool { sqlite3_column_type(statement, Int32(index)) == SQLITE_NULL }

    func integer(at index: Int) -> Int64 { sqlite3_column_int64(statement, Int32(index)) }

    func real(at index: Int) -> Double { sqlite3_column_double(statement, Int32(index)) }

    func text(at index: Int) -> String {
        guard let start = sqlite3_column_text(statement, Int32(index)) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, Int32(index)))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func withBlob<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let start = sqlite3_column_blob(statement, Int32(index))
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, Int32(index)))
        return try body(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension DatabaseFailure {
    /// SQLite's extended result codes, https://www.sqlite.org/rescode.html.
    init(sqliteCode code: Int32, message: String) {
        self =
            switch code {
            case 2067, 1555, 2579: .uniqueViolation(message)
            case 787, 1811: .foreignKeyViolation(message)
            case 275: .checkViolation(message)
            case 1299: .notNullViolation(message)
            default:
                switch code & 0xFF {
                case SQLITE_BUSY, SQLITE_LOCKED: .busy
                case SQLITE_FULL: .diskFull
                case SQLITE_CANTOPEN, SQLITE_IOERR, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
                    .unavailable(message)
                case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(message)
                default: .other(message)
                }
            }
    }
}
