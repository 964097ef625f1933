import Testing

@testable import Embeddings

struct PassagesTests {
    private func passages() throws -> Passages { Passages(tokenizer: try Model.tokenizer.get()) }
    private let story = (0..<200).map { "Sentence number \($0) tells of the sea. " }.joined()

    @Test("a short text is one passage with its title")
    func short() throws {
        let passages = try passages().split(" A few words. ", title: " The Sea \n")
        #expect(passages == [Passage(text: "The Sea\nA few words.", range: 1..<13)])
    }

    @Test("a title alone is a passage, nothing is none")
    func empty() throws {
        #expect(try passages().split("", title: "Only this").map(\.text) == ["Only this"])
        #expect(try passages().split(" \n ").isEmpty)
    }

    @Test("passages fit the model, overlap, and leave nothing out")
    func cover() throws {
        let tokenizer = try Model.tokenizer.get()
        let passages = try passages().split(story, title: "Tales of the sea")
        #expect(passages.count > 5)
        for passage in passages {
            #expect(tokenizer.ids(of: passage.text, limit: 10_000).count <= WordPiece.maxTokens)
            #expect(passage.text.hasPrefix("Tales of the sea\nSentence number"))
            #expect(passage.text.hasSuffix("sea."))
        }
        for (one, next) in zip(passages, passages.dropFirst()) {
            #expect(next.range.lowerBound < one.range.upperBound)
            #expect(next.range.lowerBound > one.range.lowerBound)
        }
        #expect(passages.first?.range.lowerBound == 0)
        #expect(passages.last?.range.upperBound == story.utf8.count - 1)
    }

    @Test("a passage ends with a paragraph where one ends near")
    func paragraphs() throws {
        let paragraph = String(repeating: "word, and more. ", count: 35)
        let passages = try passages().split(paragraph + "\n\n" + paragraph)
        #expect(passages.first?.range == 0..<paragraph.utf8.count - 1)
    }

    @Test("a very long text gives a bounded number, from its beginning to its end")
    func bounded() throws {
        let text = String(repeating: story, count: 20)
        let passages = try passages().split(text)
        #expect(passages.count == Passages.limit)
        #expect(passages.first?.range.lowerBound == 0)
        #expect(passages.last?.range.upperBound == text.utf8.count - 1)
    }

    @Test(
        "texts without spaces or sentences are split too",
        arguments: ["漢字", "𠀀。", "x,", "é ", "👩‍👧"])
    func anyText(unit: String) throws {
        let text = String(repeating: unit, count: 2000)
        let passages = try passages().split(text, title: String(repeating: "Title ", count: 300))
        #expect(!passages.isEmpty)
        for passage in passages {
            let ids = try Model.tokenizer.get().ids(of: passage.text, limit: 10_000)
            #expect(ids.count <= WordPiece.maxTokens)
            #expect(passage.text.contains("Title"))
        }
    }
}
