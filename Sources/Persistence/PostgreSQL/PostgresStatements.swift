import CLibPQ

/// The statements that a connection has prepared, by their text; the least used give way.
struct PostgresStatements {
    struct Statement {
        let name: String
        let types: [SQLType]
        fileprivate(set) var lastUse = 0
    }

    /// Far more than the product has, lists of different lengths included.
    private static let capacity = 256

    private var statements: [String: Statement] = [:]
    private var uses = 0
    private var names = 0

    /// The prepared statement for this text and these types of values.
    mutating func find(_ text: String, _ values: [SQLValue]) -> Statement? {
        guard let index = statements.index(forKey: text) else { return nil }
        guard statements.values[index].types.elementsEqual(values.lazy.map(\.type)) else { return nil }
        uses += 1
        statements.values[index].lastUse = uses
        return statements.values[index]
    }

    /// A name for a statement that is about to be prepared.
    mutating func next(_ values: [SQLValue]) -> Statement {
        names += 1
        return Statement(name: "s\(names)", types: values.map(\.type))
    }

    /// Keeps a statement that was prepared; gives back the name of one to be let go.
    mutating func keep(_ statement: Statement, for text: String) -> String? {
        uses += 1
        var statement = statement
        statement.lastUse = uses
        if let replaced = statements.updateValue(statement, forKey: text) { return replaced.name }
        guard statements.count > Self.capacity, let least = statements.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return nil }
        return statements.removeValue(forKey: least.key)?.name
    }
}
