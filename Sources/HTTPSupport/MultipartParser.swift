import NIOCore

/// Reads `multipart/form-data` (RFC 7578) from bytes that come in pieces of any size. Pure: bytes in, events out.
struct MultipartParser {
    enum Event: Equatable {
        case part(MultipartPart)
        case bytes(ByteBuffer)
        case partEnd
    }

    private enum State {
        case preamble
        case afterDelimiter
        case headers
        case body
        case epilogue
    }

    private let limits: MultipartLimits
    /// Every delimiter begins with a line end; the first is given one by starting the input with it.
    private let delimiter: [UInt8]
    private var buffer = ByteBuffer(string: "\r\n")
    private var state = State.preamble
    private var totalBytes = 0
    private var parts = 0
    private var isInputOver = false

    init(boundary: String, limits: MultipartLimits) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
    }

    mutating func feed(_ bytes: ByteBuffer) throws(MultipartFailure) {
        totalBytes += bytes.readableBytes
        guard totalBytes <= limits.totalBytes else { throw .tooLarge(limit: limits.totalBytes) }
        guard state != .epilogue else { return }
        buffer.discardReadBytes()
        buffer.writeImmutableBuffer(bytes)
    }

    mutating func feedEnd() {
        isInputOver = true
    }

    /// The next event, or `nil` where more input is needed or the form is over.
    mutating func next() throws(MultipartFailure) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard skipPreamble() else { return try starved() }
            case .afterDelimiter:
                guard try readDelimiterEnd() else { return try starved() }
            case .headers:
                guard let part = try readHeaders() else { return try starved() }
                return .part(part)
            case .body:
                guard let event = readBody() else { return try starved() }
                return event
            case .epilogue: return nil
            }
        }
    }

    var isOver: Bool { state == .epilogue }

    private func starved() throws(MultipartFailure) -> Event? {
        if isInputOver { throw .truncated }
        return nil
    }

    private mutating func skipPreamble() -> Bool {
        switch findDelimiter() {
        case .found(let offset):
            buffer.moveReaderIndex(forwardBy: offset + delimiter.count)
            state = .afterDelimiter
            return true
        case .absent(let safe):
            buffer.moveReaderIndex(forwardBy: safe)
            return false
        }
    }

    /// `--` ends the form; otherwise blanks and a line end begin the next part.
    private mutating func readDelimiterEnd() throws(MultipartFailure) -> Bool {
        let view = buffer.readableBytesView
        if view.starts(with: "--".utf8) {
            state = .epilogue
            buffer.clear()
            return true
        }
        let rest = view.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard rest.count >= 2 else {
            guard view.count < limits.headerBytes else { throw .malformedDelimiter }
            return false
        }
        guard rest.starts(with: "\r\n".utf8) else { throw .malformedDelimiter }
        parts += 1
        guard parts <= limits.parts else { throw .tooManyParts(limit: limits.parts) }
        // The line end stays: it makes an empty header block end like any other.
        buffer.moveReaderIndex(forwardBy: view.count - rest.count)
        state = .headers
        return true
    }

    private mutating func readHeaders() throws(MultipartFailure) -> MultipartPart? {
        let view = buffer.readableBytesView.prefix(limits.headerBytes + 4)
        guard let end = view.offset(of: Array("\r\n\r\n".utf8)) else {
            guard view.count < limits.headerBytes + 4 else { throw .headerTooLarge(limit: limits.headerBytes) }
            return nil
        }
        let text = String(decoding: view.prefix(end), as: UTF8.self)
        let part = try MultipartPart(headerLines: text.split(separator: "\r\n"))
        buffer.moveReaderIndex(forwardBy: end + 2)
        // The blank line's end stays: it makes an empty body end with a delimiter like any other.
        bodyBegins = true
        state = .body
        return part
    }

    private var bodyBegins = false

    private mutating func readBody() -> Event? {
        switch findDelimiter() {
        case .found(let offset):
            if offset > 0, let event = takeBody(offset) { return event }
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            state = .afterDelimiter
            bodyBegins = false
            return .partEnd
        case .absent(let safe):
            return takeBody(safe)
        }
    }

    private mutating func takeBody(_ count: Int) -> Event? {
        var count = count
        if bodyBegins, count >= 2 {
            buffer.moveReaderIndex(forwardBy: 2)
            count -= 2
            bodyBegins = false
        }
        guard !bodyBegins, count > 0, let slice = buffer.readSlice(length: count) else { return nil }
        return .bytes(slice)
    }

    private enum Search {
        case found(Int)
        /// Not here, and the first `safe` bytes cannot be part of one either.
        case absent(safe: Int)
    }

    private func findDelimiter() -> Search {
        buffer.withUnsafeReadableBytes { bytes in
            var start = 0
            while let candidate = bytes[start...].firstIndex(of: UInt8(ascii: "\r")) {
                let rest = bytes[candidate...]
                if rest.count < delimiter.count {
                    if delimiter.starts(with: rest) { return .absent(safe: candidate) }
                } else if rest.starts(with: delimiter) {
                    return .found(candidate)
                }
                start = candidate + 1
            }
            return .absent(safe: bytes.count)
        }
    }
}

/// How much of a form is taken.
public struct MultipartLimits: Sendable, Equatable {
    public var parts: Int
    /// Of one part.
    public var headerBytes: Int
    /// Of the whole body.
    public var totalBytes: Int

    public init(parts: Int = 100, headerBytes: Int = 16 * 1024, totalBytes: Int = 64 * 1024 * 1024) {
        self.parts = parts
        self.headerBytes = headerBytes
        self.totalBytes = totalBytes
    }
}

extension ByteBufferView {
    fileprivate func offset(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[(startIndex + $0)...].starts(with: pattern) }
    }
}
