import ArgumentParser
import Foundation
import Persistence

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write all records into one file, while servers and workers go on; - writes standard output.",
        discussion: """
            The file shows one moment, belongs to no engine, and holds what people saved as well as the hashes of their \
            passwords: keep it as safe as the data. The secret key is not in it; without the key people only have to \
            sign in again.
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The file to write.")
    var file: String

    @Flag(help: "Put the backup in the place of a file that is there.")
    var replace = false

    func run() async throws {
        let configuration = try await data.configuration()
        let database = try Fuze.openExistingDatabase(configuration)
        defer { try? database.close() }
        let summary = try await backUp(database)
        let size = ByteCountFormatter.string(fromByteCount: Int64(summary.bytes), countStyle: .file)
        Console.say("Backed up \(summary.words), \(size).")
        let key = configuration.secretKey == nil ? configuration.secretKeyFile.path : "FUZE_SECRET_KEY"
        Console.say("The secret key (\(key)) is not in it: keep it apart.")
    }

    private func backUp(_ database: Database) async throws -> TransferSummary {
        let backup = DatabaseBackup(of: database, version: FuzeVersion.current)
        let bar = ProgressBar()
        defer { bar.finish() }
        let progress = { @Sendable (now: TransferProgress) in bar.show(now.rows, of: now.total, "Backing up") }
        guard file != "-" else { return try await backup.write(to: STDOUT_FILENO, progress: progress) }
        let draft = try DraftFile(for: file, replacing: replace)
        do {
            let summary = try await backup.write(to: draft.descriptor, progress: progress)
            try draft.publish()
            return summary
        } catch {
            draft.discard()
            throw error
        }
    }
}

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put the records of a backup into an empty installation; - reads standard input.",
        discussion: """
            Everything is restored or nothing: a backup that was cut off or changed is refused. Start servers and \
            workers afterwards, not before.
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The backup.")
    var file: String

    @Flag(help: "Take out all records that are there first.")
    var replace = false

    func run() async throws {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("\(file): \(String(cString: strerror(errno)))") }
        defer { if file != "-" { close(descriptor) } }
        let database = try Fuze.openDatabase(try await data.configuration())
        defer { try? database.close() }
        let bar = ProgressBar()
        defer { bar.finish() }
        do {
            let summary = try await DatabaseRestore(into: database, migrations: Fuze.migrations)
                .read(from: descriptor, replacing: replace) { bar.show($0.rows, of: $0.total, "Restoring") }
            bar.finish()
            Console.say("Restored \(summary.words).")
        } catch TransferFailure.notEmpty(let tables) {
            throw CommandFailure(
                "\(TransferFailure.notEmpty(tables)) --replace takes it out first.")
        }
    }
}

struct CopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Move the installation's records to another database, of the same engine or the other.",
        discussion: """
            The copy shows one moment: stop servers and workers before, for what they write later is not in it. Every \
            table is compared at the end. A copy that was stopped goes on where it was, and its target is not used \
            before it is complete. Afterwards, set FUZE_DATABASE_URL (or FUZE_DATA_DIR) to the target; the secret key \
            stays where it is.

            Arguments can be read by everybody on the machine: an address with a password belongs in \
            FUZE_COPY_DATABASE_URL, or the password in PGPASSWORD or a file that PGPASSFILE names.
            """)

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("postgres://… or sqlite:PATH (FUZE_COPY_DATABASE_URL).", valueName: "database"))
    var to: String?

    func run() async throws {
        let configuration = try await data.configuration()
        let address = try await targetAddress()
        let source = try Fuze.openExistingDatabase(configuration)
        defer { try? source.close() }
        let target = try Fuze.openCopyTarget(address)
        defer { try? target.close() }
        let start = Date()
        let bar = ProgressBar()
        defer { bar.finish() }
        let summary = try await DatabaseCopy(from: source, to: target, migrations: Fuze.migrations).run { now in
            if now.rows == now.total {
                bar.show(now.rows, of: nil, "Comparing")
            } else {
                bar.show(now.rows, of: now.total, "Copying")
            }
        }
        bar.finish()
        Console.say("Copied \(summary.words); every table is the same on both sides.")
        Console.say("The copy shows \(start.formatted(.iso8601)): what was written since then is not in it.")
    }

    private func targetAddress() async throws -> String {
        guard let to else {
            let setting = try await FuzeConfiguration.settings()("copy_database_url") ?? ""
            guard !setting.isEmpty else {
                throw CommandFailure("Where to? --to or FUZE_COPY_DATABASE_URL says postgres://… or sqlite:PATH.")
            }
            return setting
        }
        if to.hasPrefix("postgres"), (try? PostgresAddress(to))?.hasPassword == true {
            Console.say(
                "Others on this machine can read the password in --to while this runs; FUZE_COPY_DATABASE_URL hides it."
            )
        }
        return to
    }
}

extension TransferSummary {
    fileprivate var words: String { "\(rows) rows of \(tables) tables" }
}

extension Fuze {
    /// Opens the records where there are some already; a command that only reads makes none.
    static func openExistingDatabase(_ configuration: FuzeConfiguration) throws -> Database {
        let hasFile = FileManager.default.fileExists(atPath: configuration.databasePath)
        guard configuration.database != nil || hasFile else {
            throw CommandFailure("There is no installation in \(configuration.dataDirectory.path).")
        }
        return try openDatabase(configuration)
    }

    /// - Parameter address: `sqlite:` and a path, or a `postgres://` address.
    static func openCopyTarget(_ address: String) throws -> Database {
        if address.hasPrefix("postgres://") || address.hasPrefix("postgresql://") {
            return Database(engine: PostgresEngine(try PostgresAddress(address)))
        }
        guard let scheme = address.firstRange(of: "sqlite:"), scheme.lowerBound == address.startIndex,
            scheme.upperBound < address.endIndex
        else { throw CommandFailure("The target (--to) must be postgres://… or sqlite:PATH.") }
        let file = String(address[scheme.upperBound...])
        let folder = URL(filePath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return Database(engine: try SQLiteEngine(path: file, checksReferences: false))
    }
}
