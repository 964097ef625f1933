/// Whether an element is shown, judged by its own attributes.
enum Visibility {
    static func isHidden(_ id: NodeID, in document: HTMLDocument) -> Bool {
        for index in document.attributeRange(id) {
            let attribute = document.attributes[index]
            switch attribute.name {
            case .hidden: return true
            case .style where hides(document.value(attribute)): return true
            case .ariaHidden where document.value(attribute) == "true":
                // Wikipedia's formulas are pictures hidden from screen readers only.
                if document.attribute(.class, id)?.contains("fallback-image") != true { return true }
            case .ariaModal where document.value(attribute) == "true":
                if document.attribute(.role, id, is: "dialog") { return true }
            default: break
            }
        }
        return false
    }

    private static func hides(_ style: String) -> Bool {
        guard style.utf8.contains(UInt8(ascii: ":")) else { return false }
        var display = Substring()
        var visibility = Substring()
        for declaration in style.lowercased().split(separator: ";") {
            let parts = declaration.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].split { $0 == " " || $0 == "!" }.first ?? ""
            switch UTF8Text.trimmed(String(parts[0])) {
            case "display": display = value
            case "visibility": visibility = value
            default: break
            }
        }
        return display == "none" || visibility == "hidden"
    }
}
