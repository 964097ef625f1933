import Foundation
import HTTPSupport
import HTTPTypes
import TestSupport
import Yams

/// The description of the API, `api/openapi.yaml`, and what an answer breaks of it.
struct Contract: Sendable {
    static let shared = Result { try Contract(try String(contentsOf: Checkout.apiDescription, encoding: .utf8)) }

    private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

    private let document: JSONValue

    init(_ yaml: String) throws {
        document = try YAMLDecoder().decode(JSONValue.self, from: yaml)
    }

    struct Operation: Sendable {
        let method: String
        let template: String
        let description: JSONValue

        /// Whether strangers may ask.
        var isOpen: Bool { description["security"]?.list?.isEmpty == true }
    }

    /// In no order.
    var operations: [Operation] {
        (document["paths"]?.members ?? [:]).flatMap { template, path in
            path.members.filter { Self.methods.contains($0.key) }.map {
                Operation(method: $0.key.uppercased(), template: template, description: $0.value)
            }
        }
    }

    func operation(_ method: HTTPRequest.Method, _ path: String) -> Operation? {
        // `/api/v1` is another name of `/api`.
        let parts = path.replacing("/api/v1/", with: "/api/").prefix { $0 != "?" }.split(separator: "/")
        let matching = operations.filter { $0.method == method.rawValue && $0.matches(parts) }
        return matching.min { $0.parameters < $1.parameters }
    }

    /// What is wrong with an answer: another shape than described, or a refusal that is no problem.
    func violations(of answer: Answer, to method: HTTPRequest.Method, _ path: String) -> [String] {
        let described = operation(method, path)?.description["responses"]?[String(answer.status.code)].map(resolved)
        guard let described else {
            guard answer.status.code >= 400 else { return ["the status \(answer.status.code) is not described"] }
            return violations(of: answer.json, against: reference("Problem"), at: "problem")
        }
        guard let content = described["content"]?.members else { return [] }
        let type = String((answer.headers[.contentType] ?? "").prefix { $0 != ";" })
        guard let media = content[type] else { return ["\(type) is not described"] }
        guard type == "application/json", let schema = media["schema"] else { return [] }
        return violations(of: answer.json, against: schema, at: "answer")
    }

    private func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let path = value["$ref"]?.text else { return value }
        return path.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    // MARK: - The part of JSON Schema that the description uses

    private func violations(of value: JSONValue, against schema: JSONValue, at place: String) -> [String] {
        let schema = resolved(schema)
        if let choices = schema["oneOf"]?.list {
            let fits = choices.contains { violations(of: value, against: $0, at: place).isEmpty }
            return fits ? [] : ["\(place) is none of what it may be"]
        }
        var found: [String] = []
        if let expected = types(schema), !expected.contains(where: value.isOfType) {
            found.append("\(place) is no \(expected)")
        }
        if let cases = schema["enum"]?.list, !cases.contains(value) {
            found.append("\(place) is \(value), not one of \(cases)")
        }
        if let constant = schema["const"], constant != value { found.append("\(place) is not \(constant)") }
        if case .array(let elements) = value, let element = schema["items"] {
            found += elements.flatMap { violations(of: $0, against: element, at: place + "[]") }
        }
        if case .object(let members) = value { found += violations(of: members, against: schema, at: place) }
        return found
    }

    private func violations(of members: [String: JSONValue], against schema: JSONValue, at place: String) -> [String] {
        let parts = (schema["allOf"]?.list ?? [schema]).map(resolved)
        let missing = parts.flatMap { $0["required"]?.list ?? [] }.compactMap(\.text).filter { members[$0] == nil }
        var found = missing.map { "\(place).\($0) is missing" }
        let isClosed = parts.contains { $0["properties"] != nil }
        for (name, member) in members {
            let described = parts.compactMap { $0["properties"]?[name] }
            found += described.flatMap { violations(of: member, against: $0, at: "\(place).\(name)") }
            guard described.isEmpty else { continue }
            if let other = parts.compactMap({ $0["additionalProperties"] }).first {
                found += violations(of: member, against: other, at: "\(place).\(name)")
            } else if isClosed {
                found.append("\(place).\(name) is not described")
            }
        }
        return found
    }

    private func types(_ schema: JSONValue) -> [String]? {
        if let type = schema["type"]?.text { return [type] }
        // An unquoted null in the list is read as null.
        return schema["type"]?.list?.map { $0.text ?? "null" }
    }
}

extension Contract.Operation {
    var parameters: Int { template.split(separator: "/").count { $0.hasPrefix("{") } }

    func matches(_ parts: [Substring]) -> Bool {
        let elements = template.split(separator: "/")
        return elements.count == parts.count && zip(elements, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}

extension JSONValue {
    fileprivate func isOfType(_ type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .double: type == "number"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
