import HTTPSupport
import HTTPTypes
import NIOCore
import TestSupport
import Testing

@testable import Caching
@testable import Fuze

/// What is kept in Redis outlives the program that wrote it, and during an update two programs share it. Whoever
/// changes a shape here raises the format of its kind.
@Suite("What is written into the shared cache")
struct CacheFormatTests {
    @Test("lists of links")
    func lists() async throws {
        try await Server.run { server in
            let ada = try await server.person("ada")
            _ = try await ada.save("https://example.org/", ["tags": ["tea"], "category": "Kitchen"])
            let list = shape(try await ada.get("/api/bookmarks").json)
            #expect(CacheKind.links.format == 1)
            #expect(
                list == """
                    {items: [{byline: none, category: text, created_at: text, domain: text, excerpt: none, \
                    failure: none, id: number, image: none, lang: none, next_retry_at: none, notes: text, \
                    page_kind: none, published_at: none, site_name: none, status: text, tags: [text], title: text, \
                    updated_at: text, url: text, word_count: none}], next_cursor: none, page: number, \
                    per_page: number, total: number}
                    """)
        }
    }

    @Test("previews of pages")
    func previews() async throws {
        try await ScriptedSite.run { _ in
            .page("<title>Tea</title><p>" + String(repeating: "Leaves of tea are steamed. ", count: 40))
        } while: { site in
            try await Server.run { server in
                let ada = try await server.person("ada")
                let answer = try await ada.send(
                    .post, "/api/bookmarks/extract-url", ["url": .string(site.address("/tea"))])
                #expect(CacheKind.pages.format == 1)
                #expect(
                    shape(answer.json) == """
                        {byline: none, excerpt: text, html: text, image: none, lang: none, page_kind: text, \
                        published_at: none, site_name: none, text: text, title: text, word_count: number}
                        """)
            }
        }
    }

    @Test("vectors of texts")
    func vectors() throws {
        var bytes = try CacheCoding.vector.encode([1, -2.5])
        #expect(CacheKind.embeddings.format == 1)
        #expect(bytes.readInteger(endianness: .little) == Float(1).bitPattern)
        #expect(bytes.readInteger(endianness: .little) == Float(-2.5).bitPattern)
        #expect(bytes.readableBytes == 0)
    }

    /// The names and kinds of a value's members, in order.
    private func shape(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            let parts = members.sorted { $0.key < $1.key }.map { "\($0.key): \(shape($0.value))" }
            return "{" + parts.joined(separator: ", ") + "}"
        case .array(let list): return "[" + (list.first.map(shape) ?? "") + "]"
        case .string: return "text"
        case .integer, .double: return "number"
        case .bool: return "flag"
        case .null: return "none"
        }
    }
}
