import Testing

@testable import Embeddings

struct SentenceEncoderTests {
    @Test("texts of like meaning are closer than others")
    func similarity() throws {
        let vectors = try Model.encoder.get().embed([
            "The cat sleeps on the sofa.", "A kitten naps on the couch.",
            "Interest rates rose as bond markets fell.",
        ])
        #expect(dot(vectors[0], vectors[1]) > 0.5)
        #expect(dot(vectors[0], vectors[2]) < 0.15)
    }

    /// From sentence-transformers with torch in f32.
    @Test("a vector is that of sentence-transformers")
    func reference() throws {
        let vector = try #require(
            try Model.encoder.get().embed(["This is an example sentence"]).first)
        let expected: [Float] = [0.06766, 0.0635, 0.04871, 0.07931, 0.03745, 0.00265, 0.03937, -0.0071]
        for (value, expected) in zip(vector, expected) { #expect(abs(value - expected) < 1e-4) }
        #expect(abs(dot(vector, vector) - 1) < 1e-5)
    }

    @Test("a text's vector does not depend on its companions")
    func noLeak() throws {
        let encoder = try Model.encoder.get()
        let long = String(repeating: "A long story about the sea and its ships. ", count: 30)
        let texts = ["sea", long, "A ship sails.", "", "ship " + long, "x", "two words", "Hm?", "sea"]
        let together = try encoder.embed(texts)
        for (text, vector) in zip(texts, together) {
            let alone = try #require(try encoder.embed([text]).first)
            #expect(dot(vector, alone) > 0.99999)
        }
        #expect(try encoder.embed(texts) == together)
    }

    @Test("no text is too short or too long", arguments: [0, 10_000, 1_000_000])
    func anyLength(size: Int) throws {
        let vector = try #require(
            try Model.encoder.get().embed([String(repeating: "abc ", count: size / 4)]).first)
        #expect(vector.count == SentenceEncoder.dimensions)
        #expect(abs(dot(vector, vector) - 1) < 1e-4)
    }

    @Test("nothing in, nothing out")
    func nothing() throws {
        #expect(try Model.encoder.get().embed([]).isEmpty)
    }

    @Test("many threads may embed at once")
    func concurrency() async throws {
        let encoder = try Model.encoder.get()
        let expected = try encoder.embed(["one", "two", "three"])
        let same = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    guard let vectors = try? encoder.embed(["one", "two", "three"]) else { return false }
                    return zip(vectors, expected).allSatisfy { dot($0, $1) > 0.9999 }
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(same)
    }

    @Test("a stream of any length keeps its order")
    func stream() throws {
        let encoder = try Model.encoder.get()
        let texts = (0..<600).map { "number \($0 % 7)" }
        var seen: [String] = []
        var vectors: [String: [Float]] = [:]
        try encoder.embedEach(of: texts) { text, vector in
            seen.append(text)
            let vector = try vector.get()
            #expect(dot(vectors[text] ?? vector, vector) > 0.9999)
            vectors[text] = vector
        }
        #expect(seen == texts)
    }

    @Test(
        "bf16 agrees with f32 where the processor has AMX tiles",
        .enabled(if: TileModel.isSupported))
    func tiles() throws {
        let tiles = try SentenceEncoder(files: Model.files, precision: .bf16, threads: 2)
        var texts = (0..<40).map { String(repeating: "the quick brown fox \($0) ", count: $0) }
        texts.append(String(repeating: "Über allen Gipfeln ist Ruh. ", count: 100))
        let exact = try Model.encoder.get().embed(texts)
        let vectors = try tiles.embed(texts)
        for (a, b) in zip(vectors, exact) { #expect(dot(a, b) > 0.999) }
        let again = try tiles.embed(texts)
        #expect(again == vectors)
    }
}
