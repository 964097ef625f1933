import HTTPSupport
import HTTPTypes
import Testing

@testable import Fuze

@Suite("Sessions over the API")
struct SessionsOverTheAPITests {
    @Test("a token is refused as soon as its session has ended")
    func logout() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            #expect(try await ada.send(.post, "/api/auth/logout").status == .noContent)
            #expect(try await ada.get("/api/auth/me").status == .unauthorized)
            #expect(try await ada.send(.post, "/api/auth/logout").status == .unauthorized)
        }
    }

    @Test("a refresh token may come as the bearer, and works once")
    func refresh() async throws {
        try await Server.run { server in
            _ = try await server.person("ada")
            let login = try await server.stranger.send(
                .post, "/api/auth/login", ["username": "ada", "password": "Analytical-Engine-1843"])
            let refresh = Visitor(server: server, token: login.json["refresh_token"]?.text)
            let next = try await refresh.send(.post, "/api/auth/refresh")
            #expect(next.status == .ok)
            let access = Visitor(server: server, token: next.json["access_token"]?.text)
            #expect(try await access.get("/api/auth/me").status == .ok)
            #expect(try await refresh.get("/api/auth/me").status == .unauthorized)
            #expect(try await refresh.send(.post, "/api/auth/refresh").status == .unauthorized)
            #expect(try await access.get("/api/auth/me").status == .unauthorized)
        }
    }

    @Test("the first account is the admin's; passwords never come back")
    func register() async throws {
        try await Server.run { server in
            let answer = try await server.stranger.send(
                .post, "/api/auth/register",
                ["username": "Ada", "email": "ada@example.org", "password": "Analytical-Engine-1843"])
            #expect(answer.status == .created)
            #expect(answer.json["user"]?["role"] == "admin")
            #expect(answer.json["expires_in"] == 900)
            #expect(!answer.text.contains("Analytical"))
            #expect(!answer.text.contains("argon2"))
        }
    }

    @Test("in production nobody but the first person registers by themselves")
    func production() async throws {
        try await Server.run({ $0.environment = .production }) { server in
            #expect(try await server.person("ada").token != nil)
            let late = try await server.stranger.send(
                .post, "/api/auth/register",
                ["username": "grace", "email": "grace@example.org", "password": "Analytical-Engine-1843"])
            #expect(late.status == .forbidden)
        }
    }
}
