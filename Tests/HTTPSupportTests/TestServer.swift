import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import Testing

@testable import HTTPSupport

/// A small product of its own, served in process: the routes under test and nothing else.
func withServer<Value: Sendable>(
    _ setup: TestingSetup = .router, cors: CORSPolicy = CORSPolicy(), logger: Logger = .silent,
    accessLogLevel: Logger.Level = .debug, server: HTTPServerBuilder = .http1(),
    routes: (Router<APIContext>) -> Void, _ test: @Sendable (any TestClientProtocol) async throws -> Value
) async throws -> Value {
    let router = Router<APIContext>.api()
    routes(router)
    let responder = APIResponder(router, cors: cors, accessLogLevel: accessLogLevel)
    let app = Application(responder: responder, server: server, logger: logger)
    return try await app.test(setup, test)
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

/// The error shape as a client reads it.
struct ProblemBody: Decodable {
    var error: String
    var code: String
    var message: String
    var details: [String: JSONValue]
    var request_id: String
}

extension TestResponse {
    func problem() throws -> ProblemBody { try JSON.decode(ProblemBody.self, from: body) }
    var text: String { String(buffer: body) }
}
