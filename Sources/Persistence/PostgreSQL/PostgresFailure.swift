import CLibPQ

/// What PostgreSQL says when a statement fails.
struct PostgresFailure {
    /// Five characters, https://www.postgresql.org/docs/current/errcodes-appendix.html; "" where the client found it.
    let state: String
    let failure: DatabaseFailure

    init(result: OpaquePointer) {
        let state = Self.field("C", of: result)
        self.state = state
        // The detail holds values of rows: it is left out.
        let message = Self.field("M", of: result)
        let constraint = Self.field("n", of: result)
        failure =
            switch state {
            case "23505", "23P01": .uniqueViolation(constraint)
            case "23503": .foreignKeyViolation(constraint)
            case "23514": .checkViolation(constraint)
            case "23502": .notNullViolation("\(Self.field("t", of: result)).\(Self.field("c", of: result))")
            case "53100": .diskFull
            case "40001", "40P01", "55P03": .busy
            case "57014": .timedOut
            case "XX001", "XX002": .corrupt(message)
            default: Self.isUnavailable(state) ? .unavailable(message) : .other("\(state) \(message)")
            }
    }

    /// Not this statement's fault: the server is going, is coming, or takes nobody else.
    private static func isUnavailable(_ state: String) -> Bool {
        state.hasPrefix("08") || state.hasPrefix("57P") || state.hasPrefix("28") || state == "53300" || state == "3D000"
            || state == "25006"
    }

    /// The transaction was rolled back because of another one: it may well succeed when it is run again.
    var isConflict: Bool { state == "40001" || state == "40P01" }

    private static func field(_ name: Unicode.Scalar, of result: OpaquePointer) -> String {
        guard let text = PQresultErrorField(result, Int32(name.value)) else { return "" }
        return String(cString: text)
    }
}
