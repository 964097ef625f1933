import Testing

@testable import Search

@Suite("The forward index of an entry")
struct TermFrequenciesTests {
    private let analyzer = TextAnalyzer()

    private func hash(_ word: String) -> UInt32 { SearchQuery(word).terms[0].hash }

    @Test("frequencies and lengths are kept for each field")
    func fields() {
        let frequencies = TermFrequencies([
            .title: analyzer.analyze("Sour dough"), .content: analyzer.analyze("dough, dough and more dough"),
        ])
        #expect(frequencies.frequency(of: hash("dough"), in: .title) == 1)
        #expect(frequencies.frequency(of: hash("dough"), in: .content) == 3)
        #expect(frequencies.frequency(of: hash("sour"), in: .content) == 0)
        #expect(frequencies.length(of: .content) == 5 && frequencies.length(of: .tags) == 0)
        #expect(Set(frequencies.terms) == Set(["sour", "dough", "and", "more"].map(hash)))
    }

    @Test("every one of many terms is found, and none that is not there")
    func lookup() {
        let words = (0..<3000).map { "word\($0)" }
        let text = words.enumerated().map { String(repeating: $1 + " ", count: $0 % 3 + 1) }.joined()
        let frequencies = TermFrequencies([.content: analyzer.analyze(text)])
        for (index, word) in words.enumerated() {
            #expect(frequencies.frequency(of: hash(word), in: .content) == index % 3 + 1)
        }
        for index in 3000..<6000 { #expect(frequencies.frequency(of: hash("word\(index)"), in: .content) == 0) }
        for edge in [0, 1, .max] as [UInt32] { #expect(frequencies.frequency(of: edge, in: .content) == 0) }
    }

    @Test("frequencies stop at 255")
    func saturation() {
        let text = String(repeating: "buffalo ", count: 1000)
        #expect(TermFrequencies([.content: analyzer.analyze(text)]).frequency(of: hash("buffalo"), in: .content) == 255)
    }

    @Test("a field can be kept while the others are written anew")
    func keeping() {
        let first = TermFrequencies([.title: analyzer.analyze("old"), .content: analyzer.analyze("bread and salt")])
        let second = TermFrequencies([.title: analyzer.analyze("new name")], keeping: .content, of: first)
        let whole = TermFrequencies([
            .title: analyzer.analyze("new name"), .content: analyzer.analyze("bread and salt"),
        ])
        #expect(second == whole)
        #expect(TermFrequencies([:], keeping: .content, of: nil).terms.isEmpty)
    }

    @Test("damaged bytes hold nothing")
    func damage() {
        let good = TermFrequencies([.content: analyzer.analyze("bread and salt")]).bytes
        let damaged: [[UInt8]] = [
            [], [1], Array(good.dropLast()), good + [0], [9] + Array(good.dropFirst()), Array(good.prefix(20)),
        ]
        for bytes in damaged {
            let frequencies = TermFrequencies(bytes: bytes)
            #expect(frequencies.terms.isEmpty && frequencies.length(of: .content) == 0)
            #expect(frequencies.frequency(of: hash("bread"), in: .content) == 0)
        }
    }

    @Test("hashes never change: they are stored")
    func stability() {
        #expect(hash("bread") == 0x946A_49C0 && hash("東") == 0xA0B5_BEF0)
    }
}
