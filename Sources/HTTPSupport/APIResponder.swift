import HTTPTypes
import Hummingbird
import Logging

/// The front door: what every request passes before and after its route.
///
/// Gives the request its id, lets `/api/v1` be another name of `/api`, answers what no route answers, and adds
/// the headers that every answer carries. It is one responder around the router instead of a chain of
/// middlewares, because paths must change before routing and refusals need the finished route table.
public struct APIResponder: HTTPResponder {
    public typealias Context = APIContext

    private let router: RouterResponder<APIContext>
    private let table: RouteTable
    private let cors: CORSPolicy
    private let security: SecurityHeaders
    private let accessLogLevel: Logger.Level

    /// - Parameters:
    ///   - router: With all its routes registered; made by ``Hummingbird/Router/api()``.
    ///   - accessLogLevel: The level of the line written for each request.
    public init(
        _ router: Router<APIContext>, cors: CORSPolicy = CORSPolicy(),
        security: SecurityHeaders = SecurityHeaders(), accessLogLevel: Logger.Level = .debug
    ) {
        table = RouteTable(router)
        self.router = router.buildResponder()
        self.cors = cors
        self.security = security
        self.accessLogLevel = accessLogLevel
    }

    public func respond(to request: Request, context: APIContext) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestID.accept(request.headers[.requestID])
        let path = APIPath(request.head.path ?? "/")
        // A child task: the stack that a deep route grows is then given back with the answer, while the connection's
        // own task would keep it for as long as the connection idles (3 KB less each, for 4 µs a request).
        async let answered = answer(request, at: path, context)
        var response = await answered
        if request.method == .head { response = response.withoutBody() }
        security.apply(to: &response.headers, isAPI: path.isAPI)
        if !cors.isEmpty { cors.apply(to: &response.headers, origin: request.headers[.origin]) }
        response.headers.append(HTTPField(name: .requestID, value: context.requestID))
        log(request, response, since: start, context)
        return response
    }

    private func answer(_ request: Request, at path: APIPath, _ context: APIContext) async -> Response {
        if let preflight = cors.preflight(request) { return preflight }
        let routed = path.route(request)
        do {
            let response = try await router.respond(to: routed, context: context)
            guard response.status == .notFound, context.endpointPath == "NotFound" else { return response }
            return unmatched(routed, method: request.method, context)
        } catch {
            return Problem(answering: error, logger: context.logger).response(requestID: context.requestID)
        }
    }

    private func unmatched(_ request: Request, method: HTTPRequest.Method, _ context: APIContext) -> Response {
        let methods = table.methods(for: request.uri.path)
        if method == .options, !methods.isEmpty || request.uri.path == "*" {
            return Response(
                status: .noContent, headers: methods.isEmpty ? [:] : [.allow: methods.joined(separator: ", ")])
        }
        let problem = methods.isEmpty ? Problem.unmatchedPath : .methodNotAllowed(allow: methods)
        return problem.response(requestID: context.requestID)
    }

    /// One line a request. The path's template and no query: what people search for is theirs.
    private func log(
        _ request: Request, _ response: Response, since start: ContinuousClock.Instant, _ context: APIContext
    ) {
        guard context.logs(accessLogLevel) else { return }
        context.logger.log(
            level: accessLogLevel, "request",
            metadata: [
                "method": .string(request.method.rawValue),
                "path": .string(context.endpointPath ?? "-"),
                "status": .stringConvertible(response.status.code),
                "bytes": .stringConvertible(response.body.contentLength ?? -1),
                "ms": .stringConvertible((ContinuousClock.now - start) / .milliseconds(1)),
            ])
    }
}

extension Router<APIContext> {
    /// A router whose routes answer every error in the API's own shape.
    public static func api() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ProblemMiddleware())
        return router
    }
}

extension Response {
    /// The same head, with the length that the body would have where that is known.
    fileprivate func withoutBody() -> Response {
        var head = createHeadResponse()
        if body.contentLength == nil, !headers.contains(.contentLength) { head.headers[.contentLength] = nil }
        return head
    }
}
