import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import TestSupport
import Testing

@testable import HTTPSupport

@Suite("The front door")
struct APIResponderTests {
    @Test("/api/v1 is another name of /api, and a slash at the end does no harm")
    func versionedPath() async throws {
        try await withServer(routes: {
            $0.get("/api/things/{id}") { request, context in
                "\(try context.identifier(of: "Thing")) \(request.uri.query ?? "-")"
            }
        }) {
            for path in ["/api/things/5?a=b", "/api/v1/things/5?a=b", "/api/things/5/?a=b"] {
                let answer = try await $0.execute(uri: path, method: .get)
                #expect(answer.text == "5 a=b")
            }
            for path in ["/api/v1x/things/5", "/v1/things/5", "/api/v1", "/apiv1/things/5"] {
                let answer = try await $0.execute(uri: path, method: .get)
                #expect(answer.status == .notFound)
            }
        }
    }

    @Test(
        "a caller's request id is kept where it is harmless",
        arguments: [
            ("abc-123_X.y", true), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false), ("", false), ("a b", false), ("a\"b", false), ("é", false),
        ])
    func requestID(proposed: String, isKept: Bool) async throws {
        try await withServer(routes: { $0.get("/id") { _, context in context.requestID } }) {
            let answer = try await $0.execute(uri: "/id", method: .get, headers: [.requestID: proposed])
            #expect((answer.headers[.requestID] == proposed) == isKept)
            #expect(answer.text == answer.headers[.requestID])
            #expect(!answer.text.isEmpty)
        }
    }

    @Test("new request ids differ")
    func newRequestIDs() {
        #expect(Set((0..<10_000).map { _ in RequestID.next() }).count == 10_000)
        #expect(RequestID.accept(nil).utf8.count == 13)
    }

    @Test("the access log has the path's template and never the query")
    func accessLog() async throws {
        let log = RecordedLog()
        try await withServer(
            logger: log.logger, accessLogLevel: .info, routes: { $0.get("/api/things/{id}") { _, _ in "x" } }
        ) {
            _ = try await $0.execute(uri: "/api/things/seventy-seven?q=my+secret", method: .get)
            _ = try await $0.execute(uri: "/nowhere?q=my+secret", method: .get)
        }
        let lines = log.lines.filter { $0.level == .info && $0.message == "request" }
        #expect(lines.map { $0.metadata["path"] } == ["/api/things/{id}", "NotFound"])
        #expect(lines.map { $0.metadata["status"] } == ["200", "404"])
        #expect(lines[0].metadata["method"] == "GET")
        #expect(lines.allSatisfy { $0.metadata["request_id"] != nil && $0.metadata["ms"] != nil })
        #expect(!log.lines.contains { $0.metadata.values.contains { $0.contains("secret") || $0.contains("seventy") } })
    }

    @Test("every answer is guarded, API answers are not stored, pages get a strict policy")
    func securityHeaders() async throws {
        try await withServer(routes: { router in
            router.get("/api/mine") { _, _ in "mine" }
            router.get("/api/cached") { _, _ in Response(status: .ok, headers: [.cacheControl: "max-age=5"]) }
            router.get("/page") { _, _ in Response(status: .ok, headers: [.contentType: "text/html; charset=utf-8"]) }
            router.get("/docs") { _, _ in
                Response(
                    status: .ok,
                    headers: [
                        .contentType: "text/html", .contentSecurityPolicy: "default-src 'none'",
                        .xFrameOptions: "SAMEORIGIN",
                    ])
            }
        }) {
            let mine = try await $0.execute(uri: "/api/v1/mine", method: .get).headers
            #expect(mine[.xContentTypeOptions] == "nosniff")
            #expect(mine[.referrerPolicy] != nil && mine[.xFrameOptions] == "DENY")
            #expect(mine[.cacheControl] == "no-store" && mine[.contentSecurityPolicy] == nil)
            let cached = try await $0.execute(uri: "/api/cached", method: .get).headers
            #expect(cached[.cacheControl] == "max-age=5")
            let page = try await $0.execute(uri: "/page", method: .get).headers
            #expect(page[.contentSecurityPolicy] == SecurityHeaders.strictContentPolicy && page[.cacheControl] == nil)
            let docs = try await $0.execute(uri: "/docs", method: .get).headers
            #expect(docs[.contentSecurityPolicy] == "default-src 'none'" && docs[.xFrameOptions] == "SAMEORIGIN")
            let refusal = try await $0.execute(uri: "/api/none", method: .get).headers
            #expect(refusal[.cacheControl] == "no-store" && refusal[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test("pages of listed origins may call, others may not")
    func cors() async throws {
        let cors = CORSPolicy(origins: ["https://app.example/", "chrome-extension://abc"])
        try await withServer(cors: cors, routes: { $0.post("/api/things") { _, _ in "made" } }) {
            for origin in ["https://app.example", "chrome-extension://abc"] {
                let asked = try await $0.execute(
                    uri: "/api/things", method: .options,
                    headers: [
                        .origin: origin, .accessControlRequestMethod: "POST",
                    ])
                #expect(asked.status == .noContent)
                #expect(asked.headers[.accessControlAllowOrigin] == origin)
                #expect(asked.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
                let made = try await $0.execute(uri: "/api/things", method: .post, headers: [.origin: origin])
                #expect(made.headers[.accessControlAllowOrigin] == origin && made.headers[.vary] == "Origin")
            }
            let other = try await $0.execute(
                uri: "/api/things", method: .options,
                headers: [
                    .origin: "https://evil.example", .accessControlRequestMethod: "POST",
                ])
            #expect(other.headers[.accessControlAllowOrigin] == nil && other.headers[.accessControlAllowMethods] == nil)
            let refused = try await $0.execute(
                uri: "/api/none", method: .get, headers: [.origin: "https://app.example"])
            #expect(refused.headers[.accessControlAllowOrigin] == "https://app.example")
        }
        try await withServer(cors: CORSPolicy(origins: ["*"]), routes: { $0.get("/x") { _, _ in "x" } }) {
            let answer = try await $0.execute(uri: "/x", method: .get, headers: [.origin: "https://any.example"])
            #expect(answer.headers[.accessControlAllowOrigin] == "*")
        }
    }

    @Test("the route table lists every route once, by its template")
    func routeTable() {
        let router = Router<APIContext>.api()
        let group = router.group("/api/things")
        group.get { _, _ in "" }
        group.post { _, _ in "" }
        group.get("{id}/parts/*") { _, _ in "" }
        router.get("/files/**") { _, _ in "" }
        let table = RouteTable(router)
        #expect(
            table.routes.map(\.description) == [
                "GET /api/things", "POST /api/things", "GET /api/things/{id}/parts/*", "GET /files/**",
            ])
        #expect(table.methods(for: "/api/things") == ["GET", "HEAD", "OPTIONS", "POST"])
        #expect(table.methods(for: "/api/things/4/parts/x") == ["GET", "HEAD", "OPTIONS"])
        #expect(table.methods(for: "/files/a/b") == ["GET", "HEAD", "OPTIONS"])
        #expect(table.methods(for: "/api") == [] && table.methods(for: "/api/things/4") == [])
    }

    @Test("parts of the path are decoded; what is no id names nothing")
    func pathParameters() async throws {
        try await withServer(routes: { router in
            router.get("/tags/{tag}") { _, context in context.pathParameter("tag") ?? "none" }
            router.get("/things/{id}") { _, context in "\(try context.identifier(of: "Thing"))" }
            router.get("/me") { _, context in "\(try context.requirePrincipal().subject)" }
        }) {
            let tag = try await $0.execute(uri: "/tags/a%20b%2Fc+d%zz%C3%A9", method: .get)
            #expect(tag.text == "a b/c+d%zzé")
            for id in ["abc", "0", "-1", "99999999999999999999", "1.5"] {
                let answer = try await $0.execute(uri: "/things/\(id)", method: .get)
                #expect(answer.status == .notFound)
                #expect(try answer.problem().message == "Thing not found")
            }
            let stranger = try await $0.execute(uri: "/me", method: .get)
            #expect(stranger.status == .unauthorized && stranger.headers[.wwwAuthenticate] == "Bearer")
        }
    }
}
