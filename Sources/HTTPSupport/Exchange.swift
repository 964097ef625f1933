import HTTPTypes
import NIOHTTP1

/// One request and its answer on a connection: what framing the answer and ending the connection depend on.
struct Exchange: Equatable {
    enum Framing: Equatable {
        /// Nothing follows the head.
        case none
        case length
        case chunked
        /// The body ends with the connection, for clients of HTTP/1.0.
        case untilClose
    }

    /// Unread request bytes worth reading to keep a connection; beyond it, closing is cheaper.
    static let worthDraining = 64 * 1024

    let isHead: Bool
    let speaksChunked: Bool
    /// Whether the decoder takes what follows for another protocol and has stopped.
    let stopsDecoder: Bool
    /// Whether the client holds the body back until it is told to go on.
    let expectsContinue: Bool
    /// Bytes of the body still to come; `nil` where the client does not say.
    private(set) var bytesToCome: Int?
    private(set) var isReceived = false
    private(set) var isAnswered = false
    private(set) var framing: Framing?
    private(set) var closes: Bool
    /// An event stream is over once nobody can be listening.
    private(set) var endsWithInput = false

    init(_ head: HTTPRequestHead) {
        isHead = head.method == .HEAD
        speaksChunked = head.version.minor >= 1
        closes = !head.isKeepAlive
        stopsDecoder = head.method == .CONNECT || Self.offersUpgrade(head.headers)
        expectsContinue = speaksChunked && head.headers.first(name: "expect")?.lowercased() == "100-continue"
        if head.headers.contains(name: "transfer-encoding") {
            bytesToCome = nil
        } else {
            bytesToCome = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        }
    }

    mutating func receive(_ bytes: Int) {
        bytesToCome = bytesToCome.map { $0 - bytes }
    }

    mutating func receiveEnd() { isReceived = true }
    mutating func answerEnded() { isAnswered = true }
    mutating func closeAfterAnswer() { closes = true }

    /// Decides how the answer is framed, and completes its header fields accordingly.
    mutating func begin(_ response: inout HTTPResponse) -> Framing {
        let framing = frame(&response)
        self.framing = framing
        if response.headerFields[.connection]?.lowercased() == "close" { closes = true }
        if framing == .untilClose || !isReceived && (bytesToCome ?? .max) > Self.worthDraining { closes = true }
        endsWithInput = response.headerFields[.contentType]?.hasPrefix("text/event-stream") == true
        if closes {
            response.headerFields[.connection] = "close"
        } else if !speaksChunked {
            response.headerFields[.connection] = "keep-alive"
        }
        return framing
    }

    private func frame(_ response: inout HTTPResponse) -> Framing {
        switch response.status.code {
        case 100..<200, 204:
            response.headerFields[.contentLength] = nil
            response.headerFields[.transferEncoding] = nil
            return .none
        case 304: return .none
        default: break
        }
        response.headerFields[.transferEncoding] = nil
        if isHead { return .none }
        if response.headerFields.contains(.contentLength) { return .length }
        guard speaksChunked else { return .untilClose }
        response.headerFields[.transferEncoding] = "chunked"
        return .chunked
    }

    /// The decoder's own rule: both fields must be there.
    private static func offersUpgrade(_ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
            && headers["upgrade"].contains { !$0.isEmpty }
    }
}
