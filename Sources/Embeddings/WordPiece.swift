/// BERT's uncased tokenizer: normalised words split greedily into the longest known pieces.
///
/// Agrees with HuggingFace's `BertTokenizerFast`, token for token.
public struct WordPiece: Sendable {
    /// sentence-transformers' `max_seq_length` for all-MiniLM-L6-v2, [CLS] and [SEP] included.
    public static let maxTokens = 256
    /// Longer words are unknown as a whole.
    private static let maxWordScalars = 100

    /// One word of a text: where it stands, in UTF-8 offsets, and its pieces.
    struct Word {
        var range: Range<Int>
        var pieces: [Int32]
    }

    private let vocabulary: Vocabulary
    private let folding = CharacterFolding()
    private let ascii: CharacterFolding.Page
    private let special: [(text: [UInt8], id: Int32)]
    private let unknown: Int32
    private let classification: Int32
    private let separator: Int32

    /// Reads `vocab.txt`.
    public init(vocabulary path: String) throws(EmbeddingFailure) {
        let mapped = try MappedFile(path: path)
        vocabulary = Vocabulary(lines: mapped.bytes)
        // Ids are rows of the model's table of words; one too many would be read from elsewhere.
        guard vocabulary.count <= MiniLM.vocabulary else {
            throw .damaged(file: path, reason: "it has more than \(MiniLM.vocabulary) entries")
        }
        ascii = folding.page(0)
        var special: [String: Int32] = [:]
        for name in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] {
            guard let id = vocabulary.id(of: name) else {
                throw .damaged(file: path, reason: "it has no \(name)")
            }
            special[name] = id
        }
        self.special = special.map { (Array($0.key.utf8), $0.value) }
        unknown = special["[UNK]", default: 0]
        classification = special["[CLS]", default: 0]
        separator = special["[SEP]", default: 0]
    }

    /// The ids of a text between [CLS] and [SEP], cut to `limit` tokens in all.
    public func ids(of text: String, limit: Int = maxTokens) -> [Int32] {
        var ids = [classification]
        forEachWord(in: text) { word in
            ids.append(contentsOf: word.pieces.prefix(limit - 1 - ids.count))
            return ids.count < limit - 1
        }
        ids.append(separator)
        return ids
    }

    /// Calls `body` with every word in order until it returns false.
    func forEachWord(in text: String, _ body: (Word) -> Bool) {
        var text = text
        text.withUTF8 { forEachWord(in: $0, body) }
    }

    /// The same for a text's bytes, which must be valid UTF-8.
    func forEachWord(in bytes: UnsafeBufferPointer<UInt8>, _ body: (Word) -> Bool) {
        var scanner = WordScanner(bytes: bytes, folding: folding, ascii: ascii, special: special)
        while let found = scanner.next() {
            let pieces = found.special.map { [$0] } ?? pieces(of: scanner)
            if !body(Word(range: found.range, pieces: pieces)) { return }
        }
    }

    private func pieces(of scanner: WordScanner) -> [Int32] {
        guard scanner.scalarCount <= Self.maxWordScalars else { return [unknown] }
        var pieces: [Int32] = []
        var start = 0
        while start < scanner.word.count {
            guard let piece = vocabulary.longest(scanner.word, from: start) else { return [unknown] }
            pieces.append(piece.id)
            start = piece.end
        }
        return pieces
    }
}
