import CLibPQ

/// A statement's answer, in libpq's memory.
final class PostgresResult {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var isFine: Bool {
        let status = PQresultStatus(pointer)
        return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY
    }

    /// How many rows a statement changed, or a query found.
    var changedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func forEachRow(_ body: (inout SQLRow) throws -> Void) rethrows {
        for index in 0..<PQntuples(pointer) {
            var row = SQLRow(source: PostgresRow(result: pointer, row: index))
            try body(&row)
        }
    }
}
