/// Lists of numbers as one bound value, where there may be thousands.
extension SQLDialect {
    /// An array of PostgreSQL.
    public func array(_ numbers: [Int64]) -> SQL {
        let text = "{" + numbers.map(String.init).joined(separator: ",") + "}"
        return "CAST(\(text) AS BIGINT[])"
    }

    /// A source of rows for a `FROM`: each number is one `each.value`.
    public func rows(_ numbers: [Int64]) -> SQL {
        switch self {
        case .sqlite: "json_each(\("[" + numbers.map(String.init).joined(separator: ",") + "]")) AS each"
        case .postgresql: "unnest(\(array(numbers))) AS each (value)"
        }
    }
}
