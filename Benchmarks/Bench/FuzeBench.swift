import ArgumentParser
import Foundation
import Measurements

/// Measures what users notice, on this machine, against what DESIGN.md wants reached.
@main
struct FuzeBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuze-bench",
        abstract: "Measure speed and memory of the release build, print a table and write it as JSON.")

    @Option(help: "The program to measure.")
    var program = ".build/release/fuze"

    @Option(help: "The folder with the evaluation data (FUZE_EVAL_DATA); texts are made up where it is not there.")
    var data = ProcessInfo.processInfo.environment["FUZE_EVAL_DATA"] ?? "../shared/data"

    @Option(help: "The Python that has sentence-transformers (FUZE_BENCH_PYTHON).")
    var python = ProcessInfo.processInfo.environment["FUZE_BENCH_PYTHON"] ?? "python3"

    @Option(
        name: .customLong("database-url"),
        help: "An empty PostgreSQL database, to measure that engine too (FUZE_BENCH_DATABASE_URL).")
    var databaseURL: String?

    @Option(help: "Where the figures go for machines.")
    var output = ".bench/latest.json"

    @Flag(help: "A tenth of the bookmarks and shorter rounds.")
    var quick = false

    @Option(
        help:
            "Only these sections, separated by commas: \(BenchSection.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var only: String?

    func run() async throws {
        OpenFiles.allowMany()
        let output = URL(filePath: output)
        let bench = try Bench(
            program: program, data: data, python: python,
            databaseURL: databaseURL ?? ProcessInfo.processInfo.environment["FUZE_BENCH_DATABASE_URL"], isQuick: quick,
            scratch: output.deletingLastPathComponent().appending(path: "scratch", directoryHint: .isDirectory))
        defer { bench.removeFiles() }
        let machine = Machine.current()
        FigureTable().write(machine.description)
        let wanted = only.map { Set($0.split(separator: ",").map(String.init)) }
        var results = BenchResults(machine: machine, bookmarks: bench.bookmarks, isQuick: quick)
        for section in BenchSection.allCases where wanted?.contains(section.rawValue) ?? true {
            do {
                results.add(try await section.run(bench))
            } catch {
                results.add(failureOf: section, error)
            }
        }
        try results.write(to: output)
        results.conclude(output.relativePath)
        if !results.failures.isEmpty { throw ExitCode.failure }
    }
}

/// What is measured, in the order in which it is.
enum BenchSection: String, CaseIterable {
    case start, library, engines, day, `import`, connections, jobs, vectors, pgvector, reading, embedding

    func run(_ bench: Bench) async throws -> [Figure] {
        switch self {
        case .start: try StartBenchmark(bench: bench).run()
        case .library: try await LibraryBenchmark(bench: bench).run()
        case .engines: try await EnginesBenchmark(bench: bench).run()
        case .day: try await DayBenchmark(bench: bench).run()
        case .import: try ImportBenchmark(bench: bench).run()
        case .connections: try ConnectionsBenchmark(bench: bench).run()
        case .jobs: try await QueueBenchmark(bench: bench).run()
        case .vectors: try VectorBenchmark(bench: bench).run()
        case .pgvector: try await PgvectorBenchmark(bench: bench).run()
        case .reading: try ReadingBenchmark(bench: bench).run()
        case .embedding: try EmbeddingBenchmark(bench: bench).run()
        }
    }
}
