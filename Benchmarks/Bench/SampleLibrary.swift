import Foundation
import Persistence
import Search

/// Fills a database with bookmarks that have been read: their rows, contents, words and vectors.
///
/// The words go through the product's own index. The rows are written directly, as saving each link would make a job
/// of it.
struct SampleLibrary: Sendable {
    let texts: SampleTexts
    let vectors: SampleVectors
    let count: Int

    /// Bookmarks written in one transaction.
    private static let batch = 1000

    private let index = SearchIndex()

    init(texts: SampleTexts, vectors: SampleVectors, count: Int) {
        self.texts = texts
        self.vectors = vectors
        self.count = count
    }

    private struct Item: Sendable {
        let number: Int
        let title: String
        let tags: [String]
        let text: String
        let words: AnalyzedText
        let vector: [Float]
        let savedAt: Date

        var site: String { "site\(number % 700).example" }
        var url: String { "https://www.\(site)/articles/\(number)" }
    }

    /// - Parameter user: whose library it is; empty so far.
    func fill(_ database: Database, ownedBy user: Int64) async throws {
        var next = compose(0)
        for start in stride(from: 0, to: count, by: Self.batch) {
            let items = next
            async let written: Void = write(items, to: database, ownedBy: user)
            if start + Self.batch < count { next = compose(start + Self.batch) }
            try await written
        }
        try await database.write { connection in
            try connection.execute("INSERT INTO bookmark_counts (user_id, bookmarks) VALUES (\(user), \(count))")
        }
    }

    private func compose(_ start: Int) -> [Item] {
        (start..<min(start + Self.batch, count)).map { number in
            var random = SeededRandom(UInt64(number))
            let (main, other) = pair(using: &random)
            let (first, second) = (texts.texts[main], texts.texts[other])
            let sentences =
                first.sentences.shuffled(using: &random).prefix(5) + second.sentences.shuffled(using: &random).prefix(3)
            let title = first.title.split(separator: " ").prefix(8) + second.title.split(separator: " ").suffix(2)
            let text = sentences.joined(separator: ". ")
            return Item(
                number: number, title: title.joined(separator: " "),
                tags: (0..<Int.random(in: 0...3, using: &random)).map { _ in "topic \(random.rank(below: 200))" },
                text: text, words: index.analyze(text), vector: vectors.mix(main, other, using: &random),
                savedAt: Date(timeIntervalSince1970: 1_600_000_000 + Double(number) * 900))
        }
    }

    /// Two texts of one field.
    private func pair(using random: inout SeededRandom) -> (Int, Int) {
        let all = texts.texts
        let main = Int.random(in: all.indices, using: &random)
        for _ in 0..<100 {
            let other = Int.random(in: all.indices, using: &random)
            if other != main, all[other].field == all[main].field { return (main, other) }
        }
        return (main, main)
    }

    private func write(_ items: [Item], to database: Database, ownedBy user: Int64) async throws {
        try await database.write { connection in
            for item in items { try write(item, ownedBy: user, in: connection) }
        }
    }

    private func write(_ item: Item, ownedBy user: Int64, in connection: SQLConnection) throws {
        let key = withUnsafeBytes(of: (UInt64(item.number).bigEndian, UInt64(0))) { [UInt8]($0) }
        let id = try connection.value(
            """
            INSERT INTO bookmarks (user_id, url, identity_key, identity_hash, similarity_hash, domain, title,
                title_source, notes, tags, category, status, site_name, excerpt, lang, page_kind, word_count,
                created_at, updated_at)
            VALUES (\(user), \(item.url), \(item.url), \(key), \(key), \(item.site), \(item.title), 'page', '',
                \(item.tags.joined(separator: "\n")), \("Folder \(item.number % 12)"), 'ready', \(item.site),
                \(String(item.text.prefix(200))), 'en', 'article', \(item.words.length), \(item.savedAt),
                \(item.savedAt))
            RETURNING id
            """, as: Int64.self)
        guard let id else { throw BenchFailure("A bookmark was not written.") }
        for tag in Set(item.tags) {
            try connection.execute(
                "INSERT INTO bookmark_tags (user_id, tag_key, bookmark_id) VALUES (\(user), \(tag), \(id))")
        }
        try connection.execute(
            """
            INSERT INTO bookmark_contents (bookmark_id, user_id, final_url, text, html, captured_at)
            VALUES (\(id), \(user), \(item.url), \(item.text), \("<p>\(item.text)</p>"), \(item.savedAt))
            """)
        let space = Space.personal(ofUser: user)
        let entry = SearchEntry(
            space: space, kind: SearchKind(rawValue: "bookmark"), ref: id, title: item.title, tags: item.tags,
            site: item.site, address: item.url, dated: item.savedAt)
        let passage = EmbeddedPassage(range: 0..<item.text.utf8.count, vector: item.vector)
        try index.put(entry, content: item.words, meaning: .embedded([passage]), in: connection)
    }
}
