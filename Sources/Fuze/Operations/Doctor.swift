import Embeddings
import Foundation
import Persistence
import Search

/// One thing that was looked at, and what is to be done about it.
struct Finding: Encodable, Sendable, Equatable {
    enum State: String, Encodable, Sendable {
        case ok
        /// Works, and should not stay so.
        case warning
        /// Does not work, or loses something.
        case failure
    }

    /// What it is about, such as `database`.
    let area: String
    let state: State
    let message: String
    /// What to do; nil where all is well.
    let advice: String?

    static func ok(_ area: String, _ message: String) -> Finding {
        Finding(area: area, state: .ok, message: message, advice: nil)
    }

    static func warning(_ area: String, _ message: String, _ advice: String) -> Finding {
        Finding(area: area, state: .warning, message: message, advice: advice)
    }

    static func failure(_ area: String, _ message: String, _ advice: String) -> Finding {
        Finding(area: area, state: .failure, message: message, advice: advice)
    }
}

/// Looks at every part of an installation and says what is wrong with it. Changes nothing, unless it is to repair.
struct Doctor: Sendable {
    let configuration: FuzeConfiguration
    let installation: Installation
    /// Whether what is derived from other records may be made anew.
    let repairs: Bool

    /// - Parameter report: called with each finding as soon as it is known.
    func examine(_ report: (Finding) -> Void) async {
        let clock = ClockWatch()
        for finding in await dataFolder() + diskSpace() + sharedMemory() { report(finding) }
        let database: Database
        do {
            database = try Fuze.openExistingDatabase(configuration)
        } catch {
            report(.failure("database", FuzeCommand.words(for: error) ?? "It cannot be opened.", Advice.reach))
            for finding in await model() { report(finding) }
            return
        }
        let isUsable = await examine(database, report)
        if isUsable {
            for finding in await search(in: database) + vectors(in: database) + work(in: database) { report(finding) }
        }
        for finding in await model() { report(finding) }
        report(await clock.compare(with: database))
        try? database.close()
    }

    /// Whether the database can be asked about what is in it.
    private func examine(_ database: Database, _ report: (Finding) -> Void) async -> Bool {
        let answers = await reachability(of: database)
        report(answers)
        guard answers.state == .ok else { return false }
        let schema = await schema(of: database)
        for finding in await [schema, integrity(of: database)] + server(of: database) { report(finding) }
        return schema.state == .ok
    }
}

/// What to do about a finding, where several call for the same.
enum Advice {
    static let reach = "Check FUZE_DATABASE_URL or FUZE_DATA_DIR, and that the database runs and lets this user in."
    static let restore = "Stop Fuze, keep a copy of the data, and restore the last good backup with `fuze restore`."
}
