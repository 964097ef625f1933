import Foundation

/// A name a person gives to things that belong together: 1 to 100 characters without line breaks.
public struct TagName: Sendable, Hashable {
    public let text: String

    /// What makes two tags the same: case does not count.
    var key: String { text.lowercased() }

    init(_ input: String) throws(BookmarkFailure) {
        let text = input.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .precomposedStringWithCanonicalMapping
        guard (1...100).contains(text.count) else {
            throw .invalidField("tags", "each must have 1 to 100 characters")
        }
        self.text = text
    }
}

/// The tags of one bookmark: in the order given, each once.
struct TagList: Sendable, Equatable {
    static let limit = 200

    let names: [String]

    var keys: [String] { names.map { $0.lowercased() } }

    /// - Throws: `BookmarkFailure.invalidField` for a tag that is none, or more than 200.
    init(_ inputs: [String]) throws(BookmarkFailure) {
        guard inputs.count <= Self.limit else { throw .invalidField("tags", "may be at most \(Self.limit)") }
        var names: [String] = []
        var keys: Set<String> = []
        for input in inputs where !input.allSatisfy(\.isWhitespace) {
            let tag = try TagName(input)
            guard keys.insert(tag.key).inserted else { continue }
            names.append(tag.text)
        }
        self.names = names
    }

    /// The tags as a column holds them: one on each line, which no tag contains.
    var stored: String { names.joined(separator: "\n") }

    init(stored: String) {
        names = stored.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }
}
