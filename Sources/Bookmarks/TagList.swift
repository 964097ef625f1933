import Foundation

/// A name a person gives to things that belong together: 1 to 100 characters without line breaks.
public struct TagName: Sendable, Hashable {
    public let text: String

    /// One character may carry any number of accents, and an index of PostgreSQL holds no more than 2,704 bytes.
    static let mostBytes = 1024

    /// What makes two tags the same: case does not count.
    var key: String { Self.key(of: text) }

    fileprivate static func key(of text: String) -> String { text.lowercased() }

    init(_ input: String) throws(BookmarkFailure) {
        let text = input.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .precomposedStringWithCanonicalMapping
        guard (1...100).contains(text.count), text.utf8.count <= TagName.mostBytes else {
            throw .invalidField("tags", "each must have 1 to 100 characters")
        }
        self.text = text
    }
}

/// The tags of one bookmark: in the order given, each once.
struct TagList: Sendable, Equatable {
    static let limit = 200

    let names: [String]

    var keys: [String] { names.map(TagName.key) }

    /// - Throws: `BookmarkFailure.invalidField` for a tag that is none, or more than 200.
    init(_ inputs: [String]) throws(BookmarkFailure) {
        guard inputs.count <= Self.limit else { throw .invalidField("tags", "may be at most \(Self.limit)") }
        var tags: [TagName] = []
        for input in inputs where !input.allSatisfy(\.isWhitespace) { tags.append(try TagName(input)) }
        self.init(tags)
    }

    /// Those of another program's tags that are tags here, as many as fit.
    init(importing inputs: [String]) { self.init(inputs.compactMap { try? TagName($0) }) }

    private init(_ tags: [TagName]) {
        var keys: Set<String> = []
        names = Array(tags.filter { keys.insert($0.key).inserted }.map(\.text).prefix(Self.limit))
    }

    /// Names that were in a list before.
    init(kept names: [String]) { self.names = names }

    /// The tags as a column holds them: one on each line, which no tag contains.
    var stored: String { names.joined(separator: "\n") }

    init(stored: String) {
        names = stored.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }
}
