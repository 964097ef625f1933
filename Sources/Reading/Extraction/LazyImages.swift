/// Gives images that a script would load their address.
enum LazyImages {
    static func fix(in scope: NodeID, of document: inout HTMLDocument) {
        for element in document.descendants(of: scope, [.img, .picture, .figure]) {
            if document.tag(element) == .img {
                if isInlineVector(element, document) { continue }
                removePlaceholder(of: element, &document)
                if hasAddress(element, document), !isMarkedLazy(element, document) { continue }
            }
            takeAddresses(of: element, &document)
        }
    }

    private static func isInlineVector(_ image: NodeID, _ document: HTMLDocument) -> Bool {
        document.attribute(.src, image).flatMap(inlineImage)?.type == "image/svg+xml"
    }

    private static func hasAddress(_ image: NodeID, _ document: HTMLDocument) -> Bool {
        if document.filled(.src, image) != nil { return true }
        return document.filled(.srcset, image).map { $0 != "null" } ?? false
    }

    private static func isMarkedLazy(_ image: NodeID, _ document: HTMLDocument) -> Bool {
        document.attribute(.class, image)?.lowercased().contains("lazy") ?? false
    }

    /// A picture of less than 100 bytes (133 in base64) is a placeholder where another attribute
    /// names the real one.
    private static func removePlaceholder(of image: NodeID, _ document: inout HTMLDocument) {
        guard let inline = document.attribute(.src, image).flatMap(inlineImage), inline.length < 133 else { return }
        let namesAnother = document.attributeRange(image).contains { index in
            let attribute = document.attributes[index]
            return attribute.name != .src && ImageAddress.isMentioned(in: document.valueBytes(attribute))
        }
        if namesAnother { document.removeAttribute(.src, from: image) }
    }

    /// Media type and length of the data of a base64 `data:` address.
    private static func inlineImage(_ address: String) -> (type: String, length: Int)? {
        guard address.lowercased().hasPrefix("data:"), let comma = address.firstIndex(of: ",") else { return nil }
        let header = address[..<comma].dropFirst(5).split(separator: ";").map { UTF8Text.trimmed(String($0)) }
        guard header.count == 2, header[1].lowercased() == "base64" else { return nil }
        return (header[0].lowercased(), address[comma...].utf8.count - 1)
    }

    private static func takeAddresses(of element: NodeID, _ document: inout HTMLDocument) {
        for index in document.attributeRange(element) {
            let attribute = document.attributes[index]
            guard ![.src, .srcset, .alt].contains(attribute.name) else { continue }
            let value = document.valueBytes(attribute)
            if ImageAddress.isSet(value) {
                give(.srcset, document.value(attribute), to: element, &document)
            } else if ImageAddress.isSingle(value) {
                give(.src, document.value(attribute), to: element, &document)
            }
        }
    }

    private static func give(
        _ name: AttributeName, _ address: String, to element: NodeID, _ document: inout HTMLDocument
    ) {
        if document.tag(element) != .figure { return document.setAttribute(name, address, on: element) }
        guard document.firstDescendant(of: element, [.img, .picture]) == nil else { return }
        let image = document.makeElement(.img)
        document.setAttribute(name, address, on: image)
        document.insert(image, into: element)
    }
}
