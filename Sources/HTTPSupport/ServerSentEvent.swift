import NIOCore

/// One event of a `text/event-stream`.
public struct ServerSentEvent: Sendable, Equatable {
    /// What the client sends back as `Last-Event-ID` when it reconnects.
    public var id: String?
    /// The kind of event; clients take none as `message`.
    public var event: String?
    /// Any text; its lines are kept.
    public var data: String

    public init(id: String? = nil, event: String? = nil, data: String) {
        self.id = id
        self.event = event
        self.data = data
    }

    /// An event whose data is JSON.
    public init(id: String? = nil, event: String? = nil, json: some Encodable) throws {
        self.init(id: id, event: event, data: String(buffer: try JSON.encode(json)))
    }

    func write(into buffer: inout ByteBuffer) {
        if let id { writeField("id: ", Self.singleLine(id), into: &buffer) }
        if let event { writeField("event: ", Self.singleLine(event), into: &buffer) }
        // "\r\n" is one Character, so all three line ends of the format count as one each.
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: Self.isLineEnd) {
            writeField("data: ", line, into: &buffer)
        }
        buffer.writeStaticString("\n")
    }

    private func writeField(_ name: StaticString, _ value: Substring, into buffer: inout ByteBuffer) {
        buffer.writeStaticString(name)
        buffer.writeSubstring(value)
        buffer.writeStaticString("\n")
    }

    private static func isLineEnd(_ character: Character) -> Bool {
        character == "\n" || character == "\r" || character == "\r\n"
    }

    private static func singleLine(_ text: String) -> Substring {
        text.prefix { !isLineEnd($0) && $0 != "\0" }
    }
}
