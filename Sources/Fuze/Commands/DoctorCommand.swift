import ArgumentParser
import Foundation
import Synchronization

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the configuration, database, search, model, disk and clock, and say what to do.",
        discussion: """
            The exit code is 1 where something fails, 0 where all is well or only warned of. It reads the whole \
            database: on a large one that takes its time.
            """)

    @OptionGroup var data: DataOptions

    @Flag(help: "Make anew what is derived from other records, such as the search's catalogue.")
    var repair = false

    @Flag(help: "All findings as one JSON object.")
    var json = false

    private struct Report: Encodable {
        let status: Finding.State
        let findings: [Finding]
    }

    func run() async throws {
        var findings: [Finding] = []
        func report(_ finding: Finding) {
            findings.append(finding)
            if !json { Console.write(Self.text(of: finding)) }
        }
        if let configuration = try await examineSettings(report) {
            await Doctor(configuration: configuration, installation: .locate(), repairs: repair).examine(report)
        }
        let states = findings.map(\.state)
        let status: Finding.State =
            states.contains(.failure) ? .failure : states.contains(.warning) ? .warning : .ok
        if json { Console.write(try Console.json(Report(status: status, findings: findings))) }
        if status == .failure { throw ExitCode.failure }
    }

    /// Nil where the settings are such that nothing else can be looked at.
    private func examineSettings(_ report: (Finding) -> Void) async throws -> FuzeConfiguration? {
        let setting = try await FuzeConfiguration.settings(arguments: data.settings)
        let asked = Mutex<[String: String?]>([:])
        let configuration: FuzeConfiguration?
        do {
            configuration = try FuzeConfiguration.read { name in
                let value = setting(name)
                asked.withLock { $0[name] = .some(value) }
                return value
            }
        } catch let mistakes as ConfigurationMistakes {
            configuration = nil
            for mistake in mistakes.mistakes { report(.failure("configuration", mistake, "Correct the setting.")) }
        }
        let settings = SettingsReport(
            asked: asked.withLock { $0 }, environment: ProcessInfo.processInfo.environment)
        for name in settings.unknown {
            report(.warning("configuration", "There is no setting \(name).", "Look for a mistake in its name."))
        }
        let shown = settings.shown.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        report(.ok("configuration", shown.isEmpty ? "Nothing is set; the defaults hold." : shown))
        return configuration
    }

    private static func text(of finding: Finding) -> String {
        let mark =
            switch finding.state {
            case .ok: "ok      "
            case .warning: "warning "
            case .failure: "FAILURE "
            }
        let advice = finding.advice.map { "\n         \($0)" } ?? ""
        return "\(mark) \(finding.area): \(finding.message)\(advice)"
    }
}
