import CGumbo

/// Markup to ``HTMLDocument``, by the HTML5 algorithm and within ``MarkupLimits``.
struct HTMLParser {
    var limits = MarkupLimits()

    /// Reads a whole page. A page that breaks the parser's budget is read as far as its beginning
    /// goes within it.
    func parse(_ markup: [UInt8]) -> HTMLDocument { parse(markup, asFragment: false) }

    /// Reads a piece of a page's body.
    func parseFragment(_ markup: [UInt8]) -> HTMLDocument { parse(markup, asFragment: true) }

    private func parse(_ markup: [UInt8], asFragment: Bool) -> HTMLDocument {
        var bytes = markup.count > limits.bytes ? Array(markup[..<limits.bytes]) : markup
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        bytes = MarkupTrimmer.trimmed(bytes, limits: limits)
        var length = bytes.count
        var time = limits.parsingNanoseconds
        while length > 0 {
            if let document = tree(of: bytes[..<length], within: time, asFragment: asFragment) { return document }
            length /= 3
            time /= 3
        }
        return HTMLDocument()
    }

    private func tree(of markup: ArraySlice<UInt8>, within time: UInt64, asFragment: Bool) -> HTMLDocument? {
        guard let arena = fuze_gumbo_arena(limits.treeBytes, time) else { return nil }
        defer { fuze_gumbo_arena_free(arena) }
        return markup.withUnsafeBytes { buffer -> HTMLDocument? in
            guard let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
                let output = fuze_gumbo_parse(arena, start, buffer.count, asFragment)
            else { return nil }
            var importer = TreeImporter(limits: limits, capacity: buffer.count)
            importer.importTree(output.pointee.document)
            return importer.document
        }
    }
}

/// Copies the parser's tree into flat arrays, without recursion and no deeper than the limit.
private struct TreeImporter {
    typealias Source = UnsafeMutablePointer<GumboNode>

    private struct Level {
        let children: UnsafeMutablePointer<GumboVector>
        var next = 0
        let target: NodeID
    }

    private let limits: MarkupLimits
    private(set) var document = HTMLDocument()
    private var levels: [Level] = []

    init(limits: MarkupLimits, capacity: Int) {
        self.limits = limits
        document.bytes.reserveCapacity(capacity)
        document.nodes.reserveCapacity(capacity / 40)
    }

    mutating func importTree(_ root: Source) {
        levels = [Level(children: fuze_gumbo_children(root), target: HTMLDocument.root)]
        while let level = levels.last {
            guard level.next < Int(level.children.pointee.length) else {
                levels.removeLast()
                continue
            }
            levels[levels.count - 1].next += 1
            guard let child = level.children.pointee.data[level.next] else { continue }
            add(child.assumingMemoryBound(to: GumboNode.self), to: level.target)
        }
    }

    private mutating func add(_ source: Source, to parent: NodeID) {
        switch source.pointee.type {
        case GUMBO_NODE_ELEMENT, GUMBO_NODE_TEMPLATE: addElement(source, to: parent)
        case GUMBO_NODE_TEXT, GUMBO_NODE_WHITESPACE, GUMBO_NODE_CDATA: addText(source, to: parent)
        case GUMBO_NODE_COMMENT: link(HTMLDocument.Node(kind: .comment), to: parent)
        default: break
        }
    }

    @discardableResult
    private mutating func link(_ node: HTMLDocument.Node, to parent: NodeID) -> NodeID {
        let id = document.append(node)
        document.insert(id, into: parent)
        return id
    }

    private mutating func addText(_ source: Source, to parent: NodeID) {
        guard let text = fuze_gumbo_text(source) else { return }
        let start = document.bytes.count
        let length = append(text)
        if let last = document.lastChild(parent), document.isText(last) {
            document[last].count += Int32(length)
        } else {
            link(HTMLDocument.Node(kind: .text, start: Int32(start), count: Int32(length)), to: parent)
        }
    }

    private mutating func append(_ text: UnsafePointer<CChar>) -> Int {
        let length = fuze_gumbo_length(text)
        text.withMemoryRebound(to: UInt8.self, capacity: length) {
            document.bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: length))
        }
        return length
    }

    private mutating func addElement(_ source: Source, to parent: NodeID) {
        guard let element = fuze_gumbo_element(source) else { return }
        let start = Int32(document.attributes.count)
        var node = HTMLDocument.Node(kind: .element, tag: tag(of: element), start: start)
        if source.pointee.type == GUMBO_NODE_TEMPLATE {
            // Only a declarative shadow root is shown to the reader.
            guard gumbo_get_attribute(&element.pointee.attributes, "shadowrootmode") != nil else { return }
            node.tag = .div
        }
        addAttributes(element, to: &node)
        let id = link(node, to: parent)
        let target = levels.count > limits.depth ? parent : id
        levels.append(Level(children: fuze_gumbo_children(source), target: target))
    }

    private mutating func addAttributes(
        _ element: UnsafeMutablePointer<GumboElement>, to node: inout HTMLDocument.Node
    ) {
        let list = element.pointee.attributes
        var classRange: Range<Int>?
        var idRange: Range<Int>?
        for index in 0..<min(Int(list.length), limits.attributes) {
            guard let pointer = list.data[index] else { continue }
            let source = pointer.assumingMemoryBound(to: GumboAttribute.self)
            guard let name = source.pointee.name, let value = source.pointee.value else { continue }
            let start = document.bytes.count
            let length = append(value)
            let known = AttributeName(named: String(cString: name))
            document.attributes.append(
                HTMLDocument.Attribute(name: known, start: Int32(start), count: Int32(length)))
            node.count += 1
            if known == .class { classRange = start..<(start + length) }
            if known == .id { idRange = start..<(start + length) }
        }
        let isHTML = node.tag != .svg && node.tag != .foreign
        node.traits = ElementTraits(
            classValue: isHTML ? classRange.map { document.bytes[$0] } : nil,
            idValue: idRange.map { document.bytes[$0] })
    }

    private func tag(of element: UnsafeMutablePointer<GumboElement>) -> HTMLTag {
        let known = HTMLTag(element.pointee.tag, namespace: element.pointee.tag_namespace)
        guard known == .unknown, element.pointee.original_tag.length > 0 else { return known }
        var piece = element.pointee.original_tag
        gumbo_tag_from_original_text(&piece)
        let name = UnsafeRawBufferPointer(start: piece.data, count: piece.length).map(UTF8Text.lowered)
        return HTMLTag(newerName: String(decoding: name, as: UTF8.self))
    }
}
