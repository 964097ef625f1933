import ArgumentParser
import Embeddings
import Foundation
import HTTPSupport
import Logging
import Persistence

@main
struct FuzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuze",
        abstract: "One place for what you save: bookmarks understood by content and found by meaning.",
        discussion: """
            Settings come from arguments, then FUZE_* in the environment, then .env, then defaults; the data is kept \
            in FUZE_DATA_DIR (./data). Results go to standard output, messages to standard error.
            """,
        version: FuzeVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Server", subcommands: [ServeCommand.self, WorkerCommand.self, MigrateCommand.self]),
            CommandGroup(
                name: "Library",
                subcommands: [UserCommand.self, SaveCommand.self, ImportCommand.self, SearchCommand.self]),
            CommandGroup(
                name: "Upkeep",
                subcommands: [BackupCommand.self, RestoreCommand.self, CopyCommand.self, DoctorCommand.self]),
            CommandGroup(
                name: "Filter",
                subcommands: [ExtractCommand.self, EmbedCommand.self, NormalizeURLCommand.self]),
        ])
}

extension FuzeCommand {
    /// Says what went wrong in words; only the failure of a parse is the parser's to tell.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard let words = words(for: error) else { exit(withError: error) }
            Console.say("fuze: \(words)")
            exit(withError: ExitCode.failure)
        }
    }

    static func words(for error: any Error) -> String? {
        switch error {
        case let failure as any ProblemConvertible: failure.problem.message
        case let failure as DatabaseFailure: failure.description
        case let failure as TransferFailure: failure.description
        case let failure as CommandFailure: failure.description
        case let mistakes as ConfigurationMistakes: mistakes.description
        case let failure as EmbeddingFailure: failure.description
        case let failure as CocoaError: failure.localizedDescription
        default: nil
        }
    }
}

/// What every command that opens the data takes.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder with the data (FUZE_DATA_DIR).", valueName: "folder"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (FUZE_LOG_LEVEL).", valueName: "level"))
    var logLevel: String?

    var settings: [String: String] {
        var settings: [String: String] = [:]
        settings["data_dir"] = dataDir
        settings["log_level"] = logLevel
        return settings
    }

    /// Commands other than the server say little: what they do is their output.
    func configuration(quiet: Bool = true) async throws -> FuzeConfiguration {
        var configuration = try await FuzeConfiguration.load(arguments: settings)
        if quiet && logLevel == nil { configuration.logLevel = max(configuration.logLevel, .error) }
        return configuration
    }
}

/// What commands that act on one person's library take.
struct LibraryOptions: ParsableArguments {
    @OptionGroup var data: DataOptions

    @Option(help: "Whose library: a user name or e-mail address. May be left out while there is one account.")
    var user: String?
}
