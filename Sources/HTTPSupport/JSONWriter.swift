import FoundationEssentials
import NIOCore

/// Writes JSON straight into a byte buffer, for the answers asked for most often.
///
/// Several times faster than `JSONEncoder`, and as strict: strings are escaped as RFC 8259 wants,
/// and a number that JSON cannot express becomes `null`. The caller keeps objects and arrays balanced
/// by writing them through the closures.
public struct JSONWriter {
    public private(set) var buffer: ByteBuffer
    /// Whether the next value or name follows another one at the same level.
    private var needsComma = false

    /// - Parameter capacity: Bytes set aside at the start; the buffer grows by itself.
    public init(capacity: Int = 1024) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    // MARK: Structure

    @inlinable
    public mutating func object<E: Error>(_ members: (inout JSONWriter) throws(E) -> Void) throws(E) {
        open(UInt8(ascii: "{"))
        try members(&self)
        close(UInt8(ascii: "}"))
    }

    @inlinable
    public mutating func array<E: Error>(_ elements: (inout JSONWriter) throws(E) -> Void) throws(E) {
        open(UInt8(ascii: "["))
        try elements(&self)
        close(UInt8(ascii: "]"))
    }

    /// The name of the next member. Written as it stands: it must need no escaping.
    public mutating func name(_ name: StaticString) {
        buffer.writeJSONName(name, afterComma: needsComma)
        needsComma = false
    }

    /// The name of the next member, where it is known only at run time.
    public mutating func name(escaping name: String) {
        string(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: Values

    public mutating func string(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { buffer.writeJSONString(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    public mutating func string(_ text: Substring) {
        separate()
        var text = text
        text.withUTF8 { buffer.writeJSONString(UnsafeRawBufferPointer($0)) }
        needsComma = true
    }

    public mutating func integer(_ number: Int64) {
        separate()
        buffer.writeDecimal(number)
        needsComma = true
    }

    public mutating func integer(_ number: Int) {
        integer(Int64(number))
    }

    public mutating func double(_ number: Double) {
        guard number.isFinite else { return null() }
        separate()
        buffer.writeString(number.description)
        needsComma = true
    }

    public mutating func bool(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
        needsComma = true
    }

    public mutating func null() {
        separate()
        buffer.writeStaticString("null")
        needsComma = true
    }

    /// A moment as `2026-01-02T03:04:05.123456Z`.
    public mutating func date(_ date: Date) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        Timestamp.write(date, into: &buffer)
        buffer.writeInteger(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A value that is JSON already, such as a stored document. The caller vouches for it.
    public mutating func raw(_ json: String) {
        separate()
        buffer.writeString(json)
        needsComma = true
    }

    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .double(let value): double(value)
        case .string(let value): string(value)
        case .array(let values): array { json in for value in values { json.value(value) } }
        case .object(let members):
            object { json in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                    json.name(escaping: name)
                    json.value(value)
                }
            }
        }
    }

    @usableFromInline
    mutating func open(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    @usableFromInline
    mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
    }
}

// MARK: - Members

/// One line a member: `json.member("title", bookmark.title)`. An absent value is written as `null`.
extension JSONWriter {
    public mutating func member(_ name: StaticString, _ text: String?) {
        self.name(name)
        if let text { string(text) } else { null() }
    }

    public mutating func member(_ name: StaticString, _ number: Int64?) {
        self.name(name)
        if let number { integer(number) } else { null() }
    }

    public mutating func member(_ name: StaticString, _ number: Int?) {
        member(name, number.map(Int64.init))
    }

    public mutating func member(_ name: StaticString, _ number: Double?) {
        self.name(name)
        if let number { double(number) } else { null() }
    }

    public mutating func member(_ name: StaticString, _ value: Bool?) {
        self.name(name)
        if let value { bool(value) } else { null() }
    }

    public mutating func member(_ name: StaticString, _ date: Date?) {
        self.name(name)
        if let date { self.date(date) } else { null() }
    }

    public mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        array { json in for text in texts { json.string(text) } }
    }
}
