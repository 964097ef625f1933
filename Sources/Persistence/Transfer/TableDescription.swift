/// A table whose rows can be moved between databases, as a database describes it.
struct TableDescription: Codable, Equatable, Sendable {
    struct Column: Codable, Equatable, Sendable {
        let name: String
        let kind: SQLType
    }

    let name: String
    /// What is stored, without what the database derives from it; in the order of the names, which is the same on every
    /// engine.
    let columns: [Column]
    /// The columns that tell rows apart, in the order of the primary key.
    let key: [String]
    /// The column that the database hands out numbers for; nil where it hands out none.
    let identity: String?

    var keyColumns: [Column] { key.compactMap { name in columns.first { $0.name == name } } }
}

/// A column, or several, whose values are keys of another table.
struct TableReference: Equatable, Sendable {
    let table: String
    let parent: String
}

extension [TableDescription] {
    /// Each table after those it refers to, otherwise by name; tables that refer to one another in a circle stay by
    /// name.
    func parentsFirst(_ references: [TableReference]) -> [TableDescription] {
        var sorted: [TableDescription] = []
        var waiting = self.sorted { $0.name < $1.name }
        while !waiting.isEmpty {
            let names = Set(waiting.map(\.name))
            let blocked = Set(references.filter { $0.parent != $0.table && names.contains($0.parent) }.map(\.table))
            let free = waiting.filter { !blocked.contains($0.name) }
            let next = free.isEmpty ? waiting : free
            sorted += next
            waiting.removeAll { table in next.contains { $0.name == table.name } }
        }
        return sorted
    }
}
