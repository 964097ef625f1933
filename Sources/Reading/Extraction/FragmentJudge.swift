/// Decides whether a form, table, list or division inside an article is clutter, by the shares of
/// links, headings, images and fields in it.
struct FragmentJudge {
    let tag: HTMLTag
    let weighsNames: Bool

    func isClutter(_ node: NodeID, in document: inout HTMLDocument) -> Bool {
        let measure = document.measure(node)
        if isProtected(node, measure, in: document) { return false }
        let weight = weighsNames ? document[node].traits.weight : 0
        if weight < 0 { return true }
        if measure.asciiCommas >= 10 || measure.videos > 0 { return false }
        if SuspiciousWords.isAll(of: node, measure, in: document) { return true }
        let isList = tag == .ul || measure.listLength > 0.9 * Double(measure.length)
        let isInFigure = document.hasAncestor(node, .figure, within: 4)
        guard isShady(measure, weight: weight, isList: isList, isInFigure: isInFigure) else { return false }
        return !(isList && isListOfImages(node, measure, in: document))
    }

    /// Data tables, what is in them and what holds them, and code.
    private func isProtected(_ node: NodeID, _ measure: ContentMeasure, in document: HTMLDocument) -> Bool {
        if document[node].isDataTable || measure.dataTables > 0 { return true }
        if document.hasAncestor(node, .code, within: 4) { return true }
        return document.ancestors(node).contains { document[$0].isDataTable }
    }

    private func isShady(_ measure: ContentMeasure, weight: Double, isList: Bool, isInFigure: Bool) -> Bool {
        let density = measure.linkDensity
        let paragraphs = measure.paragraphs
        let images = measure.images
        if !isInFigure, images > 1, Double(paragraphs) / Double(images) < 0.5 { return true }
        if !isList, measure.items - 100 > paragraphs { return true }
        if measure.inputs > paragraphs / 3 { return true }
        if isShortAndLinked(measure, isList: isList, isInFigure: isInFigure) { return true }
        if !isList, weight < 25, density > 0.2 { return true }
        if weight >= 25, density > 0.5 { return true }
        if (measure.embeds == 1 && measure.length < 75) || measure.embeds > 1 { return true }
        return images == 0 && !measure.hasTextishText
    }

    private func isShortAndLinked(_ measure: ContentMeasure, isList: Bool, isInFigure: Bool) -> Bool {
        !isList && !isInFigure && measure.headingDensity < 0.9 && measure.length < 25
            && (measure.images == 0 || measure.images > 2) && measure.linkDensity > 0
    }

    /// Every item holds an image and nothing beside it.
    private func isListOfImages(_ node: NodeID, _ measure: ContentMeasure, in document: HTMLDocument) -> Bool {
        let isPlain = document.childElements(node).allSatisfy { document.childElements($0).count <= 1 }
        return isPlain && measure.images == measure.items
    }
}

/// Texts that only announce an advertisement or that something is still loading.
private enum SuspiciousWords {
    private static let advertising: Set<String> = [
        "ad", "advertising", "advertisement", "pub", "publicité", "werb", "werbung", "广告", "реклама", "anuncio",
    ]
    private static let loading: Set<String> = ["loading", "正在加载", "загрузка", "chargement", "cargando"]

    static func isAll(of node: NodeID, _ measure: ContentMeasure, in document: HTMLDocument) -> Bool {
        guard (1..<20).contains(measure.length) else { return false }
        var text = document.foldedText(node).lowercased()
        if advertising.contains(text) { return true }
        if text.hasSuffix("…") { text.removeLast() } else if text.hasSuffix("...") { text.removeLast(3) }
        return loading.contains(text)
    }
}
