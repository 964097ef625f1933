import Foundation
import Measurements

/// A text that the bookmarks of a bench are composed of.
struct SampleText: Sendable {
    let title: String
    let sentences: [String]
    /// Texts of one field share their words, and are mixed with one another only.
    let field: Int
}

/// The texts that make a library, and questions to it: of the retrieval collections where they are there, otherwise
/// made up.
struct SampleTexts: Sendable {
    let texts: [SampleText]
    let questions: [String]
    /// What they are, for people.
    let origin: String

    /// - Parameter count: texts at the most, evenly from all fields.
    init(data: URL, count: Int) throws {
        let collections = (try? RetrievalCollection.all(in: data.appending(path: "retrieval"))) ?? []
        guard !collections.isEmpty else {
            let language = MadeUpLanguage()
            var random = SeededRandom(1)
            texts = (0..<count).map { language.text(field: $0 % MadeUpLanguage.fields, using: &random) }
            questions = []
            origin = "made-up words"
            return
        }
        texts = collections.enumerated().flatMap { field, collection in
            collection.documents.lazy.filter { !$0.text.isEmpty }.prefix(count / collections.count).map {
                SampleText($0, field: field)
            }
        }
        questions = collections.flatMap { $0.queries.map(\.text) }
        origin = collections.map(\.name).joined(separator: " and ")
    }

    /// Different queries as people type them: a few words in a row of some text, and whole questions.
    func queries(_ count: Int, seed: UInt64) -> [String] {
        var random = SeededRandom(seed)
        var queries = Set(questions.shuffled(using: &random).prefix(count / 4))
        while queries.count < count {
            guard let text = texts.randomElement(using: &random) else { break }
            let sentence = text.sentences.randomElement(using: &random) ?? text.title
            let words = (Bool.random(using: &random) ? text.title : sentence).split { !$0.isLetter && !$0.isNumber }
            guard words.count >= 2 else { continue }
            let length = Int.random(in: 2...min(7, words.count), using: &random)
            let start = Int.random(in: 0...(words.count - length), using: &random)
            queries.insert(words[start..<(start + length)].joined(separator: " "))
        }
        return queries.sorted().shuffled(using: &random)
    }
}

extension SampleText {
    fileprivate init(_ document: RetrievalCollection.Document, field: Int) {
        let words = document.text.split(whereSeparator: \.isWhitespace)
        let text = words.joined(separator: " ")
        let sentences = text.components(separatedBy: ". ").map { $0.trimmingCharacters(in: .whitespaces) }
        let title = document.title.isEmpty ? words.prefix(10).joined(separator: " ") : document.title
        self.init(title: title, sentences: sentences.filter { $0.count > 10 }, field: field)
    }
}

/// Pseudo-words whose frequencies follow Zipf's law, with words of their own in every field.
private struct MadeUpLanguage {
    static let fields = 20

    private let common: [String]
    private let special: [[String]]

    init() {
        var random = SeededRandom(7)
        let syllables = [
            "ba", "co", "den", "fi", "gar", "hul", "ion", "ka", "lum", "mer", "nos", "pri", "quen", "sta", "tor", "vel",
        ]
        func word() -> String {
            (0..<Int.random(in: 1...4, using: &random)).map { _ in syllables.randomElement(using: &random) ?? "" }
                .joined()
        }
        common = (0..<4000).map { _ in word() }
        special = (0..<Self.fields).map { _ in (0..<1500).map { _ in word() } }
    }

    func text(field: Int, using random: inout SeededRandom) -> SampleText {
        let sentences = (0..<Int.random(in: 4...10, using: &random)).map { _ in
            words(Int.random(in: 8...24, using: &random), field, using: &random)
        }
        return SampleText(
            title: words(Int.random(in: 4...10, using: &random), field, using: &random), sentences: sentences,
            field: field)
    }

    private func words(_ count: Int, _ field: Int, using random: inout SeededRandom) -> String {
        (0..<count).map { _ in
            let vocabulary = Bool.random(using: &random) ? common : special[field]
            return vocabulary[random.rank(below: vocabulary.count)]
        }.joined(separator: " ")
    }
}
