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

    /// What only a PostgreSQL can have wrong; nothing on SQLite.
    func server(of database: Database) async -> [Finding] {
        guard database.dialect == .postgresql else { return [] }
        let found = try? await database.read { connection in
            let inspection = DatabaseInspection(connection)
            return (try inspection.ignoresRowSecurity(), try inspection.riskySettings(), try inspection.logPosition())
        }
        guard let (ignoresRowSecurity, risks, position) = found else { return [] }
        let security: Finding =
            ignoresRowSecurity
            ? .warning(
                "row security", "The database's user is a superuser or bypasses row-level security.",
                "Let Fuze sign in as a role of its own: CREATE ROLE fuze LOGIN, and make it the owner of the database.")
            : .ok("row security", "It holds for the database's user.")
        let durability: Finding =
            risks.isEmpty
            ? .ok("durability", "What the server acknowledges is on disk.")
            : .warning(
                "durability", "The server may lose what it has acknowledged (\(risks.joined(separator: ", "))).",
                "Set these to on in postgresql.conf.")
        var findings = [security, durability]
        for address in configuration.databaseReplicas { findings.append(await replica(at: address, behind: position)) }
        return findings
    }

    /// A replica that is further behind is hardly ever asked.
    private static let tolerableLag = 16 << 20

    private func replica(at address: PostgresAddress, behind position: String) async -> Finding {
        let replica = Database(engine: PostgresEngine(address))
        defer { try? replica.close() }
        do {
            let lag = try await replica.read { try DatabaseInspection($0).replicaLag(behind: position) }
            let bytes = ByteCountFormatter.string(fromByteCount: Int64(max(0, lag.bytes)), countStyle: .file)
            guard lag.isReplica else {
                return .failure(
                    "replica", "\(address) follows nobody: what it shows gets old.",
                    "Take it out of FUZE_DATABASE_REPLICAS, or set it up again with pg_basebackup.")
            }
            guard !lag.isPaused, lag.bytes < Self.tolerableLag else {
                let state = lag.isPaused ? "stands still" : "is slow"
                return .warning(
                    "replica", "\(address) \(state), \(bytes) behind.",
                    lag.isPaused
                        ? "SELECT pg_wal_replay_resume() on it." : "Look at its disk, its network and long reads.")
            }
            return .ok("replica", "\(address) follows, \(bytes) behind.")
        } catch {
            return .warning(
                "replica", "\(address): \(FuzeCommand.words(for: error) ?? "It does not answer.")",
                "Start it, or take it out of FUZE_DATABASE_REPLICAS; reads go to the primary meanwhile.")
        }
    }
}
