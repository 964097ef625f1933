import HTTPSupport
import HTTPTypes
import TestSupport
import Testing
import Vectors

@testable import Fuze

@Suite("A server with its vectors in Qdrant")
struct QdrantServerTests {
    @Test("health says how Qdrant is, and words find while it is away")
    func away() async throws {
        let qdrant = try QdrantStandIn()
        try await Server.run({ $0.vectors.qdrantURL = qdrant.url }) { server in
            #expect(try await state(of: server) == "ok")
            let ada = try await server.person("ada")
            _ = try await ada.send(.post, "/api/bookmarks", ["url": "https://tea.example/", "title": "Green tea"])
            qdrant.stop()
            #expect(try await state(of: server) == "degraded")
            let found = try await ada.get("/api/search?q=tea")
            #expect(found.status == .ok)
            #expect(found.json["total"] == 1)

            let back = try QdrantStandIn(port: qdrant.port)
            try await server.work()
            #expect(try await state(of: server) == "ok")
            withExtendedLifetime(back) {}
        }
    }

    @Test("a collection for other vectors, and a wrong key, are said at the start")
    func mistakes() async throws {
        let qdrant = try QdrantStandIn(apiKey: "k3y")
        let other = QdrantCollection(
            QdrantConfiguration(url: qdrant.url, collection: "fuze", vectorSize: 3, apiKey: "k3y"))
        try await other.prepare()
        for key in [nil, "guess", "k3y"] {
            await #expect(throws: CommandFailure.self) {
                try await Server.run({ configuration in
                    configuration.vectors.qdrantURL = qdrant.url
                    configuration.vectors.qdrantAPIKey = key
                }) { _ in }
            }
        }
    }

    private func state(of server: Server) async throws -> JSONValue? {
        await server.health.check()
        return try await server.stranger.get("/health").json["parts"]?["vectors"]?["state"]
    }
}
