import ArgumentParser
import Embeddings
import Foundation
import Reading

struct NormalizeURLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "normalize-url",
        abstract: "Turn addresses into their identity keys.",
        discussion: """
            One address a line; out comes what makes it the same bookmark as others, itself an address, or an empty \
            line where it is no web address.
            """)

    @Argument(help: "Files to read instead of standard input.")
    var files: [String] = []

    func run() async throws {
        try await LineFilter { line in
            let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            return WebURL(pasted: text).flatMap { URLIdentity.key(of: $0) }?.href ?? ""
        }.run(files: files)
    }
}

struct ExtractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Find the article in pages.",
        discussion: """
            One JSON object a line: {"id","url","html"} in; {"id","title","byline","site_name","excerpt","lang",\
            "published_at","text",…} out, or {"id","error"}.
            """)

    @Argument(help: "Files to read instead of standard input.")
    var files: [String] = []

    func run() async throws {
        let extractor = PageExtractor()
        try await LineFilter { line in ExtractionLine.answer(line, extractor) }.run(files: files)
    }
}

/// One page of the filter, in and out.
enum ExtractionLine {
    /// An id is given back as it came: a text or a number.
    enum PageID: Codable {
        case text(String)
        case number(Int64)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .text(let text): try value.encode(text)
            case .number(let number): try value.encode(number)
            }
        }
    }

    struct Input: Decodable {
        let id: PageID?
        let url: String?
        let html: String
    }

    struct Identified: Decodable { let id: PageID? }

    struct Output: Encodable {
        let id: PageID?
        let page: ExtractedPage

        enum CodingKeys: String, CodingKey { case id }

        func encode(to encoder: any Encoder) throws {
            try page.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
        }
    }

    struct Failure: Encodable {
        let id: PageID?
        let error: String
    }

    static func answer(_ line: [UInt8], _ extractor: PageExtractor) -> String {
        guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return "" }
        let data = Data(line)
        do {
            let input = try JSONDecoder().decode(Input.self, from: data)
            let page = extractor.extract(html: input.html, url: input.url.flatMap { WebURL(pasted: $0) })
            return try Console.json(Output(id: input.id, page: page))
        } catch {
            let id = (try? JSONDecoder().decode(Identified.self, from: data))?.id
            let failure = Failure(id: id, error: "not a JSON object with an html text")
            return (try? Console.json(failure)) ?? ""
        }
    }
}
