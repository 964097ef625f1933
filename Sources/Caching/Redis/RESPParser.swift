import NIOCore

/// Reads answers in Redis' protocol (RESP2), byte by byte as they arrive.
///
/// What is complete is taken from the buffer at once, so that a long answer in many pieces is looked at once.
struct RESPParser {
    struct Limits {
        /// A header or simple string; Redis' own are below 64 KiB.
        var lineBytes = 64 * 1024
        var stringBytes = 64 * 1024 * 1024
        /// Of one answer, over all its arrays.
        var elements = 1024 * 1024
        var depth = 8
    }

    enum Violation: Error, Equatable {
        case unknownType(UInt8)
        case badNumber
        case missingLineEnd
        case lineTooLong
        case stringTooLong
        case tooManyElements
        case tooDeep
    }

    private struct OpenArray {
        var missing: Int
        var elements: [RedisValue] = []
    }

    private let limits: Limits
    private var openArrays: [OpenArray] = []
    private var elementsClaimed = 0
    private var pendingString: Int?

    init(limits: Limits = Limits()) { self.limits = limits }

    /// The next whole answer; nil where more bytes are needed.
    mutating func next(from buffer: inout ByteBuffer) throws(Violation) -> RedisValue? {
        while let value = try item(from: &buffer) {
            if let answer = close(with: value) {
                elementsClaimed = 0
                return answer
            }
        }
        return nil
    }

    /// One value, or nil where it is not there yet; the beginning of an array is kept and goes on.
    private mutating func item(from buffer: inout ByteBuffer) throws(Violation) -> RedisValue? {
        while true {
            if let length = pendingString { return try string(of: length, from: &buffer) }
            guard let line = try line(from: &buffer) else { return nil }
            guard let type = line.first else { throw .unknownType(UInt8(ascii: "\r")) }
            let rest = line.dropFirst()
            switch type {
            case UInt8(ascii: "+"): return .string(ByteBuffer(bytes: rest))
            case UInt8(ascii: "-"): return .refusal(RedisRefusal(message: String(decoding: rest, as: UTF8.self)))
            case UInt8(ascii: ":"): return .integer(try Self.number(rest))
            case UInt8(ascii: "$"):
                let length = try Self.number(rest)
                if length == -1 { return .null }
                guard length >= 0 else { throw .badNumber }
                guard length <= limits.stringBytes else { throw .stringTooLong }
                pendingString = Int(length)
            case UInt8(ascii: "*"):
                if let value = try open(count: try Self.number(rest)) { return value }
            default: throw .unknownType(type)
            }
        }
    }

    /// Begins an array; one without elements is a value already.
    private mutating func open(count: Int64) throws(Violation) -> RedisValue? {
        if count == -1 { return .null }
        if count == 0 { return .array([]) }
        guard count > 0 else { throw .badNumber }
        guard count <= limits.elements - elementsClaimed else { throw .tooManyElements }
        guard openArrays.count < limits.depth else { throw .tooDeep }
        elementsClaimed += Int(count)
        openArrays.append(OpenArray(missing: Int(count)))
        return nil
    }

    /// Puts a value where it belongs; returns the answer that is whole with it.
    private mutating func close(with value: RedisValue) -> RedisValue? {
        var value = value
        while !openArrays.isEmpty {
            let last = openArrays.count - 1
            openArrays[last].elements.append(value)
            openArrays[last].missing -= 1
            if openArrays[last].missing > 0 { return nil }
            value = .array(openArrays.removeLast().elements)
        }
        return value
    }

    private mutating func string(of length: Int, from buffer: inout ByteBuffer) throws(Violation) -> RedisValue? {
        guard buffer.readableBytes >= length + 2 else { return nil }
        guard let bytes = buffer.readSlice(length: length), buffer.readInteger(as: UInt16.self) == Self.lineEnd else {
            throw .missingLineEnd
        }
        pendingString = nil
        return .string(bytes)
    }

    private static let lineEnd: UInt16 = 0x0D0A

    private func line(from buffer: inout ByteBuffer) throws(Violation) -> ByteBufferView? {
        let view = buffer.readableBytesView
        guard let end = view.prefix(limits.lineBytes + 2).firstIndex(of: UInt8(ascii: "\r")) else {
            guard view.count <= limits.lineBytes else { throw .lineTooLong }
            return nil
        }
        guard end + 1 < view.endIndex else { return nil }
        guard view[end + 1] == UInt8(ascii: "\n") else { throw .missingLineEnd }
        buffer.moveReaderIndex(to: end + 2)
        return view[view.startIndex..<end]
    }

    private static func number(_ digits: ByteBufferView) throws(Violation) -> Int64 {
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { throw .badNumber }
        return number
    }
}
