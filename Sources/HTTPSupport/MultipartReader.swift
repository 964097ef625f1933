import HTTPTypes
import Hummingbird
import NIOCore

/// Reads an uploaded form part by part, without ever holding a whole file.
///
///     var form = try MultipartReader(request)
///     while let part = try await form.nextPart() {
///         while let chunk = try await form.nextChunk() { … }
///     }
public struct MultipartReader {
    private var parser: MultipartParser
    private var input: RequestBody.AsyncIterator
    private var isInsidePart = false

    /// - Throws: A 415 where the request carries no form, a 413 where it announces too much.
    public init(_ request: Request, limits: MultipartLimits = MultipartLimits()) throws(Problem) {
        let type = HeaderParameters(request.headers[.contentType] ?? "")
        // RFC 2046 allows 70 characters; a little more does no harm.
        guard type.value == "multipart/form-data", let boundary = type["boundary"],
            (1...200).contains(boundary.utf8.count)
        else { throw MultipartFailure.notMultipart.problem }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.totalBytes {
            throw .contentTooLarge(limit: limits.totalBytes)
        }
        parser = MultipartParser(boundary: boundary, limits: limits)
        input = request.body.makeAsyncIterator()
    }

    /// The next part, past what is left of the one before; `nil` at the end of the form.
    public mutating func nextPart() async throws(Problem) -> MultipartPart? {
        while let event = try await nextEvent() {
            if case .part(let part) = event {
                isInsidePart = true
                return part
            }
        }
        return nil
    }

    /// The next bytes of the part reached last; `nil` at its end.
    public mutating func nextChunk() async throws(Problem) -> ByteBuffer? {
        guard isInsidePart else { return nil }
        if case .bytes(let bytes) = try await nextEvent() { return bytes }
        isInsidePart = false
        return nil
    }

    /// The rest of a plain field as text.
    ///
    /// - Parameter limit: In bytes; more is a 400 naming the field.
    public mutating func text(of part: MultipartPart, limit: Int = 64 * 1024) async throws(Problem) -> String {
        var content = ByteBuffer()
        while var chunk = try await nextChunk() {
            content.writeBuffer(&chunk)
            guard content.readableBytes <= limit else {
                throw MultipartFailure.fieldTooLarge(name: part.name, limit: limit).problem
            }
        }
        return String(buffer: content)
    }

    private mutating func nextEvent() async throws(Problem) -> MultipartParser.Event? {
        do throws(MultipartFailure) {
            while true {
                if let event = try parser.next() { return event }
                if parser.isOver { return nil }
                if let bytes = try await receive() { try parser.feed(bytes) } else { parser.feedEnd() }
            }
        } catch {
            throw error.problem
        }
    }

    private mutating func receive() async throws(MultipartFailure) -> ByteBuffer? {
        do {
            return try await input.next()
        } catch {
            throw .truncated
        }
    }
}
