/// A query parameter in a site's rule: a name, `name*` for any ending, or `name=value` for that
/// value alone.
struct ParameterRule: Sendable, ExpressibleByStringLiteral {
    private let name: String
    private let value: String?
    private let isBeginning: Bool

    init(stringLiteral text: String) {
        isBeginning = text.hasSuffix("*")
        let parts = (isBeginning ? String(text.dropLast()) : text).split(separator: "=", maxSplits: 1)
        name = String(parts[0])
        value = parts.count == 2 ? String(parts[1]) : nil
    }

    func accepts(_ item: AddressParts.QueryItem) -> Bool {
        if isBeginning { return item.name.utf8.starts(with: name.utf8) }
        return item.name == name && (value == nil || value == item.value)
    }
}
