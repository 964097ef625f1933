import HTTPTypes
import Hummingbird
import NIOCore

/// Reads JSON request bodies: bounded in size and depth, strict in syntax, clear in what it refuses.
public struct JSONBodyDecoder: RequestDecoder {
    /// Enough for a saved page with its text; routes that expect more say so.
    public static let standardLimit = 2 * 1024 * 1024

    public init() {}

    public func decode<T: Decodable>(
        _ type: T.Type, from request: Request, context: some RequestContext
    ) async throws -> T {
        try await request.decodeJSON(type, limit: context.maxUploadSize)
    }
}

extension Request {
    /// The body as a value. Unknown members are ignored; everything else that is not as expected is a 400
    /// naming the field, a 413 beyond `limit` bytes or a 415 for another media type.
    public func decodeJSON<T: Decodable>(
        _ type: T.Type = T.self, limit: Int = JSONBodyDecoder.standardLimit
    ) async throws(Problem) -> T {
        guard hasJSONContent else { throw .unsupportedMediaType(expected: "JSON (application/json)") }
        let body = try await collectBytes(limit: limit)
        return try JSON.decode(type, from: body)
    }

    /// The whole body, at most `limit` bytes.
    public func collectBytes(limit: Int) async throws(Problem) -> ByteBuffer {
        if let announced = headers[.contentLength].flatMap({ Int($0) }), announced > limit {
            throw .contentTooLarge(limit: limit)
        }
        do {
            return try await body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw .contentTooLarge(limit: limit)
        } catch let error as any ProblemConvertible {
            throw error.problem
        } catch {
            throw .badRequest("The request body did not arrive whole")
        }
    }

    /// A missing type is taken as JSON, and so is every `application/…+json`.
    private var hasJSONContent: Bool {
        guard let type = headers[.contentType] else { return true }
        let essence = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return essence.isEmpty || essence == "application/json" || essence == "text/json"
            || essence.hasSuffix("+json")
    }
}
