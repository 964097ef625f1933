extension HTMLDocument {
    mutating func makeElement(_ tag: HTMLTag) -> NodeID {
        append(Node(kind: .element, tag: tag, start: Int32(attributes.count)))
    }

    mutating func append(_ node: Node) -> NodeID {
        nodes.append(node)
        return NodeID(index: Int32(nodes.count - 1))
    }

    /// Takes a node, with all below it, out of its parent.
    mutating func detach(_ id: NodeID) {
        let node = self[id]
        guard let parent = parent(id) else { return }
        if let previous = previous(id) { self[previous].next = node.next } else { self[parent].first = node.next }
        if let next = next(id) { self[next].previous = node.previous } else { self[parent].last = node.previous }
        self[id].parent = -1
        self[id].previous = -1
        self[id].next = -1
        noteChange(in: parent)
    }

    /// Puts a node at the end of `parent`, or before `sibling` where one is given.
    mutating func insert(_ id: NodeID, into parent: NodeID, before sibling: NodeID? = nil) {
        detach(id)
        let previous = sibling.map { self[$0].previous } ?? self[parent].last
        self[id].parent = parent.index
        self[id].previous = previous
        self[id].next = sibling?.index ?? -1
        if previous >= 0 { nodes[Int(previous)].next = id.index } else { self[parent].first = id.index }
        if let sibling { self[sibling].previous = id.index } else { self[parent].last = id.index }
        noteChange(in: parent)
    }

    mutating func replace(_ old: NodeID, with new: NodeID) {
        guard let parent = parent(old) else { return }
        insert(new, into: parent, before: old)
        detach(old)
    }

    mutating func moveChildren(of source: NodeID, to target: NodeID) {
        while let child = firstChild(source) { insert(child, into: target) }
    }

    /// Puts the children where the node was.
    mutating func unwrap(_ id: NodeID) {
        guard let parent = parent(id) else { return }
        while let child = firstChild(id) { insert(child, into: parent, before: id) }
        detach(id)
    }

    mutating func rename(_ id: NodeID, to tag: HTMLTag) {
        self[id].tag = tag
        noteChange(in: id)
    }

    /// Removes everything below `scope` that has one of `tags` and passes `test`, last first, so
    /// that what lies inside another is judged before it.
    mutating func remove(
        _ tags: TagSet, in scope: NodeID, where test: (inout HTMLDocument, NodeID) -> Bool = { _, _ in true }
    ) {
        for node in descendants(of: scope, tags).reversed() where parent(node) != nil {
            if test(&self, node) { detach(node) }
        }
    }

    mutating func setAttribute(_ name: AttributeName, _ text: String, on id: NodeID) {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: text.utf8)
        let fresh = Attribute(name: name, start: start, count: Int32(bytes.count) - start)
        if let index = attributeRange(id).first(where: { attributes[$0].name == name }) {
            attributes[index] = fresh
        } else {
            addAttribute(fresh, to: id)
        }
    }

    /// Attributes of one element lie side by side, so a new one moves them all to the end.
    mutating func addAttribute(_ attribute: Attribute, to id: NodeID) {
        let range = attributeRange(id)
        if range.upperBound != attributes.count {
            self[id].start = Int32(attributes.count)
            attributes.append(contentsOf: attributes[range])
        }
        attributes.append(attribute)
        self[id].count += 1
    }

    mutating func removeAttribute(_ name: AttributeName, from id: NodeID) {
        let range = attributeRange(id)
        guard let index = range.first(where: { attributes[$0].name == name }) else { return }
        for later in index..<(range.upperBound - 1) { attributes[later] = attributes[later + 1] }
        self[id].count -= 1
    }
}
