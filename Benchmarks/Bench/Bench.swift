import Foundation

/// What the sections share: the program, the data, and a folder for what they write.
struct Bench: Sendable {
    let program: URL
    let data: URL
    let python: String
    /// An empty PostgreSQL database; nil where only SQLite is measured.
    let databaseURL: String?
    let isQuick: Bool
    private let scratch: URL

    /// - Parameter scratch: a folder for what is written; what an earlier run left there is removed.
    init(
        program: String, data: String, python: String, databaseURL: String?, isQuick: Bool, scratch: URL
    ) throws {
        self.program = URL(filePath: program).absoluteURL
        self.data = URL(filePath: data, directoryHint: .isDirectory).absoluteURL
        self.python = python
        self.databaseURL = databaseURL
        self.isQuick = isQuick
        guard FileManager.default.isExecutableFile(atPath: self.program.path) else {
            throw BenchFailure("There is no program at \(self.program.path): swift build -c release --product fuze")
        }
        self.scratch = scratch.absoluteURL
        try? FileManager.default.removeItem(at: scratch)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    }

    /// Bookmarks in the large library.
    var bookmarks: Int { isQuick ? 10_000 : 100_000 }

    /// Seconds of one round of load.
    var roundSeconds: Int { isQuick ? 2 : 4 }

    /// A new folder, removed at the end.
    func folder(_ name: String) throws -> URL {
        let folder = scratch.appending(path: "\(name)-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    func removeFiles() { try? FileManager.default.removeItem(at: scratch) }

    /// What is going on, for people who wait.
    func say(_ message: String) { FileHandle.standardError.write(Data("… \(message)\n".utf8)) }
}

struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
