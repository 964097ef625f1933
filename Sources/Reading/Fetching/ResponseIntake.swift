import NIOCore
import NIOHTTP1

/// What one request brought back: a redirect, or a page's bytes.
struct WireResponse: Sendable {
    let status: Int
    let headers: HTTPHeaders
    var mediaType = ""
    var body: [UInt8] = []
    var isTruncated = false

    private static let redirectStatuses: Set<Int> = [301, 302, 303, 307, 308]

    var isRedirect: Bool { Self.redirectStatuses.contains(status) }
}

/// Decides, while a response arrives, whether to read on. Knows nothing of channels.
struct ResponseIntake {
    enum Step {
        case readOn
        case complete(WireResponse)
    }

    private let maxBytes: Int
    private var response: WireResponse?
    private var decoder = BodyDecoder.identity
    private var isKindKnown = false

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    /// Redirects and refusals need no body.
    mutating func begin(_ head: HTTPResponseHead) throws(FetchFailure) -> Step {
        let response = WireResponse(status: Int(head.status.code), headers: head.headers)
        self.response = response
        if response.isRedirect { return .complete(response) }
        guard (200..<300).contains(response.status), ![204, 205].contains(response.status) else {
            throw FetchFailure(.httpStatus(response.status), retryAfter: RetryAfter.read(head.headers))
        }
        decoder = try BodyDecoder(contentEncoding: head.headers[canonicalForm: "content-encoding"])
        return .readOn
    }

    mutating func take(_ chunk: ByteBuffer) throws(FetchFailure) -> Step {
        guard var response else { return .readOn }
        self.response = nil
        defer { self.response = response }
        let decoder = decoder
        let limit = maxBytes
        let outcome = chunk.withUnsafeReadableBytes { bytes in
            Result { () throws(FetchFailure) in
                try decoder.decode(bytes, into: &response.body, limit: limit)
            }
        }
        try outcome.get()
        guard response.body.count >= MediaType.sniffLength else { return .readOn }
        return try decideOnKind(&response)
    }

    /// - Parameter isWhole: Whether the response ended as announced. The text of one that did not
    ///   is kept, as browsers do; half a file of another kind is of no use.
    mutating func end(isWhole: Bool) throws(FetchFailure) -> Step {
        guard var response else { throw FetchFailure(.badResponse) }
        try decoder.finish(into: &response.body, limit: maxBytes)
        recogniseKind(&response)
        if !isWhole {
            guard !response.body.isEmpty, MediaType.isText(response.mediaType) else {
                throw FetchFailure(.badResponse)
            }
            response.isTruncated = true
        }
        return .complete(response)
    }

    private mutating func decideOnKind(_ response: inout WireResponse) throws(FetchFailure) -> Step {
        guard !isKindKnown else { return .readOn }
        isKindKnown = true
        recogniseKind(&response)
        guard MediaType.isReadInFull(response.mediaType) else {
            response.isTruncated = true
            return .complete(response)
        }
        // Known to be too large: no need to load ten megabytes first.
        let announced = response.headers.first(name: "content-length").flatMap(Int.init) ?? 0
        guard announced <= maxBytes else { throw FetchFailure(.tooLarge) }
        return .readOn
    }

    private func recogniseKind(_ response: inout WireResponse) {
        let declared = response.headers.first(name: "content-type").flatMap(MediaType.essence)
        response.mediaType = MediaType.recognise(declared: declared, start: response.body)
    }
}
