import Foundation
import Measurements

/// The figures of a run: printed as they come, written as JSON at the end.
struct BenchResults: Encodable {
    private let machine: Machine
    private let bookmarks: Int
    private let isQuick: Bool
    private var figures: [Figure] = []
    /// What could not be measured, and why.
    private(set) var failures: [String: String] = [:]
    private var group = ""
    private let table = FigureTable()

    private enum CodingKeys: String, CodingKey {
        case machine, bookmarks, figures, failures
        case isQuick = "quick"
    }

    init(machine: Machine, bookmarks: Int, isQuick: Bool) {
        self.machine = machine
        self.bookmarks = bookmarks
        self.isQuick = isQuick
    }

    mutating func add(_ measured: [Figure]) {
        for figure in measured {
            if figure.group != group {
                group = figure.group
                table.write(table.heading(group))
            }
            table.write(table.line(figure))
        }
        figures += measured
    }

    mutating func add(failureOf section: BenchSection, _ error: any Error) {
        failures[section.rawValue] = "\(error)"
        group = ""
        table.write("\n\(section.rawValue) could not be measured: \(error)")
    }

    func write(to file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: file)
    }

    func conclude(_ file: String) {
        let reached = figures.count { $0.isReached == true }
        let missed = figures.filter { $0.isReached == false }
        table.write("\n\(reached) targets reached, \(missed.count) missed; written to \(file).")
        for figure in missed { table.write("  missed: \(figure.group): \(figure.name)") }
    }
}
