import HTTPTypes
import Hummingbird
import NIOCore

/// Lets routes return `ResponseEncodable` values as JSON.
public struct JSONResponseEncoder: ResponseEncoder {
    public init() {}

    public func encode(
        _ value: some Encodable, from request: Request, context: some RequestContext
    ) throws -> Response {
        try .json(value)
    }
}

extension Response {
    public static func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        .json(bytes: try JSON.encode(value), status: status, headers: headers)
    }

    /// An answer written by hand, for the lists asked for most often.
    public static func json(
        status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], capacity: Int = 1024,
        writing write: (inout JSONWriter) throws -> Void
    ) rethrows -> Response {
        var json = JSONWriter(capacity: capacity)
        try write(&json)
        return .json(bytes: json.buffer, status: status, headers: headers)
    }

    /// An answer that is JSON already.
    public static func json(
        bytes: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var fields: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        fields.append(contentsOf: headers)
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: bytes))
    }
}

extension Problem {
    /// The answer in the API's error shape.
    public func response(requestID: String) -> Response {
        .json(bytes: json(requestID: requestID), status: status, headers: headers)
    }

    func json(requestID: String) -> ByteBuffer {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("error", error)
            json.member("code", code)
            json.member("message", message)
            json.name("details")
            json.value(.object(details))
            json.member("request_id", requestID)
        }
        return json.buffer
    }
}

extension Problem: HTTPResponseError {
    /// Hummingbird's own way to turn an error into an answer, for problems thrown outside every middleware.
    public func response(from request: Request, context: some RequestContext) -> Response {
        response(requestID: (context as? APIContext)?.requestID ?? "")
    }
}
