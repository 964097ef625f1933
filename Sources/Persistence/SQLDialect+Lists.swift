/// Lists of numbers as one bound value, where there may be thousands.
extension SQLDialect {
    /// A source of rows for a `FROM`: each number is one `each.value`.
    public func rows(_ numbers: [Int64]) -> SQL {
        let list = numbers.map(String.init).joined(separator: ",")
        return switch self {
        case .sqlite: "json_each(\("[\(list)]")) AS each"
        case .postgresql: "unnest(CAST(\("{\(list)}") AS BIGINT[])) AS each (value)"
        }
    }
}
