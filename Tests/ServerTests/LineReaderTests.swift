import Foundation
import HTTPSupport
import NIOCore
import Reading
import TestSupport
import Testing

@testable import Fuze

@Suite("Lines in, lines out")
struct LineReaderTests {
    /// What comes of a file, read a few lines at a time.
    private func lines(
        of content: [UInt8], lineLimit: Int = LineFilter.lineLimit, at once: Int = 3, bytes: Int = .max
    ) throws -> [String] {
        let folder = TemporaryFolder()
        try Data(content).write(to: URL(filePath: folder.path("lines")))
        let file = try FileHandle(forReadingFrom: URL(filePath: folder.path("lines")))
        defer { try? file.close() }
        var reader = LineReader(descriptor: file.fileDescriptor, lineLimit: lineLimit)
        var lines: [String] = []
        while case let next = try reader.next(lines: once, bytes: bytes), !next.isEmpty {
            #expect(next.count <= once)
            lines += next.map { String(decoding: $0, as: UTF8.self) }
        }
        return lines
    }

    @Test(
        "each line is one, with or without a last line break",
        arguments: [
            ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("\n", [""]),
            ("\n\n", ["", ""]), ("a\n\nb\n", ["a", "", "b"]), ("\r\n", [""]), ("a\rb\n", ["a\rb"]),
            ("a\n\n\n\n\nb", ["a", "", "", "", "", "b"]),
        ])
    func shapes(content: String, expected: [String]) throws {
        #expect(try lines(of: Array(content.utf8)) == expected)
        #expect(try lines(of: Array(content.utf8), at: 1) == expected)
        #expect(try lines(of: Array(content.utf8), bytes: 1) == expected)
    }

    @Test("lines longer than what is read at once come whole and in order")
    func long() throws {
        let long = String(repeating: "x", count: 300_000)
        let short = (1...500).map(String.init)
        let content = ([long] + short + [long, "end"]).joined(separator: "\n")
        #expect(try lines(of: Array(content.utf8), at: 100) == [long] + short + [long, "end"])
    }

    @Test("a line beyond the limit comes as an empty one, and the next as it is")
    func tooLong() throws {
        let huge = String(repeating: "x", count: 300_000)
        #expect(try lines(of: Array("a\n\(huge)\nb\n".utf8), lineLimit: 1000) == ["a", "", "b"])
        #expect(try lines(of: Array("a\n\(huge)".utf8), lineLimit: 1000) == ["a", ""])
    }

    @Test("what cannot be read is said")
    func unreadable() {
        var reader = LineReader(descriptor: -1)
        #expect(throws: CommandFailure.self) { try reader.next(lines: 1, bytes: 1) }
    }

    @Test("a page in gives its article out, with the id as it came", arguments: [#""a-1""#, "7", "null"])
    func extraction(id: String) throws {
        let line =
            #"{"id":\#(id),"url":"https://example.org/","html":"<title>Tea</title><article><p>Leaves are steamed.</p></article>"}"#
        let answer = try answer(line)
        #expect(answer["title"] == "Tea")
        #expect(answer["id"] == (try JSON.decode([JSONValue].self, from: ByteBuffer(string: "[\(id)]"))[0]))
    }

    @Test(
        "a line that cannot be done says so with its id",
        arguments: [
            (#"{"id":"a","url":"x"}"#, JSONValue.string("a")), (#"{"id":5,"html":7}"#, 5), ("nonsense", .null),
            ("[]", .null), ("\u{FFFD}", .null),
        ])
    func failedExtraction(line: String, id: JSONValue) throws {
        let answer = try answer(line)
        #expect(answer["error"] != nil)
        #expect((answer["id"] ?? .null) == id)
    }

    @Test("an empty line gives an empty line", arguments: ["", "  ", "\t"])
    func emptyLine(line: String) {
        #expect(ExtractionLine.answer(Array(line.utf8), PageExtractor()) == "")
    }

    private func answer(_ line: String) throws -> JSONValue {
        let text = ExtractionLine.answer(Array(line.utf8), PageExtractor())
        #expect(!text.contains("\n"))
        return try JSON.decode(JSONValue.self, from: ByteBuffer(string: text))
    }
}
