import Accounts
import HTTPSupport
import Persistence
import HTTPTypes
import NIOCore
import Testing

@testable import Fuze

/// Every refusal is held against the error contract by the visitor that meets it.
@Suite("Refusals")
struct RefusalTests {
    @Test(
        "say what is wrong with which field",
        arguments: [
            (#"{}"#, "url"), (#"{"url":5}"#, "url"), (#"{"url":null}"#, "url"), (#"{"url":""}"#, "url"),
            (#"{"url":"javascript:alert(1)"}"#, "url"), (#"{"url":"https://a.example/","tags":"x"}"#, "tags"),
            (#"{"url":"https://a.example/","tags":[1]}"#, "tags[0]"),
            (#"{"url":"https://a.example/","title":[]}"#, "title"),
        ])
    func fields(body: String, field: String) async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let answer = try await ada.send(
                .post, "/api/bookmarks", body: ByteBuffer(string: body), type: "application/json")
            #expect(answer.status == .badRequest)
            #expect(answer.json["error"] == "validation_error")
            #expect(answer.json["details"]?.members.keys.contains(field) == true, "\(answer.text)")
            #expect(try await ada.get("/api/bookmarks").json["total"] == 0)
        }
    }

    @Test(
        "of bodies that are no JSON, or far too deep, are a 400",
        arguments: [
            "", "{", "nonsense", "[1,2", #"{"url":"https://a.example/""#, "\u{FEFF}", #"{"url":"\ud800"}"#, "null",
            "[]", "5", "\"text\"",
        ])
    func malformed(body: String) async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let answer = try await ada.send(
                .post, "/api/bookmarks", body: ByteBuffer(string: body), type: "application/json")
            #expect(answer.status == .badRequest)
        }
    }

    @Test("of bytes that are no text, endless nesting, other types and huge bodies")
    func hostileBodies() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let path = "/api/bookmarks"
            let invalid = ByteBuffer(bytes: Array(#"{"url":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8))
            #expect(try await ada.send(.post, path, body: invalid, type: "application/json").status == .badRequest)
            let deep = ByteBuffer(string: String(repeating: "[", count: 100_000))
            #expect(try await ada.send(.post, path, body: deep, type: "application/json").status == .badRequest)
            let form = ByteBuffer(string: "url=https://a.example/")
            let other = try await ada.send(.post, path, body: form, type: "application/x-www-form-urlencoded")
            #expect(other.status == .unsupportedMediaType)
            let huge = ByteBuffer(repeating: 0x20, count: 17 << 20)
            #expect(try await ada.send(.post, path, body: huge, type: "application/json").status == .contentTooLarge)
            let largePatch = ByteBuffer(repeating: 0x20, count: 3 << 20)
            let id = try await ada.save("https://a.example/")
            let patch = try await ada.send(.patch, "\(path)/\(id)", body: largePatch, type: "application/json")
            #expect(patch.status == .contentTooLarge)
        }
    }

    @Test("unknown members are no reason to refuse, nor is a long title")
    func unknownMembers() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let title = String(repeating: "long ", count: 20_000) + "end"
            let id = try await ada.save(
                "https://a.example/", ["colour": "red", "id": 99, "title": .string(title), "status": "ready"])
            let saved = try await ada.get("/api/bookmarks/\(id)").json
            #expect(saved["title"]?.text == title)
            #expect(saved["status"] == "pending")
            #expect(saved["colour"] == nil)
        }
    }

    @Test("of paths and methods that are not there")
    func unmatched() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            for path in ["/", "/api", "/api/nothing", "/nothing", "/api/bookmarks/1/nothing", "/api/v2/bookmarks"] {
                #expect(try await ada.get(path).status == .notFound, "\(path)")
            }
            let wrong = try await ada.send(.put, "/api/bookmarks/1")
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong.headers[.allow] == "DELETE, GET, HEAD, OPTIONS, PATCH")
            #expect(try await ada.send(.delete, "/api/bookmarks").status == .methodNotAllowed)
            #expect(try await ada.get("/docs/../../etc/passwd").status == .notFound)
            #expect(try await ada.get("/docs/%2e%2e%2fsecret.key").status == .notFound)
        }
    }

    @Test(
        "of query parameters name the parameter",
        arguments: [
            ("/api/bookmarks?page=0", "page"), ("/api/bookmarks?per_page=101", "per_page"),
            ("/api/bookmarks?per_page=x", "per_page"),
            ("/api/bookmarks?status=new", "status"), ("/api/bookmarks?from=yesterday", "from"),
            ("/api/bookmarks?cursor=abc", "cursor"),
            ("/api/bookmarks?cursor=WzEsIm90aGVyIiwxLDJd", "cursor"), ("/api/bookmarks/check-url", "url"),
            ("/api/bookmarks/check-url?url=nonsense:", "url"), ("/api/search", "q"), ("/api/search?q=", "q"),
            ("/api/search?q=tea&mode=magic", "mode"), ("/api/search?q=tea&limit=0", "limit"),
            ("/api/search?q=tea&limit=101", "limit"),
            ("/api/search?q=tea&offset=-1", "offset"), ("/api/search?q=tea&from=2026-13-01", "from"),
            ("/api/jobs?page=-3", "page"),
        ])
    func parameters(path: String, parameter: String) async throws {
        try await Server.run { server in
            let answer = try await server.person("ada").get(path)
            #expect(answer.status == .badRequest)
            #expect(answer.json["details"]?.members.keys.sorted() == [parameter])
        }
    }

    @Test("of accounts: taken names, wrong passwords, closed doors")
    func accounts() async throws {
        try await Server.run({ $0.registration = .closed }) { server in
            let ada = try await server.person("ada")
            #expect(try await ada.get("/api/auth/me").json["role"] == "admin")
            let late = try await server.stranger.send(
                .post, "/api/auth/register",
                ["username": "grace", "email": "grace@example.org", "password": "Analytical-Engine-1843"])
            #expect(late.status == .forbidden)
            let body: JSONValue = ["username": "ada", "password": "wrong-password"]
            let wrong = try await server.stranger.send(.post, "/api/auth/login", body)
            let unknown = try await server.stranger.send(
                .post, "/api/auth/login", ["username": "nobody", "password": "wrong-password"])
            #expect(wrong.status == .unauthorized && unknown.status == .unauthorized)
            #expect(wrong.json["message"] == unknown.json["message"])
            #expect(try await server.stranger.send(.post, "/api/auth/login", ["password": "x"]).status == .badRequest)
            #expect(try await server.stranger.send(.post, "/api/auth/refresh", [:]).status == .badRequest)
        }
        try await Server.run { server in
            _ = try await server.person("ada")
            let again = try await server.stranger.send(
                .post, "/api/auth/register",
                ["username": "ADA", "email": "b@example.org", "password": "Analytical-Engine-1843"])
            #expect(again.status == .conflict)
            #expect(again.json["error"] == "username_taken")
            let address = try await server.stranger.send(
                .post, "/api/auth/register",
                ["username": "b-b", "email": "ada@example.org", "password": "Analytical-Engine-1843"])
            #expect(address.json["error"] == "email_taken")
            let short = try await server.stranger.send(
                .post, "/api/auth/register", ["username": "joan", "email": "joan@example.org", "password": "short"])
            #expect(short.status == .badRequest)
            #expect(short.json["details"]?["password"] != nil)
        }
    }

    @Test("of forms without a file, or of another type")
    func forms() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let path = "/api/bookmarks/import"
            #expect(try await ada.upload("x", to: path, field: "other").status == .badRequest)
            #expect(try await ada.upload("x", to: path + "?skip_fetch=perhaps").status == .badRequest)
            #expect(try await ada.send(.post, path, ["file": "x"]).status == .unsupportedMediaType)
            let broken = ByteBuffer(string: "--edge\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf")
            let half = try await ada.send(.post, path, body: broken, type: "multipart/form-data; boundary=edge")
            #expect(half.status == .badRequest)
            #expect(try await ada.get("/api/jobs").json["total"] == 0)
            let rows = try await server.fuze.database.read {
                try $0.value("SELECT COUNT(*) FROM bookmark_imports", as: Int.self)
            }
            #expect(rows == 0)
        }
    }

    @Test("of previews that cannot be had say why")
    func preview() async throws {
        try await Server.run({ $0.fetchesPrivateAddresses = false }) { server in
            let ada = try await server.person("ada")
            for url in ["http://127.0.0.1:9/", "http://169.254.169.254/latest/", "http://[::1]/", "http://localhost/"] {
                let answer = try await ada.send(.post, "/api/bookmarks/extract-url", ["url": .string(url)])
                #expect(answer.status == .unprocessableContent, "\(url)")
                #expect(answer.json["error"] == "page_unavailable")
                #expect(answer.json["message"]?.text?.contains("not fetched") == true)
            }
        }
    }
}
