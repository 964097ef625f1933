/// Gives elements the score of the paragraphs in them and collects the best one with the siblings
/// that belong to it.
struct ContentScoring {
    private(set) var document: HTMLDocument
    private let rules: ArticleFinder.Rules
    private var scores: [NodeID: Double] = [:]
    private var candidates: [NodeID] = []

    /// How many of the best candidates are compared with each other.
    private static let compared = 5

    init(document: HTMLDocument, rules: ArticleFinder.Rules) {
        self.document = document
        self.rules = rules
    }

    // MARK: - Scores

    mutating func score(_ paragraphs: [NodeID]) {
        for paragraph in paragraphs {
            guard let parent = document.parent(paragraph), document.isElement(parent) else { continue }
            let measure = document.measure(paragraph)
            guard measure.length >= 25 else { continue }
            let score = 2 + Double(measure.commas) + Double(min(measure.length / 100, 3))
            for (level, ancestor) in document.ancestors(paragraph, limit: 5).enumerated() {
                guard let above = document.parent(ancestor), document.isElement(above) else { continue }
                initialize(ancestor)
                let divider = level == 0 ? 1.0 : level == 1 ? 2 : Double(level * 3)
                scores[ancestor, default: 0] += score / divider
            }
        }
    }

    private mutating func initialize(_ node: NodeID) {
        guard scores[node] == nil else { return }
        candidates.append(node)
        scores[node] = initialScore(node)
    }

    private func initialScore(_ node: NodeID) -> Double {
        let weight = rules.contains(.weighNames) ? document[node].traits.weight : 0
        switch document.tag(node) {
        case .div: return weight + 5
        case .pre, .td, .blockquote: return weight + 3
        case .address, .ol, .ul, .dl, .dd, .dt, .li, .form: return weight - 3
        case .h1, .h2, .h3, .h4, .h5, .h6, .th: return weight - 5
        default: return weight
        }
    }

    /// The best candidates, their scores lowered by the share of links in them.
    private mutating func bestCandidates() -> [NodeID] {
        var best: [NodeID] = []
        for candidate in candidates {
            let score = (scores[candidate] ?? 0) * (1 - document.measure(candidate).linkDensity)
            scores[candidate] = score
            let place = best.firstIndex { score > scores[$0] ?? 0 } ?? best.count
            guard place < Self.compared else { continue }
            best.insert(candidate, at: place)
            if best.count > Self.compared { best.removeLast() }
        }
        return best
    }

    // MARK: - The article

    /// A new element that holds the article, apart from the page; nil where there is no body.
    mutating func collectArticle() -> NodeID? {
        let best = bestCandidates()
        if let first = best.first, document.tag(first) != .body {
            let top = widened(first, best)
            if scores[top] == nil { scores[top] = initialScore(top) }
            return joinSiblings(of: top)
        }
        guard let body = document.body else { return nil }
        let whole = document.makeElement(.div)
        document.moveChildren(of: body, to: whole)
        document.insert(whole, into: body)
        scores[whole] = initialScore(whole)
        return joinSiblings(of: whole)
    }

    private func widened(_ top: NodeID, _ best: [NodeID]) -> NodeID {
        var top = commonAncestor(of: top, best) ?? top
        top = betterParent(of: top) ?? top
        // An only child says nothing of its siblings; its parent's may belong to the article.
        while let parent = document.parent(top), !isTop(parent), document.onlyElement(in: parent) == top {
            top = parent
        }
        return top
    }

    private func isTop(_ node: NodeID) -> Bool {
        document.tag(node) == .body || !document.isElement(node) || document.tag(node) == .html
    }

    /// Where at least three others come close to the best, the element around them all.
    private func commonAncestor(of top: NodeID, _ best: [NodeID]) -> NodeID? {
        let needed = 3
        let limit = (scores[top] ?? 0) * 0.75
        let rivals = best.dropFirst().filter { (scores[$0] ?? 0) >= limit }.map { Set(document.ancestors($0)) }
        guard rivals.count >= needed else { return nil }
        return document.ancestors(top).prefix { !isTop($0) }
            .first { ancestor in rivals.count { $0.contains(ancestor) } >= needed }
    }

    /// A parent that scores higher than its child shows that there is more of the article.
    private func betterParent(of top: NodeID) -> NodeID? {
        var last = scores[top] ?? initialScore(top)
        let threshold = last / 3
        for parent in document.ancestors(top).prefix(while: { !isTop($0) }) {
            guard let score = scores[parent] else { continue }
            if score < threshold { return nil }
            if score > last { return parent }
            last = score
        }
        return nil
    }

    private mutating func joinSiblings(of top: NodeID) -> NodeID? {
        guard let parent = document.parent(top) else { return nil }
        let topScore = scores[top] ?? 0
        let threshold = max(10, topScore * 0.2)
        let className = document.filled(.class, top)
        var joined: [NodeID] = []
        for sibling in document.childElements(parent) {
            let isAlike = className != nil && document.attribute(.class, sibling) == className
            let bonus = isAlike ? topScore * 0.2 : 0
            if sibling == top || (scores[sibling] ?? -.infinity) + bonus >= threshold || isLikelyParagraph(sibling) {
                joined.append(sibling)
            }
        }
        return wrapped(joined)
    }

    private mutating func isLikelyParagraph(_ node: NodeID) -> Bool {
        guard document.tag(node) == .p else { return false }
        let measure = document.measure(node)
        if measure.length > 80 { return measure.linkDensity < 0.25 }
        guard measure.length > 0, measure.length < 80, measure.linkDensity == 0 else { return false }
        let text = document.foldedText(node)
        return text.hasSuffix(".") || text.contains(". ")
    }

    private static let keptAsTheyAre: TagSet = [.div, .article, .section, .p, .ol, .ul]

    private mutating func wrapped(_ parts: [NodeID]) -> NodeID {
        let article = document.makeElement(.div)
        for part in parts {
            // Anything else, a form or a table cell, would be cleaned away as what it was.
            if !Self.keptAsTheyAre.contains(document.tag(part)) { document.rename(part, to: .div) }
            document.insert(part, into: article)
        }
        return article
    }
}
