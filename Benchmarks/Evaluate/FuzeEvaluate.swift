import ArgumentParser
import Foundation
import Measurements

/// Prints the quality figures on a folder of evaluation data, and fails where one is below its target.
@main
struct FuzeEvaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuze-evaluate",
        abstract: "Print the quality figures of reading and search, and fail where one is below its target.",
        discussion: """
            The folder may hold url/urltestdata.json (web platform tests), readability/ (pages with their expected \
            content) and retrieval/ (collections in the form of BEIR). Times are shown and never decide.
            """)

    @Argument(help: "The folder with the data (FUZE_EVAL_DATA, or ../shared/data).")
    var data: String?

    @Flag(help: "Succeed where there is no data.")
    var ifPresent = false

    func run() async throws {
        let data = URL(
            filePath: data ?? ProcessInfo.processInfo.environment["FUZE_EVAL_DATA"] ?? "../shared/data",
            directoryHint: .isDirectory)
        var page = EvaluationPage()
        var missing: [String] = []
        for section in EvaluationSection.allCases {
            let source = data.appending(path: section.path)
            if FileManager.default.fileExists(atPath: source.path) {
                try await section.run(source, on: &page)
            } else {
                missing.append(source.path)
            }
        }
        for path in missing { page.write("\nThere is no evaluation data at \(path).") }
        page.conclude()
        if page.missed > 0 || (!missing.isEmpty && !ifPresent) { throw ExitCode.failure }
    }
}

/// What is printed, line by line, and how many targets were missed.
struct EvaluationPage {
    private(set) var missed = 0
    private(set) var reached = 0
    private var group = ""
    private let table = FigureTable()

    mutating func add(_ figure: Figure, decides: Bool = true) {
        if figure.group != group {
            group = figure.group
            write(table.heading(group))
        }
        write(table.line(figure))
        guard decides, figure.target != nil else { return }
        if figure.isReached == true { reached += 1 } else { missed += 1 }
    }

    func write(_ line: String) { table.write(line) }

    func conclude() { write("\n\(reached) targets reached, \(missed) missed.") }
}
