import Testing

@testable import Embeddings

/// The expected ids are those of HuggingFace's `tokenizers` 0.22 with the model's `tokenizer.json`.
struct WordPieceTests {
    @Test(
        "a text has the reference tokenizer's ids",
        arguments: [
            ("", []),
            ("  \t\n", []),
            ("Hello, World!", [7592, 1010, 2088, 999]),
            ("tokenization unaffable", [19204, 3989, 14477, 20961, 3468]),
            ("Café Ångström naïve", [7668, 17076, 15687, 15743]),
            ("İstanbul ΟΔΥΣΣΕΥΣ", [9960, 1169, 29722, 29735, 29733, 29733, 29723, 29735, 29733]),
            ("日本語 mixed 中文", [1864, 1876, 1950, 3816, 1746, 1861]),
            ("한국어", [1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008]),
            ("مُحَمَّد", [1295, 29820, 22192, 15394]),
            ("ไทย", [100]),
            ("हिन्दी", [1339, 29877, 29863, 29861, 29878]),
            ("👩‍👧 🇩🇪 ok", [100, 100, 7929]),
            ("zero\u{200B}width a\u{0}b", [5717, 9148, 11927, 2232, 11113]),
            ("a\u{A0}b\u{2028}c", [1037, 1038, 1039]),
            ("[CLS] hi [MASK] [cls]", [101, 7632, 103, 1031, 18856, 2015, 1033]),
            ("##ing foo##bar", [1001, 1001, 13749, 29379, 1001, 1001, 3347]),
            (
                "don't e-mail a.b@c.de",
                [2123, 1005, 1056, 1041, 1011, 5653, 1037, 1012, 1038, 1030, 1039, 1012, 2139]
            ),
            ("ﬁ ½ ℃", [1984, 1092, 100]),
            ("≠", [1027]),
        ] as [(String, [Int32])])
    func reference(text: String, ids: [Int32]) throws {
        #expect(try Model.tokenizer.get().ids(of: text) == [101] + ids + [102])
    }

    @Test("a word of more than 100 characters is unknown, one of 100 is not")
    func longWords() throws {
        let tokenizer = try Model.tokenizer.get()
        #expect(tokenizer.ids(of: String(repeating: "x", count: 101)) == [101, 100, 102])
        #expect(tokenizer.ids(of: String(repeating: "é", count: 101)) == [101, 100, 102])
        #expect(!tokenizer.ids(of: String(repeating: "x", count: 100)).contains(100))
        #expect(tokenizer.ids(of: String(repeating: "x", count: 1_000_000)) == [101, 100, 102])
    }

    @Test("a long text is cut to 256 tokens, the marks included")
    func truncation() throws {
        let ids = try Model.tokenizer.get().ids(of: String(repeating: "word ", count: 200_000))
        #expect(ids.count == 256)
        #expect(ids.first == 101 && ids.last == 102)
    }

    @Test("words know where they stand in the text")
    func offsets() throws {
        var ranges: [Range<Int>] = []
        try Model.tokenizer.get().forEachWord(in: " Añb,\u{200B} c [SEP]x") {
            ranges.append($0.range)
            return true
        }
        #expect(ranges == [1..<5, 5..<6, 10..<11, 12..<17, 17..<18])
    }

    @Test("a missing or foreign vocabulary is a typed failure")
    func badVocabulary() {
        #expect(throws: EmbeddingFailure.self) { try WordPiece(vocabulary: "/nowhere/vocab.txt") }
        #expect {
            try WordPiece(vocabulary: #filePath)
        } throws: {
            guard case EmbeddingFailure.damaged = $0 else { return false }
            return true
        }
    }
}
