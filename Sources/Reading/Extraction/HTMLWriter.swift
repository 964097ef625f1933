/// Writes a part of a page as markup that is safe to show inside another page.
///
/// Only allowed elements and attributes are written, all text is escaped, and no element is among
/// them whose content a parser would read by other rules (scripts, styles, SVG, MathML), so reading
/// the result again cannot give anything that was not written here.
struct HTMLWriter {
    private let document: HTMLDocument
    private let links: LinkResolver
    private var output: [UInt8] = []

    init(document: HTMLDocument, links: LinkResolver) {
        self.document = document
        self.links = links
    }

    static func markup(of scope: NodeID, in document: HTMLDocument, links: LinkResolver) -> String {
        var writer = HTMLWriter(document: document, links: links)
        writer.write(scope)
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// Plain text as markup, a paragraph for each of its own.
    static func paragraphs(of text: String) -> String {
        var writer = HTMLWriter(document: HTMLDocument(), links: LinkResolver(base: nil))
        for paragraph in text.split(separator: "\n\n") {
            writer.write("<p>")
            writer.writeText(Array(paragraph.utf8)[...])
            writer.write("</p>\n")
        }
        return String(decoding: writer.output, as: UTF8.self)
    }

    private mutating func write(_ scope: NodeID) {
        var open: [(node: NodeID, tag: HTMLTag)] = []
        var node: NodeID? = scope
        while let current = node {
            let isDropped = begin(current, &open)
            node = document.following(current, within: scope, skippingChildren: isDropped)
            close(&open, upTo: node)
        }
    }

    /// Writes end tags of the elements that `next` is not inside of.
    private mutating func close(_ open: inout [(node: NodeID, tag: HTMLTag)], upTo next: NodeID?) {
        let parent = next.flatMap(document.parent)
        while let last = open.last, !isInside(parent, last.node) {
            write("</\(last.tag.name)>")
            open.removeLast()
        }
    }

    private func isInside(_ node: NodeID?, _ ancestor: NodeID) -> Bool {
        var current = node
        while let found = current {
            if found == ancestor { return true }
            // Elements that were not written stand between; written ones are closed in order.
            guard !isWritten(found) else { return false }
            current = document.parent(found)
        }
        return false
    }

    private func isWritten(_ node: NodeID) -> Bool {
        let tag = document.tag(node)
        return AllowedMarkup.elements.contains(tag) && !AllowedMarkup.void.contains(tag)
            || AllowedMarkup.preformatted.contains(tag)
    }

    /// Whether the node's children are not to be written.
    private mutating func begin(_ node: NodeID, _ open: inout [(node: NodeID, tag: HTMLTag)]) -> Bool {
        guard document.isElement(node) else {
            if document.isText(node) { writeText(document.textBytes(node)) }
            return false
        }
        let tag = document.tag(node)
        if AllowedMarkup.dropped.contains(tag) {
            if TagSet.embeds.contains(tag) { writeVideoLink(node) }
            return true
        }
        let written = AllowedMarkup.preformatted.contains(tag) ? .pre : tag
        guard AllowedMarkup.elements.contains(written) else { return false }
        if written == .img || written == .source, !hasAddress(node) { return true }
        writeStart(of: node, as: written)
        if AllowedMarkup.void.contains(written) { return true }
        open.append((node, written))
        return false
    }

    private func hasAddress(_ media: NodeID) -> Bool {
        document.filled(.src, media).flatMap(links.image) != nil
            || document.filled(.srcset, media).flatMap(links.imageSet) != nil
    }

    private mutating func writeStart(of node: NodeID, as tag: HTMLTag) {
        write("<\(tag.name)")
        var seen: Set<AttributeName> = []
        for index in document.attributeRange(node) {
            let attribute = document.attributes[index]
            guard let treatment = AllowedMarkup.treatment(of: attribute.name, on: tag),
                seen.insert(attribute.name).inserted,
                let value = allowed(document.value(attribute), treatment)
            else { continue }
            writeAttribute(attribute.name.rawValue, value)
        }
        if tag == .a { write(" rel=\"noopener noreferrer\"") }
        if tag == .video || tag == .audio { write(" controls=\"\" preload=\"none\"") }
        write(">")
        // A parser swallows the first line break of preformatted text.
        if tag == .pre { write("\n") }
    }

    private func allowed(_ value: String, _ treatment: AllowedMarkup.Treatment) -> String? {
        switch treatment {
        case .text: value
        case .flag: ""
        case .number: Int(value).map(String.init)
        case .link: links.link(value)
        case .resource: links.resource(value)
        case .image: links.image(value)
        case .imageSet: links.imageSet(value)
        case .codeClass: CodeLanguage.className(in: value)
        }
    }

    /// A player becomes a link to what it plays.
    private mutating func writeVideoLink(_ node: NodeID) {
        guard document.isVideo(node),
            let address = document.filled(.src, node) ?? document.filled(.data, node),
            let player = links.resource(address)
        else { return }
        let target = VideoEmbeds.page(ofPlayer: player)
        let label = document.filled(.title, node) ?? target
        write("<p><a")
        writeAttribute("href", target)
        write(" rel=\"noopener noreferrer\">")
        writeText(Array(label.utf8)[...])
        write("</a></p>")
    }

    // MARK: - Escaping

    private mutating func write(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func writeAttribute(_ name: String, _ value: String) {
        write(" \(name)=\"")
        for byte in value.utf8 { writeEscaped(byte) }
        write("\"")
    }

    private mutating func writeText(_ text: ArraySlice<UInt8>) {
        for byte in text { writeEscaped(byte) }
    }

    private mutating func writeEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "&"): write("&amp;")
        case UInt8(ascii: "<"): write("&lt;")
        case UInt8(ascii: ">"): write("&gt;")
        case UInt8(ascii: "\""): write("&quot;")
        default: output.append(byte)
        }
    }
}

/// The name of a programming language in a class, as highlighters write it.
enum CodeLanguage {
    static func className(in value: String) -> String? {
        for name in value.split(separator: " ") {
            for prefix in ["language-", "lang-", "highlight-source-"] where name.hasPrefix(prefix) {
                let language = name.dropFirst(prefix.count)
                let isPlain = language.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+#-".contains($0)) }
                if isPlain, !language.isEmpty { return "language-\(language)" }
            }
        }
        return nil
    }
}
