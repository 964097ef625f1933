import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import HTTPSupport

@Suite("Lists and queries")
struct ListTests {
    @Test(
        "which part of a list is asked for",
        arguments: [
            ("", 10, 0, 1), ("page=3", 10, 20, 3), ("page=2&per_page=100", 100, 100, 2), ("limit=5&offset=7", 5, 7, 2),
            ("per_page=", 10, 0, 1), ("page=1099511627776&per_page=100", 100, 109_951_162_777_500, 1_099_511_627_776),
        ])
    func pageRequest(query: String, size: Int, offset: Int, page: Int) throws {
        let request = try PageRequest(Query(query))
        #expect(request.perPage == size)
        #expect(request.offset == offset)
        #expect(request.page == page)
    }

    @Test(
        "what is no part of a list is a 400 naming the parameter",
        arguments: [
            ("page=0", "page"), ("page=-1", "page"), ("page=x", "page"), ("page=99999999999999999999", "page"),
            ("page=9223372036854775807", "page"), ("per_page=0", "per_page"), ("per_page=101", "per_page"),
            ("per_page=1.5", "per_page"), ("limit=-5", "limit"), ("limit=1000", "limit"), ("offset=-1", "offset"),
            ("offset=a", "offset"), ("cursor=x", "cursor"), ("cursor=!!!!", "cursor"),
            ("cursor=WzIsImEiLDFd", "cursor"),
        ])
    func refusedPages(query: String, parameter: String) {
        let problem = #expect(throws: Problem.self) { try PageRequest(Query(query)) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.details.keys.first == parameter)
    }

    @Test("a cursor comes back whole, safe in an address, and only for its own order")
    func cursor() throws {
        let cursor = Cursor(order: "newest", keys: [1_767_323_045_123_456, "a/b?ü", .double(0.5)])
        let text = cursor.text
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        let request = try PageRequest(Query("cursor=\(text)&per_page=5"))
        #expect(request.page == nil && request.offset == 0)
        let back = try #require(try request.cursor?.checked(order: "newest", keyCount: 3))
        #expect(back == cursor)
        #expect(try back.integer(at: 0) == 1_767_323_045_123_456)
        #expect(try back.string(at: 1) == "a/b?ü")
        #expect(try back.double(at: 2) == 0.5 && back.double(at: 0) == 1_767_323_045_123_456)
        #expect(throws: Problem.self) { try back.checked(order: "title", keyCount: 3) }
        #expect(throws: Problem.self) { try back.checked(order: "newest", keyCount: 2) }
        #expect(throws: Problem.self) { try back.string(at: 0) }
        #expect(throws: Problem.self) { try back.integer(at: 9) }
        #expect(throws: Problem.self) { try back.double(at: 1) }
        #expect(throws: Problem.self) { try Cursor(String(text.dropLast(3))) }
    }

    @Test("a page has the same shape written by hand and by its coding keys")
    func page() async throws {
        struct Item: Encodable, Sendable { var id: Int }
        let next = Cursor(order: "newest", keys: [2])
        try await withServer(routes: { router in
            router.get("/coded") { request, _ in
                Page(items: [Item(id: 1), Item(id: 2)], of: try PageRequest(request), total: 42, nextCursor: next)
            }
            router.get("/written") { request, _ in
                Page(items: [Item(id: 1), Item(id: 2)], of: try PageRequest(request), total: 42, nextCursor: next)
                    .response { json, item in json.object { $0.member("id", item.id) } }
            }
        }) {
            for path in ["/coded", "/written"] {
                let answer = try await $0.execute(uri: "\(path)?page=2&per_page=2", method: .get)
                let body = try JSON.decode(JSONValue.self, from: answer.body)
                #expect(
                    body == [
                        "items": [["id": 1], ["id": 2]], "page": 2, "per_page": 2, "total": 42,
                        "next_cursor": .string(next.text),
                    ])
            }
        }
    }

    @Test("queries are decoded as browsers encode them and never fail")
    func query() {
        let query = Query("q=a+b%20c%2B&tag=x&tag=&tag=y%26z&flag&odd=%zz%&bad=%FF&=v&k%65y=1=2&&")
        #expect(query["q"] == "a b c+")
        #expect(query["flag"] == nil && query["missing"] == nil)
        #expect(query["odd"] == "%zz%")
        #expect(query["bad"] == "\u{FFFD}")
        #expect(query["key"] == "1=2")
    }

    private enum Mode: String, CaseIterable { case hybrid, text }

    @Test("typed parameters")
    func typed() throws {
        let query = Query(
            "n=5&yes=ON&no=0&mode=text&day=2026-01-02&at=2026-01-02T03:04:05%2B02:00&plus=2026-01-02T03:04:05+02:00")
        #expect(try query.integer("n") == 5 && query.integer("none") == nil)
        #expect(try query.bool("yes") == true && query.bool("no") == false && query.bool("none") == nil)
        #expect(try query.choice("mode", of: Mode.self) == .text && query.choice("none", of: Mode.self) == nil)
        #expect(try query.date("day").map(Timestamp.text) == "2026-01-02T00:00:00.000000Z")
        #expect(try query.date("day", day: .end).map(Timestamp.text) == "2026-01-02T23:59:59.999999Z")
        #expect(try query.date("at", day: .end)?.timeIntervalSince1970 == 1_767_315_845)
        #expect(try query.date("plus")?.timeIntervalSince1970 == 1_767_315_845)
        #expect(try query.date("none") == nil)
    }

    @Test("typed parameters say what they must be")
    func refusedParameters() {
        let query = Query("n=x&flag=maybe&mode=poem&day=soon")
        func words(_ read: () throws -> Any?) -> [JSONValue] {
            let problem = #expect(throws: Problem.self) { _ = try read() }
            return problem.map { Array($0.details.values) } ?? []
        }
        #expect(words { try query.integer("n") } == ["must be a whole number"])
        #expect(words { try query.integer("n", in: 1...5) } == ["must be a whole number from 1 to 5"])
        #expect(words { try query.integer("n", in: 1 ... .max) } == ["must be a whole number of at least 1"])
        #expect(words { try query.integer("n", in: .min...5) } == ["must be a whole number of at most 5"])
        #expect(words { try query.bool("flag") } == ["must be true or false"])
        #expect(words { try query.choice("mode", of: Mode.self) } == ["must be one of hybrid, text"])
        #expect(words { try query.date("day") } == ["must be a date such as 2026-01-02 or 2026-01-02T03:04:05Z"])
    }
}
