enum CharacterReferences {
    private static let named: [Substring: Character] = [
        "quot": "\"", "amp": "&", "apos": "'", "lt": "<", "gt": ">",
    ]

    /// Replaces the five named references and all numeric ones by their characters, once.
    static func decoded(_ text: String) -> String {
        guard text.contains("&") else { return text }
        return numeric(replaced(text) { named[$0].map(String.init) })
    }

    private static func numeric(_ text: String) -> String {
        guard text.contains("&#") else { return text }
        return replaced(text, character)
    }

    private static func character(_ reference: Substring) -> String? {
        guard reference.first == "#" else { return nil }
        let digits = reference.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        let body = isHex ? digits.dropFirst() : digits
        guard !body.isEmpty, body.allSatisfy({ isHex ? $0.isHexDigit : $0.isASCII && $0.isNumber }) else { return nil }
        let value = UInt32(body, radix: isHex ? 16 : 10) ?? .max
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        return String(Character(scalar ?? "\u{FFFD}"))
    }

    private static func replaced(_ text: String, _ meaning: (Substring) -> String?) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            rest = rest[start...]
            let window = rest.prefix(40)
            if let end = window.firstIndex(of: ";"), let value = meaning(window[window.index(after: start)..<end]) {
                result += value
                rest = rest[rest.index(after: end)...]
            } else {
                result += "&"
                rest = rest.dropFirst()
            }
        }
        return result + rest
    }
}
