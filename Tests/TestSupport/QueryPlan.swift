import Foundation
import Persistence

/// How an engine would run a statement.
///
/// PostgreSQL rightly reads small tables whole and sorts few rows: here both are so dear that what is left of it
/// could not be avoided in large tables either.
public struct QueryPlan: Sendable, CustomStringConvertible {
    /// Tables of which every row would be read, or every entry of an index; on SQLite under their aliases.
    public private(set) var scans: [String] = []
    public private(set) var indexes: Set<String> = []
    /// Whether rows would be sorted, for they do not come in the order wanted.
    public private(set) var sorts = false
    public private(set) var description = ""

    public init(of statement: SQL, in database: Database) async throws {
        self = try await database.read { connection in
            var plan = QueryPlan()
            switch connection.dialect {
            case .sqlite: try plan.readSQLite(statement, connection)
            case .postgresql: try plan.readPostgreSQL(statement, connection)
            }
            return plan
        }
    }

    private init() {}

    /// An index of few rows is as good as a condition.
    private mutating func readSQLite(_ statement: SQL, _ connection: SQLConnection) throws {
        let steps = try connection.all("EXPLAIN QUERY PLAN \(statement)") { row in
            _ = (try row.next(Int.self), try row.next(Int.self), try row.next(Int.self))
            return try row.next(String.self)
        }
        let partial = Set(
            try connection.values(
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql LIKE '% WHERE %'", as: String.self))
        description = steps.joined(separator: "\n")
        sorts = steps.contains { $0.contains("TEMP B-TREE FOR ORDER") }
        for step in steps {
            let words = step.split(separator: " ")
            let index = words.firstIndex(of: "INDEX").flatMap { words.dropFirst($0 + 1).first }.map(String.init)
            if let index { indexes.insert(index) }
            // A full-text index is no scan.
            let isBounded = step.contains("VIRTUAL TABLE INDEX") || index.map(partial.contains) ?? false
            if words.first == "SCAN", words.count > 1, !isBounded { scans.append(String(words[1])) }
        }
    }

    private mutating func readPostgreSQL(_ statement: SQL, _ connection: SQLConnection) throws {
        let partial = Set(
            try connection.values(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL", as: String.self))
        read(try plan(of: statement, without: ["enable_seqscan"], connection), partial)
        guard sorts else { return }
        // So few rows may be cheaper to sort than to read in order.
        var other = QueryPlan()
        other.read(
            try other.plan(of: statement, without: ["enable_sort", "enable_incremental_sort"], connection), partial)
        sorts = other.sorts
        indexes.formUnion(other.indexes)
    }

    private mutating func plan(
        of statement: SQL, without settings: [String], _ connection: SQLConnection
    ) throws -> [String: Any] {
        for setting in settings { try connection.forEach("SELECT set_config(\(setting), 'off', true)") { _ in } }
        description = try connection.value("EXPLAIN (FORMAT JSON) \(statement)") ?? ""
        let plans = try JSONSerialization.jsonObject(with: Data(description.utf8)) as? [[String: Any]]
        return plans?.first?["Plan"] as? [String: Any] ?? [:]
    }

    private mutating func read(_ node: [String: Any], _ partial: Set<String>) {
        // What is known to find nothing is not run.
        if node["One-Time Filter"] as? String == "false" { return }
        let type = node["Node Type"] as? String ?? ""
        let index = node["Index Name"] as? String
        if let index { indexes.insert(index) }
        if type.hasSuffix("Sort") { sorts = true }
        let isBounded = node["Index Cond"] != nil || index.map(partial.contains) ?? false
        if ["Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"].contains(type), !isBounded {
            scans.append(node["Relation Name"] as? String ?? index ?? type)
        }
        for child in node["Plans"] as? [[String: Any]] ?? [] { read(child, partial) }
    }
}
