import Embeddings
import Foundation
import Persistence

extension Doctor {
    private static let littleSpace: Int64 = 1 << 30
    private static let noSpace: Int64 = 100 << 20

    func dataFolder() -> [Finding] {
        let folder = configuration.dataDirectory
        let probe = folder.appending(path: ".doctor-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: probe.path, contents: Data([1])) else {
            return [
                .failure(
                    "data folder", "\(folder.path) cannot be written.",
                    "Make it and give it to the user that Fuze runs as, or set FUZE_DATA_DIR.")
            ]
        }
        try? FileManager.default.removeItem(at: probe)
        return [.ok("data folder", "\(folder.path) can be written.")] + secretKeyFile()
    }

    private func secretKeyFile() -> [Finding] {
        guard configuration.secretKey == nil else { return [.ok("secret key", "FUZE_SECRET_KEY is set.")] }
        let path = configuration.secretKeyFile.path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let permissions = attributes[.posixPermissions] as? Int
        else { return [.ok("secret key", "It is made at the first start.")] }
        guard permissions & 0o077 == 0 else {
            return [
                .failure(
                    "secret key", "Other users of this machine can read \(path), and sign in as anybody.",
                    "Run `chmod 600 \(path)`.")
            ]
        }
        return [.ok("secret key", "Only its owner can read \(path).")]
    }

    func diskSpace() -> [Finding] {
        var statistics = statvfs()
        guard statvfs(configuration.dataDirectory.path, &statistics) == 0 else { return [] }
        let free = Int64(statistics.f_bavail) * Int64(statistics.f_frsize)
        let bytes = ByteCountFormatter.string(fromByteCount: free, countStyle: .file)
        let message = "\(bytes) are free in the data folder."
        let advice = "Free some space, or move the data to a larger disk: without any, nothing can be saved."
        if free < Self.noSpace { return [.failure("disk", message, advice)] }
        return [free < Self.littleSpace ? .warning("disk", message, advice) : .ok("disk", message)]
    }

    /// Loads the model and embeds a sentence.
    func model() async -> [Finding] {
        let embeddings = EmbeddingService(files: EmbeddingModelFiles(packages: installation.packages.path))
        defer { embeddings.stop() }
        let advice = "Search goes on by words. Run `make setup`, or set FUZE_PACKAGES to the folder with the model."
        do {
            let start = ContinuousClock.now
            let vectors = try await embeddings.embed(["A small red house."])
            let length = vectors.first?.reduce(0) { $0 + $1 * $1 } ?? 0
            guard vectors.first?.count == 384, abs(length - 1) < 0.01 else {
                return [.failure("model", "It gives vectors of another shape.", advice)]
            }
            let took = (ContinuousClock.now - start).formatted(.units(allowed: [.milliseconds], width: .wide))
            return [.ok("model", "It loads and embeds a sentence within \(took).")]
        } catch {
            return [.warning("model", FuzeCommand.words(for: error) ?? "It cannot be loaded.", advice)]
        }
    }
}

/// Sees whether the machine's clock jumps, and whether it agrees with the database's.
struct ClockWatch: Sendable {
    private static let tolerance: TimeInterval = 2

    private let startedAt = Date()
    private let start = ContinuousClock.now

    func compare(with database: Database) async -> Finding {
        let advice = "Let the machines set their clocks by NTP: sessions, retries and schedules go by them."
        let passed = (ContinuousClock.now - start) / .seconds(1)
        let jump = Date().timeIntervalSince(startedAt) - passed
        guard abs(jump) < Self.tolerance else {
            return .warning("clock", "It was set by \(Self.seconds(jump)) while the doctor was here.", advice)
        }
        let asked = Date()
        let theirs = try? await database.read { try DatabaseInspection($0).clock() }
        guard let theirs else {
            return .warning("clock", "The database does not tell its time.", advice)
        }
        // Halfway through the question.
        let ours = asked.addingTimeInterval(Date().timeIntervalSince(asked) / 2)
        let difference = theirs.timeIntervalSince(ours)
        guard abs(difference) < Self.tolerance else {
            return .warning("clock", "The database's clock is \(Self.seconds(difference)) off this machine's.", advice)
        }
        return .ok("clock", "It goes steadily, and agrees with the database's.")
    }

    private static func seconds(_ interval: TimeInterval) -> String { String(format: "%.1f s", interval) }
}
