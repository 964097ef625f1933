import HTTPSupport
import HTTPTypes
import Testing

@testable import Fuze

@Suite("The API and its description")
struct ContractTests {
    @Test("every route is described, and every description has its route")
    func routes() async throws {
        try await Server.run { server in
            let table = RouteTable(server.fuze.router(health: server.health))
            let registered = Set(table.routes.map(\.description))
            let described = Set(try Contract.shared.get().operations.map { "\($0.method) \($0.template)" })
            #expect(registered.subtracting(described).sorted() == [])
            #expect(described.subtracting(registered).sorted() == [])
        }
    }

    @Test("only what is described as open answers strangers")
    func authentication() async throws {
        try await Server.run { server in
            for operation in try Contract.shared.get().operations where !operation.isOpen {
                let path = operation.template.replacing("{id}", with: "1")
                let method = try #require(HTTPRequest.Method(operation.method))
                for token in [nil, "", "nonsense", "a.b.c"] {
                    let answer = try await Visitor(server: server, token: token).send(method, path)
                    #expect(answer.status == .unauthorized, "\(operation.method) \(path)")
                    #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                }
            }
        }
    }

    /// Every test's answers are held against the description; this one sees to it that the main ones come.
    @Test("the main answers have exactly the described members")
    func shapes() async throws {
        try await Server.run(withModel: true) { server in
            let ada = try await server.person("ada")
            let login = try await server.stranger.send(
                .post, "/api/auth/login", ["email": "ada@example.org", "password": "Analytical-Engine-1843"])
            #expect(login.status == .ok)
            let refresh = try #require(login.json["refresh_token"])
            #expect(
                try await server.stranger.send(.post, "/api/auth/refresh", ["refresh_token": refresh]).status == .ok)
            #expect(try await ada.get("/api/auth/me").json["username"] == "ada")

            let html =
                "<title>Tea</title><article><h1>Tea</h1>"
                + String(repeating: "<p>Leaves are steamed in bamboo baskets by hand.</p>", count: 20) + "</article>"
            let id = try await ada.save("https://example.org/tea?a=1", ["html": .string(html), "tags": ["drinks"]])
            let similar = try await ada.send(
                .post, "/api/bookmarks", ["url": "https://example.org/tea?a=2", "text": "More on tea."])
            #expect(similar.json["duplicate"]?["match"] == "similar")
            try await server.work()
            for path in [
                "/api/bookmarks/\(id)", "/api/bookmarks/\(id)/content", "/api/bookmarks", "/api/bookmarks?per_page=1",
                "/api/bookmarks/check-url?url=https://example.org/tea?a=1",
                "/api/bookmarks/check-url?url=https://a.example",
                "/api/search?q=tea", "/api/search?q=bamboo&mode=text", "/api/search?q=hot+drinks&mode=semantic",
                "/api/jobs", "/api/jobs/1", "/health", "/api/health", "/ready", "/version", "/docs", "/openapi.yaml",
            ] {
                #expect(try await ada.get(path).status == .ok, "\(path)")
            }
            let preview = try await ada.send(
                .post, "/api/bookmarks/extract-url", ["url": "https://example.org/", "html": .string(html)])
            #expect(preview.json["title"] == "Tea")
            #expect(try await ada.send(.patch, "/api/bookmarks/\(id)", ["title": "Mine"]).status == .ok)
            let upload = try await ada.upload(
                "<!DOCTYPE NETSCAPE-Bookmark-file-1><DL><DT><A HREF=\"https://a.example/\">A</A></DL>",
                to: "/api/bookmarks/import?skip_fetch=true")
            #expect(upload.status == .accepted)
            try await server.work()
            let job = try #require(upload.headers[.location])
            let done = try await ada.get(job)
            #expect(done.json["status"] == "succeeded")
            #expect(done.json["result"]?["imported"] == 1)
            let events = try await ada.get(job + "/events")
            #expect(events.text.contains("event: done"))
            #expect(try await ada.send(.post, job + "/retry").status == .conflict)
            #expect(try await ada.send(.post, job + "/cancel").status == .accepted)
            #expect(try await ada.send(.delete, "/api/bookmarks/\(id)").status == .noContent)
            #expect(try await ada.send(.post, "/api/auth/logout").status == .noContent)
        }
    }
}
