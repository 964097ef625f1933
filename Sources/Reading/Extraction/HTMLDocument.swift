/// A place in an ``HTMLDocument``.
struct NodeID: Hashable, Sendable {
    let index: Int32
}

/// A parsed page as flat arrays: nodes link to each other by index and share one buffer of text,
/// so copying a whole page (to try again with other settings) is a copy of a few arrays.
struct HTMLDocument: Sendable {
    enum Kind: UInt8 { case document, element, text, comment }

    struct Node {
        var kind: Kind
        var tag: HTMLTag = .unknown
        var traits: ElementTraits = []
        /// Whether `measures` holds what is true of this node and of everything below it.
        var isMeasured = false
        var isDataTable = false
        var parent: Int32 = -1
        var first: Int32 = -1
        var last: Int32 = -1
        var previous: Int32 = -1
        var next: Int32 = -1
        /// Where the node's bytes (text) or attributes (element) begin, and how many there are.
        var start: Int32 = 0
        var count: Int32 = 0
    }

    struct Attribute {
        var name: AttributeName
        var start: Int32
        var count: Int32
    }

    var nodes: [Node] = [Node(kind: .document)]
    var attributes: [Attribute] = []
    var bytes: [UInt8] = []
    var measures: [ContentMeasure] = []

    static let root = NodeID(index: 0)

    subscript(_ id: NodeID) -> Node {
        get { nodes[Int(id.index)] }
        _modify { yield &nodes[Int(id.index)] }
    }
}

// MARK: - Finding one's way

extension HTMLDocument {
    private func node(at index: Int32) -> NodeID? { index < 0 ? nil : NodeID(index: index) }

    func tag(_ id: NodeID) -> HTMLTag { self[id].tag }
    func isElement(_ id: NodeID) -> Bool { self[id].kind == .element }
    func isText(_ id: NodeID) -> Bool { self[id].kind == .text }
    func parent(_ id: NodeID) -> NodeID? { node(at: self[id].parent) }
    func firstChild(_ id: NodeID) -> NodeID? { node(at: self[id].first) }
    func lastChild(_ id: NodeID) -> NodeID? { node(at: self[id].last) }
    func next(_ id: NodeID) -> NodeID? { node(at: self[id].next) }
    func previous(_ id: NodeID) -> NodeID? { node(at: self[id].previous) }

    func nextElement(_ id: NodeID) -> NodeID? {
        var sibling = next(id)
        while let found = sibling, !isElement(found) { sibling = next(found) }
        return sibling
    }

    func previousElement(_ id: NodeID) -> NodeID? {
        var sibling = previous(id)
        while let found = sibling, !isElement(found) { sibling = previous(found) }
        return sibling
    }

    func firstElement(in id: NodeID) -> NodeID? {
        guard let child = firstChild(id) else { return nil }
        return isElement(child) ? child : nextElement(child)
    }

    /// The only child element, whatever text stands beside it.
    func onlyElement(in id: NodeID) -> NodeID? {
        guard let child = firstElement(in: id), nextElement(child) == nil else { return nil }
        return child
    }

    func children(_ id: NodeID) -> [NodeID] {
        var found: [NodeID] = []
        var child = firstChild(id)
        while let node = child {
            found.append(node)
            child = next(node)
        }
        return found
    }

    func childElements(_ id: NodeID) -> [NodeID] { children(id).filter(isElement) }

    /// The node after `id` in document order, staying inside `scope`.
    func following(_ id: NodeID, within scope: NodeID, skippingChildren: Bool = false) -> NodeID? {
        if !skippingChildren, let child = firstChild(id) { return child }
        var node = id
        while node != scope {
            if let sibling = next(node) { return sibling }
            guard let up = parent(node) else { return nil }
            node = up
        }
        return nil
    }

    func followingElement(_ id: NodeID, within scope: NodeID, skippingChildren: Bool = false) -> NodeID? {
        var node = following(id, within: scope, skippingChildren: skippingChildren)
        while let found = node, !isElement(found) { node = following(found, within: scope) }
        return node
    }

    /// Everything below `scope` with one of `tags`, in document order.
    func descendants(of scope: NodeID, _ tags: TagSet) -> [NodeID] {
        var found: [NodeID] = []
        var node = following(scope, within: scope)
        while let current = node {
            if isElement(current), tags.contains(tag(current)) { found.append(current) }
            node = following(current, within: scope)
        }
        return found
    }

    func firstDescendant(of scope: NodeID, _ tags: TagSet) -> NodeID? {
        var node = following(scope, within: scope)
        while let current = node {
            if isElement(current), tags.contains(tag(current)) { return current }
            node = following(current, within: scope)
        }
        return nil
    }

    /// The nearest ancestors, closest first, the document itself last.
    func ancestors(_ id: NodeID, limit: Int = .max) -> [NodeID] {
        var found: [NodeID] = []
        var node = parent(id)
        while let current = node, found.count < limit {
            found.append(current)
            node = parent(current)
        }
        return found
    }

    func hasAncestor(_ id: NodeID, _ wanted: HTMLTag, within levels: Int = .max) -> Bool {
        var node = parent(id)
        var left = levels
        while let current = node, left > 0 {
            if tag(current) == wanted { return true }
            node = parent(current)
            left -= 1
        }
        return false
    }

    var htmlElement: NodeID? { firstChildElement(of: Self.root, .html) }
    var body: NodeID? { htmlElement.flatMap { firstChildElement(of: $0, .body) } }

    private func firstChildElement(of id: NodeID, _ tag: HTMLTag) -> NodeID? {
        children(id).first { isElement($0) && self.tag($0) == tag }
    }
}
