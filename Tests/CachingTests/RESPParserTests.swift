import NIOCore
import Testing

@testable import Caching

@Suite("Redis' protocol")
struct RESPParserTests {
    private static let answers: [(String, RedisValue)] = [
        ("+OK\r\n", .string(ByteBuffer(string: "OK"))),
        ("+\r\n", .string(ByteBuffer())),
        (":-42\r\n", .integer(-42)),
        ("$5\r\nhello\r\n", .string(ByteBuffer(string: "hello"))),
        ("$4\r\na\r\nb\r\n", .string(ByteBuffer(string: "a\r\nb"))),
        ("$0\r\n\r\n", .string(ByteBuffer())),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("-ERR no such thing\r\n", .refusal(RedisRefusal(message: "ERR no such thing"))),
        (
            "*3\r\n:1\r\n*2\r\n+a\r\n$-1\r\n*0\r\n",
            .array([.integer(1), .array([.string(ByteBuffer(string: "a")), .null]), .array([])])
        ),
    ]

    @Test("every kind of answer is read", arguments: answers)
    func kinds(_ wire: String, _ expected: RedisValue) throws {
        var parser = RESPParser()
        var bytes = ByteBuffer(string: wire)
        #expect(try parser.next(from: &bytes) == expected)
        #expect(bytes.readableBytes == 0)
    }

    @Test("answers that arrive byte by byte are the same", arguments: answers)
    func piecemeal(_ wire: String, _ expected: RedisValue) throws {
        var parser = RESPParser()
        var bytes = ByteBuffer()
        var found: [RedisValue] = []
        for byte in wire.utf8 {
            bytes.writeInteger(byte)
            while let value = try parser.next(from: &bytes) { found.append(value) }
        }
        #expect(found == [expected])
    }

    @Test("answers that arrive together are told apart")
    func pipelined() throws {
        var parser = RESPParser()
        var bytes = ByteBuffer(string: Self.answers.map(\.0).joined() + "$3\r\nab")
        for (_, expected) in Self.answers { #expect(try parser.next(from: &bytes) == expected) }
        #expect(try parser.next(from: &bytes) == nil)
    }

    @Test(
        "what is no answer is refused",
        arguments: [
            ("?what\r\n", RESPParser.Violation.unknownType(UInt8(ascii: "?"))),
            ("\r\n", .unknownType(UInt8(ascii: "\r"))),
            (":12a\r\n", .badNumber), ("$-2\r\n", .badNumber), ("*-7\r\n", .badNumber), ("$\r\n", .badNumber),
            ("+OK\rX", .missingLineEnd), ("$2\r\nabXY", .missingLineEnd),
            ("+" + String(repeating: "x", count: 100), .lineTooLong),
            ("$101\r\n", .stringTooLong), ("*11\r\n", .tooManyElements), ("*6\r\n*6\r\n", .tooManyElements),
            ("*1\r\n*1\r\n*1\r\n*1\r\n", .tooDeep), ("$9223372036854775808\r\n", .badNumber),
        ])
    func violations(_ wire: String, _ expected: RESPParser.Violation) {
        var parser = RESPParser(limits: .init(lineBytes: 50, stringBytes: 100, elements: 10, depth: 3))
        var bytes = ByteBuffer(string: wire)
        #expect(throws: expected) { while try parser.next(from: &bytes) != nil {} }
    }

    @Test("answers find who waits for them, in order and by the batch")
    func awaited() {
        var awaited = AwaitedAnswers<String>()
        let now = ContinuousClock.now
        awaited.append("first", answers: 2, deadline: now + .seconds(1))
        awaited.append("second", answers: 1, deadline: now + .seconds(3))
        awaited.append("third", answers: 1, deadline: now + .seconds(5))
        guard case .more = awaited.take(.integer(1)),
            case .complete("first", [.integer(1), .integer(2)]) =
                awaited.take(.integer(2))
        else {
            Issue.record("the first batch is not complete")
            return
        }
        #expect(awaited.firstDeadline == now + .seconds(3))
        let given = awaited.giveUp(at: now + .seconds(4))
        #expect(given.map(\.waiting) == ["second", "third"])
        #expect(given.map(\.isLate) == [true, false])
        guard case .nobody = awaited.take(.null) else {
            Issue.record("nobody waits any more")
            return
        }
    }
}
