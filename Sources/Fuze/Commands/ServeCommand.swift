import ArgumentParser
import Persistence

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the API, and do the work that is waiting.")

    @OptionGroup var data: DataOptions

    @Option(help: "The address to listen on (FUZE_HOST).")
    var host: String?

    @Option(help: "The port to listen on; 0 takes a free one (FUZE_PORT).")
    var port: Int?

    func run() async throws {
        var settings = data.settings
        settings["host"] = host
        settings["port"] = port.map(String.init)
        let fuze = try await Fuze.open(try await .load(arguments: settings))
        try await fuze.serve()
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Do the work that is waiting, without serving the API.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        let fuze = try await Fuze.open(try await data.configuration(quiet: false))
        try await fuze.work()
    }
}

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema up to date; other commands do so as well.")

    @OptionGroup var data: DataOptions

    @Flag(help: "Only say what is missing.")
    var dryRun = false

    func run() async throws {
        let database = try Fuze.openDatabase(try await data.configuration())
        let applied = try await database.migrate(Fuze.migrations, dryRun: dryRun)
        for migration in applied { print(migration) }
        if applied.isEmpty { Console.say("The schema is up to date.") }
        try database.close()
    }
}
