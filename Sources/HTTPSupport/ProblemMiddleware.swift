import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The one place that turns whatever a route throws into the error contract.
public struct ProblemMiddleware: RouterMiddleware {
    public init() {}

    public func handle(
        _ request: Request, context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Problem(answering: error, logger: context.logger).response(requestID: context.requestID)
        }
    }
}

/// An error of a part that may be away for a while, such as a database that is being restarted: a 503.
public protocol TemporaryFailure: Error {
    var isTemporary: Bool { get }
}

extension Problem {
    /// What the client is told about an error; what it is not told goes to the log in full.
    init(answering error: any Error, logger: @autoclosure () -> Logger) {
        switch error {
        case let error as any ProblemConvertible: self = error.problem
        case let error as any TemporaryFailure where error.isTemporary:
            logger().warning("a part is away", metadata: ["error": "\(error)"])
            self = .unavailable()
        case let error as DecodingError: self = DecodingProblem(error).problem
        case let error as HTTPError: self = Problem(error)
        case is NIOTooManyBytesError: self = .contentTooLarge()
        case is HTTPParserError: self = .badRequest("The request is not valid HTTP")
        case is CancellationError: self = .unavailable("The server is shutting down", retryAfter: 1)
        case is ChannelError, is IOError: self = .badRequest("The connection was lost")
        case let error as any HTTPResponseError: self = Problem(HTTPError(error.status))
        default:
            logger().error(
                "unexpected error",
                metadata: ["error": "\(String(reflecting: error))", "error_type": "\(type(of: error))"])
            self = .internalError
        }
    }

    /// Hummingbird's own errors: unmatched paths and its checks of parameters and bodies.
    private init(_ error: HTTPError) {
        let status = error.status
        switch status {
        case .notFound where error.body == nil: self = Problem.unmatchedPath
        case .contentTooLarge: self = .contentTooLarge()
        case .unauthorized: self = .unauthorized(error.body ?? "Please sign in")
        default:
            let slug = status.reasonPhrase.lowercased().replacing(" ", with: "_")
            self.init(
                status, error: slug.isEmpty ? "error" : slug, message: error.body ?? status.reasonPhrase,
                headers: error.headers)
        }
    }

    static let unmatchedPath = Problem(.notFound, error: "not_found", message: "There is nothing at this address")
}
