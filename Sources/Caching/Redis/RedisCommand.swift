import NIOCore

/// One command as it is sent: its name and arguments, any of which may hold any bytes.
public struct RedisCommand: Sendable {
    /// One word of a command; a literal is text.
    public enum Argument: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        case text(String)
        case bytes(ByteBuffer)

        public init(stringLiteral value: String) { self = .text(value) }

        /// A number in decimal digits.
        public static func number(_ number: some BinaryInteger) -> Argument { .text(String(number)) }

        /// A time as Redis takes it: whole milliseconds, at least one.
        public static func milliseconds(_ duration: Duration) -> Argument {
            let count: Double = max(1, duration / .milliseconds(1))
            return .number(Int64(count.rounded()))
        }
    }

    let arguments: [Argument]
    /// What decides which server of a cluster it goes to.
    let key: String?

    /// - Parameter key: the command's key, or one of them; all keys of a command share a slot.
    public init(_ arguments: Argument..., key: String? = nil) {
        self.arguments = arguments
        self.key = key
    }

    /// Runs a script on the server, in one step that nothing comes between.
    public static func script(_ source: String, keys: [String], _ arguments: [Argument]) -> RedisCommand {
        RedisCommand(
            ["EVAL", .text(source), .number(keys.count)] + keys.map(Argument.text) + arguments, key: keys.first)
    }

    init(_ arguments: [Argument], key: String? = nil) {
        self.arguments = arguments
        self.key = key
    }

    func encode(into buffer: inout ByteBuffer) {
        buffer.writeString("*\(arguments.count)\r\n")
        for argument in arguments {
            switch argument {
            case .text(let text):
                buffer.writeString("$\(text.utf8.count)\r\n")
                buffer.writeString(text)
            case .bytes(let bytes):
                buffer.writeString("$\(bytes.readableBytes)\r\n")
                buffer.writeImmutableBuffer(bytes)
            }
            buffer.writeStaticString("\r\n")
        }
    }
}
