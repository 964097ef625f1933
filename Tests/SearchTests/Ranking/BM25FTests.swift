import Testing

@testable import Search

@Suite("Ranking by words")
struct BM25FTests {
    @Test("a rare word says more than a common one")
    func rarity() {
        let shelf = Shelf(["bread oven", "bread knife", "bread crumb", "bread saffron", "milk oven"])
        #expect(shelf.best("bread saffron") == 3)
        let scores = shelf.scores("saffron bread")
        #expect(scores[3] > scores[0] && scores[0] > 0 && scores[4] == 0)
    }

    @Test("the score is the part of the query covered: between 0 and 1, more with more of the words")
    func coverage() {
        let shelf = Shelf(["one two three", "one two", "one", "other"])
        let scores = shelf.scores("one two three")
        #expect(scores == scores.sorted(by: >) && scores[0] < 1 && scores[3] == 0)
        #expect(shelf.scores("one unheard unseen")[2] < shelf.scores("one")[2])
    }

    @Test("repetition helps less and less; a short text is more about its words than a long one")
    func saturationAndLength() {
        let filler = (0..<200).map { "filler\($0)" }.joined(separator: " ")
        let shelf = Shelf(["tea leaf", "tea tea leaf", "tea tea tea leaf", "tea leaf " + filler])
        let scores = shelf.scores("tea")
        #expect(scores[1] - scores[0] > scores[2] - scores[1] && scores[2] > scores[1])
        #expect(scores[3] < scores[0])
    }

    @Test("a word in the title or a tag counts more than in the text")
    func fields() {
        var shelf = Shelf()
        for field in [SearchField.content, .notes, .title, .tags] {
            shelf.add([field: "espresso grinder", field == .content ? .title : .content: "something else"])
        }
        let scores = shelf.scores("espresso")
        #expect(scores[2] > scores[0] && scores[3] > scores[0] && scores[1] > 0)
    }

    @Test("an empty space, an empty query and words nobody uses score nothing")
    func nothing() {
        #expect(Shelf().scores("anything").isEmpty)
        #expect(Shelf(["bread"]).scores("") == [0] && Shelf(["bread"]).scores("***") == [0])
        #expect(Shelf(["bread"]).scores("wine") == [0])
        let bogus = SpaceStatistics(documents: 1, fieldLengths: [], documentFrequencies: [:])
        #expect(BM25F(SearchQuery("bread"), bogus).score(TermFrequencies(bytes: [])) == 0)
    }
}
