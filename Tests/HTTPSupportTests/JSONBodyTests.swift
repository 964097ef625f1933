import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import HTTPSupport

private struct NewBookmark: Codable, Equatable {
    enum Kind: String, Codable { case article, video }
    struct Tag: Codable, Equatable { var name: String }

    var url: String
    var rating: Int?
    var weight: Double?
    var kind: Kind?
    var tags: [Tag]?
    var isRead: Bool?
    var savedAt: Date?

    enum CodingKeys: String, CodingKey {
        case url, rating, weight, kind, tags
        case isRead = "is_read"
        case savedAt = "saved_at"
    }
}

@Suite("JSON bodies")
struct JSONBodyTests {
    private func decode(_ json: String) throws(Problem) -> NewBookmark {
        try JSON.decode(NewBookmark.self, from: ByteBuffer(string: json))
    }

    @Test("a body with unknown members, a byte order mark and blanks around it is read")
    func lenient() throws {
        let bookmark = try decode(
            "\u{FEFF}\n {\"url\":\"a\",\"other\":{\"x\":[1,2]},\"is_read\":true,\"saved_at\":\"2026-01-02T03:04:05.123456Z\"} \n"
        )
        #expect(bookmark.url == "a")
        #expect(bookmark.isRead == true)
        #expect(bookmark.savedAt.map(Timestamp.text) == "2026-01-02T03:04:05.123456Z")
    }

    @Test(
        "what does not fit is named by its path, in words",
        arguments: [
            (#"{}"#, "url", "is required"),
            (#"{"url":5}"#, "url", "must be text"),
            (#"{"url":null}"#, "url", "must be text, not null"),
            (#"{"url":"a","rating":"5"}"#, "rating", "must be a whole number"),
            (#"{"url":"a","rating":1.5}"#, "rating", "must be a number in range"),
            (#"{"url":"a","rating":99999999999999999999}"#, "rating", "must be a number in range"),
            (#"{"url":"a","rating":1e400}"#, "rating", "must be a number in range"),
            (#"{"url":"a","weight":[]}"#, "weight", "must be a number"),
            (#"{"url":"a","is_read":"yes"}"#, "is_read", "must be true or false"),
            (#"{"url":"a","kind":"poem"}"#, "kind", "is not valid"),
            (#"{"url":"a","tags":"x"}"#, "tags", "must be a list"),
            (#"{"url":"a","tags":[{"name":"x"},{}]}"#, "tags[1].name", "is required"),
            (#"{"url":"a","tags":[5]}"#, "tags[0]", "must be an object"),
            (#"{"url":"a","saved_at":"yesterday"}"#, "saved_at", "must be a date such as 2026-01-02T03:04:05Z"),
        ])
    func fieldErrors(json: String, field: String, words: String) {
        let problem = #expect(throws: Problem.self) { try decode(json) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.details == [field: .string(words)])
    }

    @Test(
        "text that is no JSON is refused with its place",
        arguments: [
            ("{\"url\":\"a\",}", 1, 12), ("{\n  \"url\": tru\n}", 2, 13), ("{\"url\":\"a\"} x", 1, 13), ("{", 1, 2),
            ("{\"url\":NaN}", 1, 8), ("{\"url\":\"a\tb\"}", 1, 10), ("{url:1}", 1, 2), ("{\"url\":01}", 1, 9),
            ("{\"url\":1.}", 1, 10), ("{\"url\":\"\\x\"}", 1, 10), ("{\"url\":\"a", 1, 10), ("[1 2]", 1, 4),
            ("{\"url\" \"a\"}", 1, 8), ("{\"url\":\"\\ud800\"}", 1, 10), ("{\"url\":\"\\udc00\"}", 1, 10),
            ("{\"url\":\"\\ud800\\u0041\"}", 1, 10), ("{\"url\":\"\\u00g0\"}", 1, 13), ("-", 1, 2), ("1e", 1, 3),
        ])
    func malformed(json: String, line: Int64, column: Int64) {
        let problem = #expect(throws: Problem.self) { try decode(json) }
        #expect(problem?.error == "invalid_json")
        #expect(problem?.details == ["line": .integer(line), "column": .integer(column)])
    }

    @Test("a body that is no object at all", arguments: ["null", "[]", "5", "\"x\"", "true", ""])
    func wrongTop(json: String) {
        #expect(throws: Problem.self) { try decode(json) }
    }

    @Test("escapes and characters beyond the basic plane arrive")
    func escapes() throws {
        #expect(try decode(#"{"url":"\ud83d\ude00 \u00e9 \n \/ \" 😀"}"#).url == "😀 é \n / \" 😀")
    }

    @Test("nesting is bounded, and a megabyte of brackets harms nobody")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            "{\"url\":\"a\",\"x\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(try decode(nested(63)).url == "a")
        #expect(throws: Problem.self) { try decode(nested(64)) }
        for bracket in ["[", "{\"a\":"] {
            let problem = #expect(throws: Problem.self) { try decode(String(repeating: bracket, count: 1_000_000)) }
            #expect(problem?.message == "The request body nests deeper than 64 levels")
        }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        let problem = #expect(throws: Problem.self) {
            try JSON.decode(
                NewBookmark.self, from: ByteBuffer(bytes: Array("{\"url\":\"".utf8) + [0xFF] + Array("\"}".utf8)))
        }
        #expect(problem?.message == "The request body is not valid UTF-8")
    }

    @Test("rules of domain values reach the client at their field")
    func domainRule() {
        struct Address: Decodable {
            init(from decoder: any Decoder) throws { throw DecodingError.rule("must be a web address", at: decoder) }
        }
        struct Plain: Decodable {
            init(from decoder: any Decoder) throws { throw FieldRule("is not what it seems") }
        }
        struct Body: Decodable { var url: Address }
        let ruled = #expect(throws: Problem.self) {
            try JSON.decode(Body.self, from: ByteBuffer(string: #"{"url":"x"}"#))
        }
        #expect(ruled?.details == ["url": "must be a web address"])
        let plain = #expect(throws: Problem.self) { try JSON.decode(Plain.self, from: ByteBuffer(string: "{}")) }
        #expect(plain?.message == "The request body is not what it seems")
    }

    @Test(
        "the type of the body is checked with leniency",
        arguments: [
            (nil, 200), ("application/json", 200), ("application/json; charset=utf-8", 200),
            ("APPLICATION/JSON ;x=y", 200),
            ("application/merge-patch+json", 200), ("text/json", 200), ("", 200), ("text/xml", 415),
            ("multipart/form-data; boundary=x", 415), ("application/x-www-form-urlencoded", 415),
        ] as [(String?, Int)])
    func contentType(type: String?, status: Int) async throws {
        try await withServer(routes: {
            $0.post("/bookmarks") { request, _ in
                try await request.decodeJSON(NewBookmark.self).url
            }
        }) {
            var headers = HTTPFields()
            headers[.contentType] = type
            let answer = try await $0.execute(
                uri: "/bookmarks", method: .post, headers: headers, body: ByteBuffer(string: #"{"url":"a"}"#))
            #expect(answer.status.code == status)
        }
    }

    @Test("Hummingbird's own decoding and encoding follow the same rules")
    func frameworkDecoding() async throws {
        struct Moment: ResponseEncodable { var at: Date }
        try await withServer(routes: { router in
            router.post("/bookmarks") { request, context in
                try await request.decode(as: NewBookmark.self, context: context).url
            }
            router.get("/moment") { _, _ in Moment(at: Date(timeIntervalSince1970: 0.5)) }
            router.get("/list") { _, _ in ["a/b", "c"] }
        }) {
            let refused = try await $0.execute(
                uri: "/bookmarks", method: .post, body: ByteBuffer(string: #"{"url":1}"#))
            #expect(try refused.problem().details == ["url": "must be text"])
            let huge = try await $0.execute(
                uri: "/bookmarks", method: .post, body: ByteBuffer(repeating: 0x20, count: 3 << 20))
            #expect(huge.status == .contentTooLarge)
            let moment = try await $0.execute(uri: "/moment", method: .get)
            #expect(moment.text == #"{"at":"1970-01-01T00:00:00.500000Z"}"#)
            let list = try await $0.execute(uri: "/list", method: .get)
            #expect(list.text == #"["a/b","c"]"#)
        }
    }

    @Test("any JSON value survives the way there and back")
    func jsonValue() throws {
        let value: JSONValue = ["a": [1, true, .null, .double(1.5), "x"], "b": ["c": false]]
        #expect(try JSON.decode(JSONValue.self, from: try JSON.encode(value)) == value)
    }
}
