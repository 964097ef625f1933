import HTTPTypes
import NIOCore
import NIOHTTP1

/// Between the bytes of HTTP/1 and the request and response values that Hummingbird works with.
enum HTTPWire {
    // MARK: Requests

    static func request(_ head: HTTPRequestHead) -> HTTPRequest {
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        var authority: String?
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            if authority == nil, name == HTTPWire.host {
                authority = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        return HTTPRequest(
            method: method(head.method), scheme: "http", authority: authority, path: path(head.uri),
            headerFields: fields)
    }

    private static let host = HTTPField.Name("Host")!

    private static func method(_ method: HTTPMethod) -> HTTPRequest.Method {
        switch method {
        case .GET: .get
        case .POST: .post
        case .PATCH: .patch
        case .PUT: .put
        case .DELETE: .delete
        case .HEAD: .head
        case .OPTIONS: .options
        default: HTTPRequest.Method(method.rawValue) ?? .trace
        }
    }

    /// The path and query, also of an address given in full as proxies do (`GET http://host/path`).
    private static func path(_ target: String) -> String {
        guard target.utf8.first != UInt8(ascii: "/"), let scheme = target.firstRange(of: "://") else { return target }
        let afterScheme = target[scheme.upperBound...]
        guard let start = afterScheme.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "/" }
        let path = afterScheme[start...]
        return path.first == "?" ? "/" + path : String(path)
    }

    // MARK: Responses

    static func write(_ response: HTTPResponse, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeDecimal(Int64(response.status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(response.status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        write(response.headerFields, into: &buffer)
    }

    /// Field names and values are valid by construction, line ends included.
    static func write(_ fields: HTTPFields, into buffer: inout ByteBuffer) {
        for field in fields {
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    static func writeChunkHead(length: Int, into buffer: inout ByteBuffer) {
        buffer.writeString(String(length, radix: 16))
        buffer.writeStaticString("\r\n")
    }

    static func writeLastChunk(_ trailers: HTTPFields?, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("0\r\n")
        write(trailers ?? [:], into: &buffer)
    }

    // MARK: Broken requests

    /// A whole answer, after which the connection ends.
    static func write(closingWith problem: Problem, into buffer: inout ByteBuffer) {
        let requestID = RequestID.next()
        var body = problem.json(requestID: requestID)
        let head = HTTPResponse(
            status: problem.status,
            headerFields: [
                .contentType: "application/json; charset=utf-8", .contentLength: "\(body.readableBytes)",
                .connection: "close", .requestID: requestID,
            ])
        write(head, into: &buffer)
        buffer.writeBuffer(&body)
    }

    /// What to say to bytes that are no request.
    static func refusal(of error: HTTPParserError) -> Problem {
        switch error {
        case .headerOverflow:
            Problem(
                HTTPResponse.Status(code: 431, reasonPhrase: "Request Header Fields Too Large"),
                error: "request_head_too_large", message: "The address or the header fields are too long")
        case .invalidVersion:
            Problem(
                HTTPResponse.Status(code: 505, reasonPhrase: "HTTP Version Not Supported"),
                error: "http_version_not_supported", message: "This server speaks HTTP/1.1")
        default: .badRequest("The request is not valid HTTP")
        }
    }
}
