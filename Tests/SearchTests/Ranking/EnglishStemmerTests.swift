import Testing

@testable import Search

@Suite("Stemming English")
struct EnglishStemmerTests {
    @Test(
        "forms of one word share a stem",
        arguments: [
            ("connection connections connected connecting connective", "connect"),
            ("relate relates related relating relational", "relat"), ("hope hoped hoping hopes", "hope"),
            ("hop hopped hopping hops", "hop"), ("happy happiness", "happi"), ("sky skies", "sky"),
            ("organization organizations organize organizer", "organiz"), ("cry cries cried", "cri"),
            ("die dying", "die"), ("bookmark bookmarks bookmarked bookmarking", "bookmark"),
            ("biology biologist", "biolog"), ("sensibility sensible", "sensibl"), ("agree agreed", "agre"),
            ("dependent depends dependence", "depend"), ("adoption adopt", "adopt"), ("controlling control", "control"),
        ])
    func families(words: String, stem: String) {
        let stems = words.split(separator: " ").map { TextAnalyzer().analyze(String($0)).terms }
        #expect(stems.allSatisfy { $0 == [stem] }, "\(stems)")
    }

    @Test(
        "words that only look inflected stay",
        arguments: [
            ("news", "news"), ("this", "this"), ("gas", "gas"), ("bus", "bus"), ("bias", "bias"), ("inning", "inning"),
            ("herring", "herring"), ("proceeds", "proceed"), ("sing", "sing"), ("red", "red"), ("bed", "bed"),
            ("only", "onli"), ("early", "earli"), ("as", "as"), ("add", "add"), ("generous", "generous"),
            ("university", "universiti"), ("universe", "univers"), ("paste", "paste"), ("feed", "feed"),
            ("say", "say"), ("by", "by"), ("ties", "tie"), ("gaps", "gap"), ("kiwis", "kiwi"),
            ("internationalization", "internation"), ("rationalize", "ration"), ("electrical", "electr"),
            ("decisiveness", "decis"), ("vitally", "vital"), ("apology", "apolog"), ("replacement", "replac"),
            ("formative", "format"), ("fall", "fall"), ("falling", "fall"), ("sized", "size"), ("youth", "youth"),
        ])
    func single(word: String, stem: String) {
        #expect(TextAnalyzer().analyze(word).terms == [stem])
    }

    @Test("words with digits or other letters are left alone")
    func others() {
        #expect(TextAnalyzer().analyze("mp3s страницы").terms == ["mp3s", "страницы"])
    }
}
