import HTTPTypes

/// What went wrong, said to the client: the one error contract of the API.
///
/// Encoded as `{"error":"not_found","code":"NOT_FOUND","message":"…","details":{…},"request_id":"…"}`.
/// Messages are written for people and never carry internal text.
public struct Problem: Error, Sendable, Equatable {
    public var status: HTTPResponse.Status
    /// Machine-readable kind in snake case; `code` is the same word in capitals.
    public var error: String
    public var message: String
    public var details: [String: JSONValue]
    /// Extra header fields of the answer, such as `Retry-After`.
    public var headers: HTTPFields

    public var code: String { error.uppercased() }

    public init(
        _ status: HTTPResponse.Status, error: String, message: String,
        details: [String: JSONValue] = [:], headers: HTTPFields = [:]
    ) {
        self.status = status
        self.error = error
        self.message = message
        self.details = details
        self.headers = headers
    }
}

/// Adopted by the error enums of the rooms, so that one place answers them all.
public protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension Problem: ProblemConvertible {
    public var problem: Problem { self }
}

// MARK: - The request is at fault

extension Problem {
    public static func badRequest(
        _ message: String, error: String = "bad_request", details: [String: JSONValue] = [:]
    ) -> Problem {
        Problem(.badRequest, error: error, message: message, details: details)
    }

    /// 400 with what each field must be, such as `["url": "must be a web address"]`.
    public static func invalid(_ fields: [String: String]) -> Problem {
        let words = fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return Problem(
            .badRequest, error: "validation_error", message: words.joined(separator: "; "),
            details: fields.mapValues { .string($0) })
    }

    public static func unauthorized(
        _ message: String = "Please sign in", error: String = "unauthorized"
    ) -> Problem {
        Problem(.unauthorized, error: error, message: message, headers: [.wwwAuthenticate: "Bearer"])
    }

    public static func forbidden(
        _ message: String = "You may not do this", error: String = "forbidden"
    ) -> Problem {
        Problem(.forbidden, error: error, message: message)
    }

    /// 404 in the words "Bookmark not found".
    public static func notFound(_ noun: String) -> Problem {
        Problem(.notFound, error: "not_found", message: "\(noun) not found")
    }

    public static func methodNotAllowed(allow methods: [String]) -> Problem {
        let list = methods.joined(separator: ", ")
        return Problem(
            .methodNotAllowed, error: "method_not_allowed", message: "This address answers \(list)",
            headers: [.allow: list])
    }

    public static func conflict(
        _ message: String, error: String = "conflict", details: [String: JSONValue] = [:]
    ) -> Problem {
        Problem(.conflict, error: error, message: message, details: details)
    }

    public static func requestTimeout(_ message: String = "The request took too long to arrive") -> Problem {
        Problem(.requestTimeout, error: "request_timeout", message: message, headers: [.connection: "close"])
    }

    /// - Parameter limit: The largest size accepted, in bytes.
    public static func contentTooLarge(limit: Int? = nil) -> Problem {
        Problem(
            .contentTooLarge, error: "content_too_large", message: "The request body is too large",
            details: limit.map { ["limit_bytes": .integer(Int64($0))] } ?? [:])
    }

    public static func unsupportedMediaType(expected: String) -> Problem {
        Problem(
            .unsupportedMediaType, error: "unsupported_media_type",
            message: "The request body must be \(expected)")
    }

    public static func unprocessable(
        _ message: String, error: String = "unprocessable", details: [String: JSONValue] = [:]
    ) -> Problem {
        Problem(.unprocessableContent, error: error, message: message, details: details)
    }

    /// - Parameter seconds: After how many seconds a new try makes sense.
    public static func tooManyRequests(retryAfter seconds: Int) -> Problem {
        Problem(
            .tooManyRequests, error: "rate_limit_exceeded",
            message: "Too many requests. Please try again later.",
            details: ["retry_after": .integer(Int64(seconds))], headers: [.retryAfter: "\(seconds)"])
    }
}

// MARK: - The server is at fault

extension Problem {
    /// A bare 500: what happened is in the log, under the request id.
    public static var internalError: Problem {
        Problem(.internalServerError, error: "internal_error", message: "Something went wrong on our side")
    }

    public static func unavailable(
        _ message: String = "The service is not available right now", retryAfter seconds: Int = 5
    ) -> Problem {
        Problem(
            .serviceUnavailable, error: "service_unavailable", message: message,
            headers: [.retryAfter: "\(seconds)"])
    }
}
