/// The article's own title out of `<title>`, which usually carries the site's name as well.
struct PageTitle {
    private let document: HTMLDocument
    private let full: String
    private let scalars: [Unicode.Scalar]
    /// Places of separators that stand between white space.
    private let separators: [Int]

    init(_ document: HTMLDocument) {
        self.document = document
        let title = document.firstDescendant(of: HTMLDocument.root, [.title])
        full = UTF8Text.bounded(title.map { document.foldedASCII($0) } ?? "", to: 2_000)
        scalars = Array(full.unicodeScalars)
        separators = Self.separators(in: scalars)
    }

    var article: String {
        var title = full
        var isPath = false
        if let last = separators.last {
            isPath = separators.contains { Self.pathSeparators.contains(scalars[$0]) }
            title = withoutSite(endingAt: last)
        } else if full.contains(": ") {
            title = afterColon
        } else if full.utf16.count > 150 || full.utf16.count < 15 {
            title = onlyHeading ?? full
        }
        title = UTF8Text.collapsed(title)
        return isTooShort(title, isPath: isPath) ? full : title
    }

    private static let separatorScalars: Set<Unicode.Scalar> = ["|", "-", "–", "—", "\\", "/", ">", "»"]
    private static let pathSeparators: Set<Unicode.Scalar> = ["\\", "/", ">", "»"]

    /// White space between two separators serves only one of them.
    private static func separators(in scalars: [Unicode.Scalar]) -> [Int] {
        var found: [Int] = []
        var index = 1
        while index + 1 < scalars.count {
            if separatorScalars.contains(scalars[index]), UTF8Text.isSpace(scalars[index - 1]),
                UTF8Text.isSpace(scalars[index + 1])
            {
                found.append(index)
                index += 2
            }
            index += 1
        }
        return found
    }

    /// The part before the last separator or, where that is hardly anything, all after the first
    /// separator of any form.
    private func withoutSite(endingAt last: Int) -> String {
        let front = Self.string(scalars[..<(last - 1)])
        guard Self.wordCount(front) < 3 else { return front }
        guard let first = scalars.firstIndex(where: Self.separatorScalars.contains) else { return full }
        return Self.string(scalars[(first + 1)...])
    }

    private var afterColon: String {
        let headings = document.descendants(of: HTMLDocument.root, [.h1, .h2])
        if headings.contains(where: { UTF8Text.trimmed(document.textContent($0)) == full }) { return full }
        guard let first = full.firstIndex(of: ":"), let last = full.lastIndex(of: ":") else { return full }
        let rest = String(full[full.index(after: last)...])
        if Self.wordCount(rest) < 3 { return String(full[full.index(after: first)...]) }
        return Self.wordCount(String(full[..<first])) > 5 ? full : rest
    }

    private var onlyHeading: String? {
        let headings = document.descendants(of: HTMLDocument.root, [.h1])
        return headings.count == 1 ? UTF8Text.collapsed(document.textContent(headings[0])) : nil
    }

    /// Four words are too few for a title, unless all that was taken off is one step of a path.
    private func isTooShort(_ title: String, isPath: Bool) -> Bool {
        let words = Self.wordCount(title)
        guard words <= 4 else { return false }
        return !isPath || words != Self.wordCount(withoutSeparators) - 1
    }

    private var withoutSeparators: String {
        var scalars = self.scalars
        for index in separators.reversed() { scalars.removeSubrange((index - 1)...(index + 1)) }
        return Self.string(scalars[...])
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    /// Pieces between runs of white space; white space at an end makes an empty piece.
    private static func wordCount(_ text: String) -> Int {
        var count = 1
        var inSpace = false
        for scalar in text.unicodeScalars {
            let isSpace = UTF8Text.isSpace(scalar)
            if isSpace, !inSpace { count += 1 }
            inSpace = isSpace
        }
        return count
    }
}

extension HTMLDocument {
    /// Text with ASCII white space folded, as the title of a document is defined.
    fileprivate func foldedASCII(_ id: NodeID) -> String {
        let words = textContent(id).utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return UTF8Text.trimmed(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
    }
}
