import Accounts
import ArgumentParser
import Foundation

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts.", subcommands: [Create.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account; the password is read from standard input unless it is given.")

        @OptionGroup var data: DataOptions

        @Argument(help: "The user name.")
        var username: String

        @Argument(help: "The e-mail address.")
        var email: String

        @Option(help: "The password. Other users of this machine can see it while the command runs.")
        var password: String?

        func run() async throws {
            let fuze = try await Fuze.open(try await data.configuration())
            guard let password = password ?? readPassword() else { throw CommandFailure("No password was given.") }
            let user = try await fuze.accounts.register(
                username: username, email: email, password: password, byAdministrator: true)
            Console.write(try Console.json(user))
            try await fuze.close()
        }

        private func readPassword() -> String? {
            guard Console.isTerminal(FileHandle.standardInput) else { return readLine() }
            return getpass("Password: ").map { String(cString: $0) }
        }
    }
}
