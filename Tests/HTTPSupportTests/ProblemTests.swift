import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import TestSupport
import Testing

@testable import HTTPSupport

@Suite("Every error answers in one shape")
struct ProblemTests {
    @Test("a thrown problem carries kind, code, words, details and the request id")
    func thrownProblem() async throws {
        try await withServer(routes: {
            $0.get("/api/bookmarks/{id}") { _, _ -> String in throw Problem.notFound("Bookmark") }
        }) {
            let answer = try await $0.execute(uri: "/api/bookmarks/7", method: .get)
            #expect(answer.status == .notFound)
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            let problem = try answer.problem()
            #expect(problem.error == "not_found")
            #expect(problem.code == "NOT_FOUND")
            #expect(problem.message == "Bookmark not found")
            #expect(problem.details.isEmpty)
            #expect(problem.request_id == answer.headers[.requestID])
        }
    }

    @Test("errors of a feature become its problems")
    func featureError() async throws {
        enum Refusal: ProblemConvertible {
            case taken
            var problem: Problem { .conflict("That name is taken", error: "name_taken") }
        }
        try await withServer(routes: { $0.post("/api/users") { _, _ -> String in throw Refusal.taken } }) {
            let answer = try await $0.execute(uri: "/api/users", method: .post)
            #expect(answer.status == .conflict)
            #expect(try answer.problem().code == "NAME_TAKEN")
        }
    }

    @Test("an unexpected error is a bare 500, told to the log and not to the client")
    func unexpectedError() async throws {
        struct Secret: Error { let password = "hunter2" }
        let log = RecordedLog()
        try await withServer(logger: log.logger, routes: { $0.get("/boom") { _, _ -> String in throw Secret() } }) {
            let answer = try await $0.execute(uri: "/boom", method: .get, headers: [.requestID: "call-1"])
            #expect(answer.status == .internalServerError)
            #expect(try answer.problem().error == "internal_error")
            #expect(!answer.text.contains("hunter2"))
        }
        let line = try #require(log.lines.first { $0.level == .error })
        #expect(line.metadata["error"]?.contains("hunter2") == true)
        #expect(line.metadata["request_id"] == "call-1")
    }

    @Test("unmatched paths are 404, wrong methods 405 with what is allowed")
    func unmatched() async throws {
        try await withServer(routes: { router in
            router.get("/api/things/{id}") { _, _ in "thing" }
            router.patch("/api/things/{id}") { _, _ in "changed" }
        }) {
            let nowhere = try await $0.execute(uri: "/api/nowhere", method: .get)
            #expect(nowhere.status == .notFound)
            #expect(try nowhere.problem().message == "There is nothing at this address")
            let wrong = try await $0.execute(uri: "/api/things/5", method: .delete)
            #expect(wrong.status == .methodNotAllowed)
            #expect(wrong.headers[.allow] == "GET, HEAD, OPTIONS, PATCH")
            #expect(try wrong.problem().code == "METHOD_NOT_ALLOWED")
            let asked = try await $0.execute(uri: "/api/things/5", method: .options)
            #expect(asked.status == .noContent)
            #expect(asked.headers[.allow] == "GET, HEAD, OPTIONS, PATCH")
            #expect(asked.body.readableBytes == 0)
        }
    }

    @Test("a route's own 404 stays its own")
    func ownNotFound() async throws {
        try await withServer(routes: {
            $0.get("/plain") { _, _ in Response(status: .notFound, body: .init(byteBuffer: .init(string: "mine"))) }
        }) {
            let answer = try await $0.execute(uri: "/plain", method: .get)
            #expect(answer.text == "mine")
        }
    }

    @Test("Hummingbird's own refusals are put into the shape too")
    func frameworkErrors() async throws {
        try await withServer(routes: { router in
            router.get("/parameter/{id}") { _, context in "\(try context.parameters.require("id", as: Int.self))" }
            router.get("/teapot") { _, _ -> String in throw HTTPError(.init(code: 418)) }
            router.get("/locked") { _, _ -> String in throw HTTPError(.gone, message: "Someone is editing") }
            router.get("/stranger") { _, _ -> String in throw HTTPError(.unauthorized) }
            router.get("/cancelled") { _, _ -> String in throw CancellationError() }
        }) {
            let parameter = try await $0.execute(uri: "/parameter/abc", method: .get)
            #expect(parameter.status == .badRequest)
            #expect(try parameter.problem().error == "bad_request")
            let teapot = try await $0.execute(uri: "/teapot", method: .get)
            #expect(try teapot.problem().code == "ERROR")
            let locked = try await $0.execute(uri: "/locked", method: .get)
            #expect(try locked.problem().message == "Someone is editing")
            let stranger = try await $0.execute(uri: "/stranger", method: .get)
            #expect(stranger.headers[.wwwAuthenticate] == "Bearer")
            let cancelled = try await $0.execute(uri: "/cancelled", method: .get)
            #expect(cancelled.status == .serviceUnavailable)
            #expect(cancelled.headers[.retryAfter] == "1")
        }
    }

    @Test(
        "each constructor has its status and headers",
        arguments: [
            (Problem.badRequest("no"), 400, "BAD_REQUEST"), (.unauthorized(), 401, "UNAUTHORIZED"),
            (.forbidden(), 403, "FORBIDDEN"), (.requestTimeout(), 408, "REQUEST_TIMEOUT"),
            (.conflict("no"), 409, "CONFLICT"), (.contentTooLarge(limit: 9), 413, "CONTENT_TOO_LARGE"),
            (.unsupportedMediaType(expected: "JSON"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            (.unprocessable("no"), 422, "UNPROCESSABLE"),
            (.tooManyRequests(retryAfter: 30), 429, "RATE_LIMIT_EXCEEDED"),
            (.internalError, 500, "INTERNAL_ERROR"), (.unavailable(), 503, "SERVICE_UNAVAILABLE"),
        ])
    func constructors(problem: Problem, status: Int, code: String) {
        #expect(problem.status.code == status)
        #expect(problem.code == code)
        #expect(problem.headers.contains(.retryAfter) == [429, 503].contains(status))
    }

    @Test("several fields are reported at once")
    func fieldErrors() {
        let problem = Problem.invalid(["url": "must be a web address", "title": "must not be empty"])
        #expect(problem.details == ["url": "must be a web address", "title": "must not be empty"])
        #expect(problem.message == "title must not be empty; url must be a web address")
        #expect(problem.status == .badRequest)
    }
}
