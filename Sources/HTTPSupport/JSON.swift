import FoundationEssentials
import NIOCore
import NIOFoundationEssentialsCompat

/// JSON as the API reads and writes it: dates in ISO 8601 with microseconds.
public enum JSON {
    private static let decoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            guard let date = Timestamp.date(text) else {
                throw DecodingError.rule("must be a date such as 2026-01-02T03:04:05Z", at: decoder)
            }
            return date
        }
        return decoder
    }()

    private static let encoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(Timestamp.text(date))
        }
        return encoder
    }()

    public static func encode(_ value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(data: try encoder.encode(value))
    }

    /// Decodes untrusted bytes; every failure is a 400 in words.
    public static func decode<T: Decodable>(_ type: T.Type, from body: ByteBuffer) throws(Problem) -> T {
        let bytes = body.withoutByteOrderMark
        guard bytes.readableBytes > 0 else { throw .badRequest("The request body is empty", error: "invalid_json") }
        try checkSyntax(of: bytes)
        do {
            return try decoder.decode(type, from: Data(buffer: bytes))
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw numberProblem(in: bytes)
        } catch let error as DecodingError {
            throw DecodingProblem(error).problem
        } catch let error as any ProblemConvertible {
            throw error.problem
        } catch let error as FieldRule {
            throw .badRequest("The request body \(error.words)")
        } catch {
            throw .badRequest("The request body is not what was expected")
        }
    }

    private static func checkSyntax(of body: ByteBuffer) throws(Problem) {
        do throws(JSONSyntax.Failure) {
            try body.withUnsafeReadableBytes { bytes throws(JSONSyntax.Failure) in try JSONSyntax.check(bytes) }
        } catch {
            switch error {
            case .tooDeep:
                throw .badRequest(
                    "The request body nests deeper than \(JSONSyntax.maximumDepth) levels", error: "invalid_json")
            case .malformed(let line, let column):
                throw malformed("The request body is not valid JSON", line, column)
            case .brokenEscape(let line, let column):
                throw malformed("The request body holds half a character", line, column)
            }
        }
        guard body.isValidUTF8 else { throw .badRequest("The request body is not valid UTF-8", error: "invalid_json") }
    }

    private static func malformed(_ words: String, _ line: Int, _ column: Int) -> Problem {
        .badRequest(
            "\(words) (line \(line), column \(column))", error: "invalid_json",
            details: ["line": .integer(Int64(line)), "column": .integer(Int64(column))])
    }

    /// The syntax was sound, so a number did not fit the type it was read as. Foundation does not say which.
    private static func numberProblem(in body: ByteBuffer) -> Problem {
        let fields = body.withUnsafeReadableBytes { JSONSyntax.unusualNumbers(in: $0) }
        let named = fields.filter { !$0.isEmpty }
        guard !named.isEmpty else { return .badRequest("A number in the request body is out of range") }
        return .invalid(Dictionary(named.map { ($0, "must be a number in range") }) { first, _ in first })
    }
}

extension ByteBuffer {
    fileprivate var withoutByteOrderMark: ByteBuffer {
        var copy = self
        if readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) { copy.moveReaderIndex(forwardBy: 3) }
        return copy
    }

    fileprivate var isValidUTF8: Bool {
        String(validating: readableBytesView, as: UTF8.self) != nil
    }
}
