/// Reads a part of a page as plain text.
struct PlainTextWriter {
    /// What separates the text written so far from the next; the strongest asked for wins.
    private enum Gap: Int { case none, space, cell, line, paragraph }

    private let document: HTMLDocument
    private var output: [UInt8] = []
    private var gap = Gap.none
    private var preformatted = 0

    private static let skipped: TagSet = [
        .script, .style, .noscript, .template, .head, .title, .svg, .iframe, .object, .embed, .canvas,
        .input, .button, .select, .datalist, .textarea, .frameset, .noframes, .noembed, .dialog,
        .audio, .video, .map,
    ]
    private static let lines: TagSet = [
        .li, .tr, .thead, .tbody, .tfoot, .dt, .dd, .caption, .figcaption, .summary, .option, .legend, .address,
    ]
    private static let cells: TagSet = [.td, .th]
    private static let verbatim: TagSet = [.pre, .xmp, .listing, .plaintext]
    private static let tight: TagSet = [.li, .td, .th, .dd, .dt]

    private init(document: HTMLDocument) { self.document = document }

    static func text(of scope: NodeID, in document: HTMLDocument) -> String {
        var writer = PlainTextWriter(document: document)
        writer.write(scope)
        return String(decoding: writer.output, as: UTF8.self)
    }

    private mutating func write(_ scope: NodeID) {
        var node: NodeID? = scope
        while let current = node {
            let isSkipped = document.isElement(current) && Self.skipped.contains(document.tag(current))
            if isSkipped {
                ask(breakAround(current))
            } else {
                begin(current)
            }
            node = document.following(current, within: scope, skippingChildren: isSkipped)
            end(current, upTo: node, within: scope, hasEntered: !isSkipped)
        }
    }

    private mutating func begin(_ node: NodeID) {
        guard document.isElement(node) else {
            if document.isText(node) { writeText(document.textBytes(node)) }
            return
        }
        let tag = document.tag(node)
        if Self.cells.contains(tag) {
            if document.previousElement(node) != nil { gap = .cell }
        } else {
            ask(breakAround(node))
        }
        if Self.verbatim.contains(tag) { preformatted += 1 }
    }

    /// Ends every element that lies between the node and the one that comes next.
    private mutating func end(_ node: NodeID, upTo next: NodeID?, within scope: NodeID, hasEntered: Bool) {
        let parent = next.flatMap(document.parent)
        var current: NodeID? = node
        var isEntered = hasEntered
        while let ended = current, ended != parent {
            if document.isElement(ended), isEntered { finish(ended) }
            if ended == scope { break }
            current = document.parent(ended)
            isEntered = true
        }
    }

    private mutating func finish(_ node: NodeID) {
        let tag = document.tag(node)
        if Self.verbatim.contains(tag) { preformatted -= 1 }
        if !Self.cells.contains(tag) { ask(breakAround(node)) }
    }

    private func breakAround(_ node: NodeID) -> Gap {
        let tag = document.tag(node)
        if tag == .br || Self.lines.contains(tag) { return .line }
        guard TagSet.blocks.contains(tag) else { return .none }
        if preformatted > 0 { return .line }
        guard let parent = document.parent(node), Self.tight.contains(document.tag(parent)) else { return .paragraph }
        return gap == .cell ? .none : .line
    }

    private mutating func ask(_ wanted: Gap) {
        if wanted.rawValue > gap.rawValue { gap = wanted }
    }

    private mutating func writeText(_ text: ArraySlice<UInt8>) {
        text.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = UTF8Text.scalar(bytes, at: index)
                if preformatted == 0, UTF8Text.isSpace(value) {
                    ask(.space)
                } else {
                    closeGap()
                    output.append(contentsOf: bytes[index..<(index + length)])
                }
                index += length
            }
        }
    }

    private mutating func closeGap() {
        defer { gap = .none }
        guard !output.isEmpty else { return }
        switch gap {
        case .none: break
        case .space: output.append(0x20)
        case .cell: output.append(0x09)
        case .line: output.append(0x0A)
        case .paragraph: output.append(contentsOf: [0x0A, 0x0A])
        }
    }
}
