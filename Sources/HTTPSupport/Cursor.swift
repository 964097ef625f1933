import FoundationEssentials
import NIOCore

/// Where a page ended: the sort keys of its last item, opaque to clients.
///
/// A cursor remembers which order it belongs to, so that it cannot be used on a list sorted otherwise.
public struct Cursor: Sendable, Hashable {
    /// Lists of what was made last, first.
    public static let newest = "newest"

    public let order: String
    private let keys: [JSONValue]

    /// Raised when the encoding changes; older cursors are then refused instead of misread.
    private static let version: JSONValue = 1

    /// - Parameters:
    ///   - order: The name of the list's order, such as ``newest``.
    ///   - keys: The last item's sort keys, ending with its id.
    public init(order: String, keys: [JSONValue]) {
        self.order = order
        self.keys = keys
    }

    /// Reads what ``text`` wrote.
    public init(_ text: String) throws(Problem) {
        guard text.utf8.count <= 4096, let data = Data(base64URL: text),
            let values = try? JSON.decode([JSONValue].self, from: ByteBuffer(bytes: data)),
            values.count >= 2, values[0] == Self.version, case .string(let order) = values[1]
        else { throw Self.refusal }
        self.init(order: order, keys: Array(values.dropFirst(2)))
    }

    /// The URL-safe form.
    public var text: String {
        var json = JSONWriter(capacity: 64)
        json.value(.array([Self.version, .string(order)] + keys))
        return Data(json.buffer.readableBytesView).base64URL
    }

    /// Makes sure that the cursor comes from a list of this order with that many keys.
    public func checked(order: String, keyCount: Int) throws(Problem) -> Cursor {
        guard self.order == order, keys.count == keyCount else { throw Self.refusal }
        return self
    }

    public func integer(at index: Int) throws(Problem) -> Int64 {
        guard keys.indices.contains(index), case .integer(let value) = keys[index] else { throw Self.refusal }
        return value
    }

    public func double(at index: Int) throws(Problem) -> Double {
        guard keys.indices.contains(index) else { throw Self.refusal }
        switch keys[index] {
        case .double(let value): return value
        case .integer(let value): return Double(value)
        default: throw Self.refusal
        }
    }

    public func string(at index: Int) throws(Problem) -> String {
        guard keys.indices.contains(index), case .string(let value) = keys[index] else { throw Self.refusal }
        return value
    }

    private static let refusal = Problem.invalid(["cursor": "must be the next_cursor of a page of this list"])
}

extension Data {
    /// RFC 4648, section 5, without padding. Every page of a list has one: Foundation's text, changed letter by letter,
    /// costs as much as ten bookmarks.
    fileprivate var base64URL: String {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return String(unsafeUninitializedCapacity: (count * 4 + 2) / 3) { text in
            var bits: UInt32 = 0
            var held: UInt32 = 0
            var length = 0
            func put(_ index: UInt32) {
                text[length] = alphabet.utf8Start[Int(index & 63)]
                length += 1
            }
            for byte in self {
                bits = bits << 8 | UInt32(byte)
                held += 8
                while held >= 6 {
                    held -= 6
                    put(bits >> held)
                }
            }
            if held > 0 { put(bits << (6 - held)) }
            return length
        }
    }

    fileprivate init?(base64URL text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        self.init(base64Encoded: standard + padding)
    }
}
