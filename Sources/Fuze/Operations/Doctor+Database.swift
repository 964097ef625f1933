import Foundation
import Persistence

extension Doctor {
    func reachability(of database: Database) async -> Finding {
        do {
            let (engine, size) = try await database.read { connection in
                let inspection = DatabaseInspection(connection)
                return (try inspection.engine(), try inspection.size())
            }
            let bytes = ByteCountFormatter.string(fromByteCount: Int64(size), countStyle: .file)
            return .ok("database", "\(engine) answers; the records take \(bytes).")
        } catch {
            return .failure("database", FuzeCommand.words(for: error) ?? "It does not answer.", Advice.reach)
        }
    }

    func schema(of database: Database) async -> Finding {
        do {
            let (schema, isUnfinished) = try await database.read { connection in
                let inspection = DatabaseInspection(connection)
                return (try inspection.schema(Fuze.migrations), try inspection.isUnfinishedCopy())
            }
            if isUnfinished {
                return .failure("schema", "A copy into this database is not complete.", "Run `fuze copy` again.")
            }
            if !schema.unknown.isEmpty {
                let names = schema.unknown.joined(separator: ", ")
                return .failure("schema", "A newer version wrote this database (\(names)).", "Update the program.")
            }
            if !schema.missing.isEmpty {
                let names = schema.missing.joined(separator: ", ")
                return .failure(
                    "schema", "Migrations are missing: \(names).",
                    "Run `fuze migrate`, or start the server, which does so."
                )
            }
            return .ok("schema", "All \(Fuze.migrations.count) migrations are applied.")
        } catch {
            return .failure("schema", FuzeCommand.words(for: error) ?? "It cannot be read.", Advice.reach)
        }
    }

    func integrity(of database: Database) async -> Finding {
        do {
            let (damages, lacksAmcheck) = try await database.read { connection in
                let inspection = DatabaseInspection(connection)
                return (try inspection.damages(), try connection.dialect == .postgresql && !inspection.hasAmcheck())
            }
            guard damages.isEmpty else {
                let words = damages.prefix(5).joined(separator: "; ")
                return .failure("integrity", "The database is damaged: \(words).", Advice.restore)
            }
            let depth = lacksAmcheck ? " (indexes from outside only: the extension amcheck is not installed)" : ""
            return .ok("integrity", "Pages, indexes and references are sound\(depth).")
        } catch {
            return .failure("integrity", FuzeCommand.words(for: error) ?? "It cannot be checked.", Advice.restore)
        }
    }

    /// Nothing on SQLite, which has no roles.
    func rowSecurity(of database: Database) async -> [Finding] {
        guard database.dialect == .postgresql else { return [] }
        let isIgnored = try? await database.read { try DatabaseInspection($0).ignoresRowSecurity() }
        guard let isIgnored else { return [] }
        return [
            isIgnored
                ? .warning(
                    "row security", "The database's user is a superuser or bypasses row-level security.",
                    "Let Fuze sign in as a role of its own: CREATE ROLE fuze LOGIN, and make it the owner of the database."
                )
                : .ok("row security", "It holds for the database's user.")
        ]
    }
}
