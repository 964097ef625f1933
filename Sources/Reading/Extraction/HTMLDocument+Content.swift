extension HTMLDocument {
    func textBytes(_ id: NodeID) -> ArraySlice<UInt8> {
        let node = self[id]
        return bytes[Int(node.start)..<Int(node.start + node.count)]
    }

    /// All text below a node, exactly as the page has it.
    func textContent(_ id: NodeID) -> String {
        var collected: [UInt8] = []
        forEachText(in: id) { collected.append(contentsOf: $0) }
        return String(decoding: collected, as: UTF8.self)
    }

    /// The beginning of the text below a node, about `limit` bytes of it.
    func textPrefix(_ id: NodeID, limit: Int) -> String {
        var collected: [UInt8] = []
        var node: NodeID? = id
        while let current = node, collected.count < limit {
            if isText(current) { collected.append(contentsOf: textBytes(current).prefix(limit)) }
            node = following(current, within: id)
        }
        return String(decoding: collected, as: UTF8.self)
    }

    func forEachText(in id: NodeID, _ body: (ArraySlice<UInt8>) -> Void) {
        var node: NodeID? = id
        while let current = node {
            if isText(current) { body(textBytes(current)) }
            node = following(current, within: id)
        }
    }

    func attributeRange(_ id: NodeID) -> Range<Int> {
        let node = self[id]
        guard node.kind == .element else { return 0..<0 }
        return Int(node.start)..<Int(node.start + node.count)
    }

    func valueBytes(_ attribute: Attribute) -> ArraySlice<UInt8> {
        bytes[Int(attribute.start)..<Int(attribute.start + attribute.count)]
    }

    func value(_ attribute: Attribute) -> String { String(decoding: valueBytes(attribute), as: UTF8.self) }

    func has(_ name: AttributeName, _ id: NodeID) -> Bool {
        attributeRange(id).contains { attributes[$0].name == name }
    }

    func attribute(_ name: AttributeName, _ id: NodeID) -> String? {
        for index in attributeRange(id) where attributes[index].name == name {
            return value(attributes[index])
        }
        return nil
    }

    /// The value where it is there and not empty.
    func filled(_ name: AttributeName, _ id: NodeID) -> String? {
        guard let value = attribute(name, id), !value.isEmpty else { return nil }
        return value
    }

    func attribute(_ name: AttributeName, _ id: NodeID, is expected: String) -> Bool {
        for index in attributeRange(id) where attributes[index].name == name {
            return valueBytes(attributes[index]).elementsEqual(expected.utf8)
        }
        return false
    }

    func hasText(_ id: NodeID) -> Bool { measure(ofMeasured: id).units > 0 }

    /// Whether a text node is nothing but white space.
    func isBlank(_ id: NodeID) -> Bool { !UTF8Text.hasContent(textBytes(id)) }

    /// Visible text with runs of white space folded into one space.
    func foldedText(_ id: NodeID) -> String { UTF8Text.folded(textContent(id)) }
}
