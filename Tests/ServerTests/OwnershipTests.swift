import Foundation
import HTTPSupport
import HTTPTypes
import Testing

@testable import Fuze

@Suite("What belongs to another does not exist")
struct OwnershipTests {
    /// One of each resource, by the path of its collection.
    private func resources(of person: Visitor) async throws -> [String: Int64] {
        let bookmark = try await person.save(
            "https://example.org/secret", ["title": "A secret", "text": "Secret words."])
        try await person.server.work()
        let job = try await person.get("/api/jobs").items.first?["id"]?.number
        return ["/api/bookmarks": bookmark, "/api/jobs": job ?? 0]
    }

    @Test("another user's id is a 404, for every route with an id")
    func everyRoute() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let grace = try await server.person("grace")
            let resources = try await resources(of: ada)
            let routes = RouteTable(server.fuze.router(health: server.health)).routes.filter {
                $0.template.contains("{id}")
            }
            #expect(routes.count >= 8)
            for route in routes {
                let collection = try #require(route.template.range(of: "/{id}"))
                let id = try #require(
                    resources[String(route.template[..<collection.lowerBound])], "Say how to make one of \(route)")
                let method = try #require(HTTPRequest.Method(route.method))
                let body: JSONValue? = ["POST", "PATCH", "PUT"].contains(route.method) ? [:] : nil
                var refusals: [JSONValue] = []
                for wanted in [id, 987_654_321] {
                    let path = route.template.replacing("{id}", with: "\(wanted)")
                    let answer = try await grace.send(method, path, body)
                    #expect(answer.status == .notFound, "\(route)")
                    refusals.append(answer.json["message"] ?? .null)
                }
                // Nothing tells one that is not there from one that is another's.
                #expect(refusals[0] == refusals[1])
            }
            #expect(try await ada.get("/api/bookmarks/\(resources["/api/bookmarks"] ?? 0)").json["title"] == "A secret")
        }
    }

    @Test("lists, counts, searches and duplicates know only one's own")
    func lists() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            let grace = try await server.person("grace")
            _ = try await resources(of: ada)
            for path in [
                "/api/bookmarks", "/api/jobs", "/api/search?q=secret", "/api/search?q=secret&mode=text",
                "/api/search?q=secret&mode=semantic", "/api/search?q=secret&status=ready",
                "/api/bookmarks?domain=example.org",
            ] {
                let answer = try await grace.get(path)
                #expect(answer.items.isEmpty, "\(path)")
                #expect(answer.json["total"] == 0, "\(path)")
            }
            let check = try await grace.get("/api/bookmarks/check-url?url=https://example.org/secret")
            #expect(check.json["exists"] == false)
            let saved = try await grace.send(.post, "/api/bookmarks", ["url": "https://example.org/secret"])
            #expect(saved.status == .created)
            #expect(saved.json["duplicate"] == nil)
        }
    }

    @Test(
        "what is no id is a 404 as well",
        arguments: ["0", "-1", "abc", "1.5", "99999999999999999999", "1%20", "%00", "١"])
    func noID(id: String) async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            _ = try await ada.save("https://example.org/")
            for path in ["/api/bookmarks/\(id)", "/api/jobs/\(id)", "/api/bookmarks/\(id)/content"] {
                #expect(try await ada.get(path).status == .notFound, "\(path)")
            }
        }
    }
}
