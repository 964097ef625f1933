import Foundation

/// How an import stands: what became of the entries read so far. Kept with every batch, so that an import that
/// was cut off goes on where it was.
struct ImportReport: Codable, Sendable, Equatable {
    struct Problem: Codable, Sendable, Equatable {
        /// The line of the file, from 1.
        let line: Int
        let reason: String
    }

    /// Problems listed one by one; beyond that they are only counted.
    static let problemLimit = 1000

    /// Entries and problems read from the file, whatever became of them.
    var read = 0
    var imported = 0
    var duplicates = 0
    var refused = 0
    var problems: [Problem] = []

    mutating func add(_ problem: Problem) {
        refused += 1
        if problems.count < Self.problemLimit { problems.append(problem) }
    }
}
