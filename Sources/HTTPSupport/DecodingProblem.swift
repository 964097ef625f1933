/// What a decoding failure means to whoever sent the JSON: the field by its path, and what it must be.
struct DecodingProblem {
    let problem: Problem

    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(let type, let context):
            problem = Self.field(context.codingPath, Self.expectation(type))
        case .valueNotFound(let type, let context):
            problem = Self.field(context.codingPath, Self.expectation(type) + ", not null")
        case .keyNotFound(let key, let context):
            problem = Self.field(context.codingPath + [key], "is required")
        case .dataCorrupted(let context):
            let rule = context.underlyingError as? FieldRule
            problem = Self.field(context.codingPath, rule?.words ?? "is not valid")
        @unknown default:
            problem = .badRequest("The request body is not what was expected")
        }
    }

    private static func field(_ path: [any CodingKey], _ words: String) -> Problem {
        let name = describe(path)
        return name.isEmpty ? .badRequest("The request body \(words)") : .invalid([name: words])
    }

    /// `items[0].name`
    private static func describe(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    private static func expectation(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "must be text"
        case is Bool.Type: "must be true or false"
        case is any BinaryInteger.Type: "must be a whole number"
        case is any BinaryFloatingPoint.Type: "must be a number"
        case is any JSONObjectShape.Type: "must be an object"
        case is any JSONListShape.Type: "must be a list"
        default: "has the wrong type"
        }
    }
}

/// Thrown by the initialisers of domain values while they are decoded: what the field must be, in words
/// that follow its name ("must be a web address").
public struct FieldRule: Error, Equatable {
    public var words: String
    public init(_ words: String) { self.words = words }
}

extension DecodingError {
    /// Reports a broken ``FieldRule`` at the place the decoder has reached.
    public static func rule(_ words: String, at decoder: any Decoder) -> DecodingError {
        .dataCorrupted(
            Context(codingPath: decoder.codingPath, debugDescription: words, underlyingError: FieldRule(words)))
    }
}

private protocol JSONObjectShape {}
private protocol JSONListShape {}
extension Dictionary: JSONObjectShape {}
extension Array: JSONListShape {}
