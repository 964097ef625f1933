import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPSupport

@Suite("Uploaded forms")
struct MultipartTests {
    private struct Field: Equatable {
        var part: MultipartPart
        var content: String
    }

    private func parse(
        _ text: String, boundary: String = "xyz", pieces size: Int = .max, limits: MultipartLimits = MultipartLimits()
    ) throws(MultipartFailure) -> [Field] {
        var parser = MultipartParser(boundary: boundary, limits: limits)
        var rest = ByteBuffer(string: text)
        var fields: [Field] = []
        var content = ByteBuffer()
        while true {
            while let event = try parser.next() {
                switch event {
                case .part(let part): fields.append(Field(part: part, content: ""))
                case .bytes(var bytes): content.writeBuffer(&bytes)
                case .partEnd: fields[fields.count - 1].content = content.readString(length: content.readableBytes)!
                }
            }
            if parser.isOver { return fields }
            if let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
                try parser.feed(piece)
            } else {
                parser.feedEnd()
            }
        }
    }

    private static let form = """
        preamble\r
        --xyz\r
        Content-Disposition: form-data; name="note"\r
        \r
        hello\r
        --xyz \t\r
        content-disposition: form-data; name="file"; filename="C:\\docs\\a \\"b\\";c.html"\r
        Content-Type: text/html; charset=utf-8\r
        X-Other: 1\r
        \r
        line\r
        --xy not a delimiter\r\r
        -- end\r\n\r
        --xyz\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --xyz--\r
        epilogue --xyz
        """

    @Test("a form cut at any byte is the same form", arguments: [1, 2, 3, 5, 7, 11, 64, .max])
    func pieces(size: Int) throws {
        let fields = try parse(Self.form, pieces: size)
        #expect(
            fields.map(\.part) == [
                MultipartPart(name: "note"),
                MultipartPart(name: "file", filename: "a \"b\";c.html", contentType: "text/html; charset=utf-8"),
                MultipartPart(name: "empty"),
            ])
        #expect(fields.map(\.content) == ["hello", "line\r\n--xy not a delimiter\r\r\n-- end\r\n", ""])
    }

    @Test(
        "names as browsers and curl write them",
        arguments: [
            ("name=a; filename=b.txt", "a", "b.txt"), ("name=\"a%22b\"; filename=\"%22q%22.txt\"", "a\"b", "\"q\".txt"),
            ("filename=\"x\"; filename*=UTF-8''na%C3%AFve%20file.html; name=\"a\"", "a", "naïve file.html"),
            ("name=\"a\"; filename=\"../../etc/passwd\"", "a", "passwd"), ("name=\"\"; filename=\"\"", "", ""),
            ("name=\"ü\";filename=\"漢.txt\"", "ü", "漢.txt"),
            ("name=\"a\" ; x ; filename=\"100%.txt\"", "a", "100%.txt"),
        ])
    func names(parameters: String, name: String, filename: String) throws {
        let fields = try parse("--xyz\r\nContent-Disposition: form-data; \(parameters)\r\n\r\nx\r\n--xyz--")
        #expect(fields.map(\.part) == [MultipartPart(name: name, filename: filename)])
    }

    @Test("an empty form is a form")
    func empty() throws {
        #expect(try parse("--xyz--\r\n") == [])
    }

    @Test(
        "what is no form",
        arguments: [
            ("", MultipartFailure.truncated), ("hello", .truncated),
            ("--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello", .truncated),
            ("--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nhello\r\n--xyz", .truncated),
            ("--xyzabc\r\n", .malformedDelimiter), ("--xyz\r\n\r\nhello\r\n--xyz--", .missingName),
            ("--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xyz--", .missingName),
            ("--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--xyz--", .missingName),
            ("--xyz\r\nnonsense\r\n\r\nx\r\n--xyz--", .malformedHeader),
        ])
    func malformed(text: String, failure: MultipartFailure) {
        for size in [1, 4, Int.max] {
            #expect(throws: failure) { try parse(text, pieces: size) }
        }
    }

    @Test("parts, headers and the whole are bounded")
    func limits() {
        let limits = MultipartLimits(parts: 2, headerBytes: 100, totalBytes: 1000)
        let part = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
        #expect(throws: MultipartFailure.tooManyParts(limit: 2)) {
            try parse(part + part + part + "--xyz--", limits: limits)
        }
        for size in [1, Int.max] {
            #expect(throws: MultipartFailure.headerTooLarge(limit: 100)) {
                try parse("--xyz\r\nX: " + String(repeating: "y", count: 200), pieces: size, limits: limits)
            }
            #expect(throws: MultipartFailure.malformedDelimiter) {
                try parse("--xyz" + String(repeating: " ", count: 300), pieces: size, limits: limits)
            }
        }
        #expect(throws: MultipartFailure.tooLarge(limit: 1000)) {
            try parse(part.replacing("x\r\n", with: String(repeating: "x", count: 1000)), pieces: 10, limits: limits)
        }
    }

    @Test("random bodies come through whole in random pieces")
    func fuzzed() throws {
        var random = SplitMix(state: 3)
        let snippets = ["\r\n--xyz", "\r\n--xy", "\r", "\n", "--", "xyz", "a", "é", "\r\n--xyz--", " "]
        for _ in 0..<500 {
            // A real delimiter inside would rightly end the part, so those two are broken up.
            let content = (0..<Int.random(in: 0...30, using: &random))
                .map { _ in snippets.randomElement(using: &random)! }.joined().replacing("--xyz", with: "--xy z")
            let text = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\(content)\r\n--xyz--"
            let fields = try parse(text, pieces: Int.random(in: 1...20, using: &random))
            #expect(fields.map(\.content) == [content])
        }
    }

    @Test("a route reads parts one by one, skipping what it does not want")
    func reader() async throws {
        try await withServer(routes: {
            $0.post("/import") { request, _ in
                var form = try MultipartReader(request, limits: MultipartLimits(totalBytes: 2_000_000))
                var seen: [String] = []
                while let part = try await form.nextPart() {
                    if part.name == "file" {
                        var bytes = 0
                        while let chunk = try await form.nextChunk() { bytes += chunk.readableBytes }
                        seen.append("\(part.filename ?? "") \(bytes)")
                    } else if part.name == "note" {
                        seen.append(try await form.text(of: part, limit: 10))
                    }
                }
                return seen.joined(separator: ",")
            }
        }) {
            let large = String(repeating: "0123456789", count: 100_000)
            func body(note: String) -> ByteBuffer {
                ByteBuffer(
                    string: [
                        "note\"\r\n\r\n\(note)", "skipped\"\r\n\r\nxxx", "file\"; filename=\"a.html\"\r\n\r\n\(large)",
                    ]
                    .map { "--b 1\r\nContent-Disposition: form-data; name=\"\($0)\r\n" }.joined() + "--b 1--\r\n")
            }
            let type: HTTPFields = [.contentType: "Multipart/Form-Data; boundary=\"b 1\""]
            let answer = try await $0.execute(uri: "/import", method: .post, headers: type, body: body(note: "hi"))
            #expect(answer.text == "hi,a.html 1000000")
            let long = try await $0.execute(
                uri: "/import", method: .post, headers: type, body: body(note: "hello there!"))
            #expect(try long.problem().details == ["note": "must have at most 10 bytes"])
            let none = try await $0.execute(uri: "/import", method: .post, headers: [.contentType: "text/plain"])
            #expect(none.status == .unsupportedMediaType)
            let cut = try await $0.execute(
                uri: "/import", method: .post, headers: type, body: ByteBuffer(string: "--b 1\r\n"))
            #expect(try cut.problem().error == "invalid_form")
            let huge = try await $0.execute(
                uri: "/import", method: .post, headers: type, body: ByteBuffer(repeating: 0x61, count: 2_000_001))
            #expect(huge.status == .contentTooLarge)
        }
    }

    @Test("every failure is the client's to mend")
    func problems() {
        let failures: [MultipartFailure] = [
            .notMultipart, .malformedDelimiter, .malformedHeader, .missingName, .truncated, .tooManyParts(limit: 1),
            .headerTooLarge(limit: 1), .tooLarge(limit: 1), .fieldTooLarge(name: "a", limit: 1),
        ]
        #expect(failures.allSatisfy { (400..<500).contains($0.problem.status.code) })
    }
}
