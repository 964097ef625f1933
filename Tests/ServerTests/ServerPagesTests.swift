import Foundation
import HTTPSupport
import HTTPTypes
import NIOCore
import Persistence
import Testing

@testable import Fuze

@Suite("What the server says of itself")
struct ServerPagesTests {
    @Test("health names every part, and stays 200 without the model")
    func health() async throws {
        try await Server.run { server in
            let before = try await server.stranger.get("/health").json
            #expect(before["status"] == "ok")
            #expect(before["parts"]?.members.keys.sorted() == ["database", "embeddings", "jobs", "redis", "vectors"])
            #expect(before["parts"]?["redis"]?["state"] == "off")
            #expect(before["parts"]?["embeddings"]?["state"] == "idle")
            let ada = try await server.person("ada")
            _ = try await ada.get("/api/search?q=tea")
            await server.health.check()
            let after = try await server.stranger.get("/api/health")
            #expect(after.status == .ok)
            #expect(after.json["status"] == "degraded")
            #expect(after.json["parts"]?["embeddings"]?["state"] == "degraded")
        }
    }

    @Test("it is ready once its database was seen to answer, and not after it is gone")
    func ready() async throws {
        try await Server.run { server in
            #expect(try await server.stranger.get("/ready").status == .ok)
            #expect(!Server.newHealthMonitor(of: server.fuze).isReady)
            try server.fuze.database.close()
            await server.health.check()
            let refused = try await server.stranger.get("/ready")
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.headers[.retryAfter] != nil)
            let health = try await server.stranger.get("/health")
            #expect(health.status == .ok)
            #expect(health.json["parts"]?["database"]?["state"] == "down")
        }
    }

    @Test("/api/v1 is the same API")
    func version() async throws {
        try await Server.run { server in
            for path in ["/version", "/api/version"] {
                #expect(try await server.stranger.get(path).json["version"]?.text == FuzeVersion.current)
            }
            let ada = try await server.person("ada")
            let id = try await ada.save("https://example.org/")
            for path in ["/api/bookmarks/\(id)", "/api/v1/bookmarks/\(id)"] {
                #expect(try await ada.get(path).json["url"] == "https://example.org/", "\(path)")
            }
            #expect(try await ada.get("/api/v1/nothing").status == .notFound)
        }
    }

    @Test("the documentation is served from here, with the description it shows")
    func docs() async throws {
        try await Server.run(withModel: true) { server in
            let page = try await server.stranger.get("/docs")
            #expect(page.text.contains("/docs/swagger-ui-bundle.js"))
            #expect(page.headers[.contentSecurityPolicy]?.contains("script-src 'self'") == true)
            for asset in ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"] {
                let answer = try await server.stranger.get("/docs/\(asset)")
                #expect(answer.status == .ok, "\(asset)")
                #expect(answer.body.readableBytes > 0)
            }
            #expect(try await server.stranger.get("/docs/index.html").status == .notFound)
            let description = try await server.stranger.get("/openapi.yaml")
            #expect(description.text.hasPrefix("openapi: 3.1.0"))
        }
    }

    @Test("API answers are nobody else's to keep, and say nothing to other sites")
    func headers() async throws {
        try await Server.run({ $0.corsOrigins = ["https://app.example"] }) { server in
            let ada = try await server.person("ada")
            for path in ["/api/bookmarks", "/api/nothing", "/health"] {
                let answer = try await ada.get(path)
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(answer.headers[.requestID]?.isEmpty == false)
                if path.hasPrefix("/api") { #expect(answer.headers[.cacheControl] == "no-store") }
                #expect(answer.headers[.accessControlAllowOrigin] == nil)
            }
        }
    }

    @Test("a failure of our own is a bare 500 that tells nothing of the inside")
    func internalError() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            try await server.fuze.database.write { try $0.execute("DROP TABLE bookmark_counts") }
            let answer = try await ada.get("/api/bookmarks")
            #expect(answer.status == .internalServerError)
            #expect(answer.json["error"] == "internal_error")
            for secret in ["bookmark_counts", "SQL", "sqlite", "no such table"] {
                #expect(!answer.text.contains(secret))
            }
        }
    }
}
