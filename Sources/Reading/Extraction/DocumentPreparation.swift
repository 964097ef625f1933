/// Brings a page into the shape that content scoring expects.
struct DocumentPreparation {
    var document: HTMLDocument

    /// The page without scripts and styles, with paragraphs where only line breaks stood.
    static func prepared(_ document: HTMLDocument) -> HTMLDocument {
        var preparation = DocumentPreparation(document: document)
        preparation.removeEmptyImages()
        preparation.unwrapNoscriptImages()
        preparation.document.remove([.script, .style, .template], in: HTMLDocument.root)
        preparation.removeNoscripts()
        if let body = preparation.document.body { preparation.makeParagraphsOfBreaks(in: body) }
        for font in preparation.document.descendants(of: HTMLDocument.root, [.font]) {
            preparation.document.rename(font, to: .span)
        }
        return preparation.document
    }

    /// An image without any address is a placeholder that a script would have filled.
    private mutating func removeEmptyImages() {
        document.remove([.img], in: HTMLDocument.root) { document, image in
            !document.attributeRange(image).contains { index in
                let attribute = document.attributes[index]
                return [.src, .srcset, .dataSource, .dataSourceSet].contains(attribute.name)
                    || ImageAddress.isMentioned(in: document.valueBytes(attribute))
            }
        }
    }

    /// `<img placeholder><noscript><img real></noscript>`: the real one takes its place.
    private mutating func unwrapNoscriptImages() {
        for noscript in document.descendants(of: HTMLDocument.root, [.noscript]) {
            guard let image = document.onlyImage(in: noscript),
                let replacement = document.firstElement(in: noscript)
            else { continue }
            if let placeholder = document.previousElement(noscript), let old = document.onlyImage(in: placeholder) {
                keepAddresses(of: old, on: image)
                document.replace(placeholder, with: replacement)
            } else if document.parent(noscript).map(document.tag) == .figure {
                document.unwrap(noscript)
            }
        }
    }

    /// Text for readers without scripts goes, unless it is the page: an unclosed element inside
    /// `<noscript>` draws all that follows into it.
    private mutating func removeNoscripts() {
        let whole = document.measure(HTMLDocument.root).length
        document.remove([.noscript], in: HTMLDocument.root) { document, noscript in
            let length = document.measure(noscript).length
            guard length > ArticleFinder.sufficientLength, length * 2 > whole else { return true }
            document.unwrap(noscript)
            return false
        }
    }

    private mutating func keepAddresses(of old: NodeID, on image: NodeID) {
        for index in document.attributeRange(old) {
            let attribute = document.attributes[index]
            guard attribute.count > 0 else { continue }
            let isAddress = attribute.name == .src || attribute.name == .srcset
            guard isAddress || ImageAddress.isMentioned(in: document.valueBytes(attribute)) else { continue }
            let isTaken = document.has(attribute.name, image)
            var kept = attribute
            if isTaken { kept.name = .other }
            document.addAttribute(kept, to: image)
        }
    }

    // MARK: - Line breaks

    /// Two or more `<br>` in a row end a paragraph: what follows up to the next such place, or up
    /// to an element that is no running text, becomes one.
    private mutating func makeParagraphsOfBreaks(in body: NodeID) {
        for lineBreak in document.descendants(of: body, [.br]) where document.parent(lineBreak) != nil {
            guard removeRepeatedBreaks(after: lineBreak), let parent = document.parent(lineBreak) else { continue }
            let paragraph = document.makeElement(.p)
            document.replace(lineBreak, with: paragraph)
            gatherParagraph(paragraph)
            if document.tag(parent) == .p { document.rename(parent, to: .div) }
        }
    }

    private mutating func removeRepeatedBreaks(after lineBreak: NodeID) -> Bool {
        var found = false
        var next = contentNode(from: document.next(lineBreak))
        while let current = next, document.tag(current) == .br {
            found = true
            let sibling = document.next(current)
            document.detach(current)
            next = contentNode(from: sibling)
        }
        return found
    }

    /// The first of the siblings from here that is more than white space.
    private func contentNode(from start: NodeID?) -> NodeID? {
        var node = start
        while let current = node, document.isText(current), document.isBlank(current) {
            node = document.next(current)
        }
        return node
    }

    private mutating func gatherParagraph(_ paragraph: NodeID) {
        var next = document.next(paragraph)
        while let current = next {
            if startsBreak(current) || !document.isPhrasing(current) { break }
            next = document.next(current)
            document.insert(current, into: paragraph)
        }
        while let last = document.lastChild(paragraph), document.isWhitespace(last) { document.detach(last) }
    }

    private func startsBreak(_ node: NodeID) -> Bool {
        guard document.tag(node) == .br, let next = contentNode(from: document.next(node)) else { return false }
        return document.tag(next) == .br
    }
}

extension HTMLDocument {
    private static let phrasing: TagSet = [
        .abbr, .audio, .b, .bdo, .br, .button, .cite, .code, .data, .datalist, .dfn, .em, .embed, .i,
        .img, .input, .kbd, .label, .mark, .math, .meter, .noscript, .object, .output, .progress, .q,
        .ruby, .samp, .script, .select, .small, .span, .strong, .sub, .sup, .textarea, .time, .var, .wbr,
    ]

    /// Running text: text itself, inline elements, and links that hold nothing else.
    func isPhrasing(_ id: NodeID) -> Bool {
        var pending = [id]
        while let node = pending.popLast() {
            switch self[node].kind {
            case .text: continue
            case .element where Self.phrasing.contains(tag(node)): continue
            case .element where [.a, .del, .ins].contains(tag(node)): pending.append(contentsOf: children(node))
            default: return false
            }
        }
        return true
    }

    func isWhitespace(_ id: NodeID) -> Bool {
        isText(id) ? isBlank(id) : tag(id) == .br
    }

    /// The image that is all there is inside `id`, or `id` itself.
    fileprivate func onlyImage(in id: NodeID) -> NodeID? {
        var node = id
        while tag(node) != .img {
            guard let child = onlyElement(in: node),
                !children(node).contains(where: { isText($0) && !isBlank($0) })
            else { return nil }
            node = child
        }
        return node
    }
}
