import Foundation

/// A collection in the form of BEIR: `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`.
public struct RetrievalCollection: Sendable {
    public struct Document: Decodable, Sendable {
        public let id: String
        public let title: String
        public let text: String

        private enum CodingKeys: String, CodingKey { case id = "_id", title, text }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(String.self, forKey: .id)
            title = try fields.decodeIfPresent(String.self, forKey: .title) ?? ""
            text = try fields.decodeIfPresent(String.self, forKey: .text) ?? ""
        }
    }

    public struct Query: Sendable {
        public let id: String
        public let text: String
        /// How relevant each judged document is; what is not judged is not relevant.
        public let judgements: [String: Int]
    }

    public let name: String
    public let documents: [Document]
    /// Those that have a relevant document.
    public let queries: [Query]

    public init(folder: URL) throws {
        name = folder.lastPathComponent
        documents = try Self.lines(of: folder.appending(path: "corpus.jsonl"))
        let texts: [Document] = try Self.lines(of: folder.appending(path: "queries.jsonl"))
        let judgements = try Self.judgements(in: folder.appending(path: "qrels/test.tsv"))
        queries = texts.compactMap { query in
            guard let judged = judgements[query.id], judged.values.contains(where: { $0 > 0 }) else { return nil }
            return Query(id: query.id, text: query.text, judgements: judged)
        }
    }

    /// Every collection in a folder of collections, by name.
    public static func all(in folder: URL) throws -> [RetrievalCollection] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { FileManager.default.fileExists(atPath: $0.appending(path: "corpus.jsonl").path) }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map(RetrievalCollection.init)
    }

    private static func lines(of file: URL) throws -> [Document] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(Document.self, from: Data($0)) }
    }

    private static func judgements(in file: URL) throws -> [String: [String: Int]] {
        var result: [String: [String: Int]] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).dropFirst() {
            let columns = line.split(separator: "\t")
            guard columns.count >= 3, let score = Int(columns[2]) else { continue }
            result[String(columns[0]), default: [:]][String(columns[1])] = score
        }
        return result
    }
}
