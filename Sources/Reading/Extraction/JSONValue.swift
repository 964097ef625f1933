import FoundationEssentials

/// Any JSON, for data whose shape its author chose.
enum JSONValue: Decodable {
    case null, bool(Bool), number(Double), string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            // Throws for a string that is none, which only shows when it is read.
            self = .string(try container.decode(String.self))
        }
    }

    init?(parsing text: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    var elements: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The value itself, or each of the values where there are several.
    var each: [JSONValue] { elements ?? [self] }
}
