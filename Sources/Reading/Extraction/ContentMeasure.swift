/// What content scoring asks about a subtree, made so that a parent's answer is the sum of its
/// children's: every question is then answered once per node and not once per ancestor.
struct ContentMeasure: Sendable {
    /// UTF-16 units that are not white space, and the runs of white space between them.
    var units: Int32 = 0
    var gaps: Int32 = 0
    /// All UTF-16 units, white space as it stands.
    var rawUnits: Int32 = 0
    var startsWithSpace = false
    var endsWithSpace = false
    /// Commas of any script, and ASCII commas alone.
    var commas: Int32 = 0
    var asciiCommas: Int32 = 0
    /// Text below links (a link within the page counts for less), headings and lists, counted
    /// once for each such element around it.
    var linkLength = 0.0
    var headingLength = 0.0
    var listLength = 0.0
    var hasTextishText = false
    var paragraphs: Int32 = 0
    var images: Int32 = 0
    var items: Int32 = 0
    var inputs: Int32 = 0
    var breaks: Int32 = 0
    /// Embedded documents, and those of them that are videos.
    var embeds: Int32 = 0
    var videos: Int32 = 0
    var dataTables: Int32 = 0

    /// Length of the trimmed text with each run of white space counted as one.
    var length: Int { Int(units) + Int(gaps) }
    var linkDensity: Double { length == 0 ? 0 : linkLength / Double(length) }
    /// Length of the text outside of links.
    var ownLength: Double { max(0, Double(length) - linkLength) }
    var headingDensity: Double { length == 0 ? 0 : headingLength / Double(length) }

    mutating func add(_ other: ContentMeasure) {
        if other.rawUnits > 0 { addText(of: other) }
        commas &+= other.commas
        asciiCommas &+= other.asciiCommas
        linkLength += other.linkLength
        headingLength += other.headingLength
        listLength += other.listLength
        hasTextishText = hasTextishText || other.hasTextishText
        paragraphs &+= other.paragraphs
        images &+= other.images
        items &+= other.items
        inputs &+= other.inputs
        breaks &+= other.breaks
        embeds &+= other.embeds
        videos &+= other.videos
        dataTables &+= other.dataTables
    }

    private mutating func addText(of other: ContentMeasure) {
        if units > 0, other.units > 0, endsWithSpace || other.startsWithSpace { gaps &+= 1 }
        if units == 0 { startsWithSpace = rawUnits > 0 || other.startsWithSpace }
        if other.units > 0 { endsWithSpace = other.endsWithSpace } else { endsWithSpace = true }
        units &+= other.units
        gaps &+= other.gaps
        rawUnits &+= other.rawUnits
    }

    init() {}

    /// Measures one stretch of text.
    init(_ text: ArraySlice<UInt8>) {
        text.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (value, length) = UTF8Text.scalar(bytes, at: index)
                index += length
                count(value)
            }
        }
    }

    @inline(__always)
    private mutating func count(_ value: UInt32) {
        let width: Int32 = value > 0xFFFF ? 2 : 1
        rawUnits &+= width
        if UTF8Text.isSpace(value) {
            if units == 0 { startsWithSpace = true }
            endsWithSpace = true
            return
        }
        if endsWithSpace, units > 0 { gaps &+= 1 }
        endsWithSpace = false
        units &+= width
        if value == 0x2C { asciiCommas &+= 1 }
        if Self.isComma(value) { commas &+= 1 }
    }

    /// Commas of Latin, Arabic, Chinese and other scripts
    /// (https://en.wikipedia.org/wiki/Comma#Comma_variants).
    @inline(__always)
    private static func isComma(_ value: UInt32) -> Bool {
        switch value {
        case 0x2C: true
        case 0..<0x60C: false
        case 0x60C, 0xFE50, 0xFE10, 0xFE11, 0x2E41, 0x2E34, 0x2E32, 0xFF0C: true
        default: false
        }
    }
}

extension HTMLDocument {
    private static let textish: TagSet = [
        .span, .li, .td, .blockquote, .dl, .div, .img, .ol, .p, .pre, .table, .ul,
    ]

    /// The measure of a subtree, worked out where anything in it has changed.
    mutating func measure(_ id: NodeID) -> ContentMeasure {
        if !self[id].isMeasured { measureSubtree(id) }
        return measures[Int(id.index)]
    }

    func measure(ofMeasured id: NodeID) -> ContentMeasure { measures[Int(id.index)] }

    /// A measured node has only measured nodes below it, so the climb may stop at the first
    /// ancestor that is unmeasured already.
    mutating func noteChange(in id: NodeID) {
        var node: NodeID? = id
        while let current = node, self[current].isMeasured {
            self[current].isMeasured = false
            node = parent(current)
        }
    }

    private mutating func measureSubtree(_ id: NodeID) {
        if measures.count < nodes.count {
            measures.append(contentsOf: repeatElement(ContentMeasure(), count: nodes.count - measures.count))
        }
        var pending: [NodeID] = [id]
        var node = following(id, within: id)
        while let current = node {
            let isMeasured = self[current].isMeasured
            if !isMeasured { pending.append(current) }
            node = following(current, within: id, skippingChildren: isMeasured)
        }
        for current in pending.reversed() {
            measures[Int(current.index)] =
                self[current].kind == .text
                ? ContentMeasure(textBytes(current)) : measureOfElement(current)
            self[current].isMeasured = true
        }
    }

    private func measureOfElement(_ id: NodeID) -> ContentMeasure {
        var sum = ContentMeasure()
        var child = firstChild(id)
        while let current = child {
            let measure = measures[Int(current.index)]
            sum.add(measure)
            if isElement(current) { count(current, measure, into: &sum) }
            child = next(current)
        }
        return sum
    }

    /// Adds what a child counts for by being the element it is.
    private func count(_ id: NodeID, _ measure: ContentMeasure, into sum: inout ContentMeasure) {
        let length = Double(measure.length)
        let tag = self.tag(id)
        switch tag {
        case .a: sum.linkLength += length * (isLinkWithinPage(id) ? 0.3 : 1)
        case .h1, .h2, .h3, .h4, .h5, .h6: sum.headingLength += length
        case .ul, .ol: sum.listLength += length
        case .p: sum.paragraphs &+= 1
        case .img: sum.images &+= 1
        case .li: sum.items &+= 1
        case .input: sum.inputs &+= 1
        case .br, .hr: sum.breaks &+= 1
        case .table where self[id].isDataTable: sum.dataTables &+= 1
        case .object, .embed, .iframe:
            sum.embeds &+= 1
            if isVideo(id) { sum.videos &+= 1 }
        default: break
        }
        if length > 0, Self.textish.contains(tag) { sum.hasTextishText = true }
    }

    private func isLinkWithinPage(_ id: NodeID) -> Bool {
        for index in attributeRange(id) where attributes[index].name == .href {
            let value = valueBytes(attributes[index])
            return value.count > 1 && value.first == UInt8(ascii: "#")
        }
        return false
    }
}
