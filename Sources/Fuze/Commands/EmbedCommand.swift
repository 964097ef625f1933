import ArgumentParser
import Embeddings
import Foundation

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Turn texts into vectors.",
        discussion: "One text a line in; {\"embedding\":[…384]} out, or {\"error\":…}.")

    @Argument(help: "Files to read instead of standard input.")
    var files: [String] = []

    func run() async throws {
        let packages = Installation.locate().packages.path
        let encoder = try SentenceEncoder(
            files: EmbeddingModelFiles(packages: packages), threads: ProcessInfo.processInfo.activeProcessorCount)
        if files.isEmpty { try embed(LineReader(descriptor: STDIN_FILENO), with: encoder) }
        for file in files {
            let descriptor = open(file, O_RDONLY)
            guard descriptor >= 0 else { throw CommandFailure("\(file): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            try embed(LineReader(descriptor: descriptor), with: encoder)
        }
    }

    private func embed(_ reader: LineReader, with encoder: SentenceEncoder) throws {
        var reader = reader
        while case let lines = try reader.next(lines: 512, bytes: 4 * 1024 * 1024), !lines.isEmpty {
            var output: [UInt8] = []
            encoder.embedEach(of: lines.map { String(decoding: $0, as: UTF8.self) }) { _, vector in
                output += Self.line(vector).utf8
                output.append(UInt8(ascii: "\n"))
            }
            Console.write(output)
        }
    }

    private static func line(_ vector: Result<[Float], EmbeddingFailure>) -> String {
        switch vector {
        case .success(let numbers): "{\"embedding\":[\(numbers.map(\.description).joined(separator: ","))]}"
        case .failure(let failure): (try? Console.json(["error": failure.description])) ?? ""
        }
    }
}
