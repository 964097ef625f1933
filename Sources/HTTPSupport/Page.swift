import Hummingbird
import NIOCore

/// One page of a list: `{"items":[…],"page":1,"per_page":10,"total":42,"next_cursor":"…"}`.
public struct Page<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Counts from 1; absent where the list was entered by a cursor.
    public var page: Int?
    public var perPage: Int
    /// How many items there are on all pages; absent where it was not counted.
    public var total: Int?
    /// Absent on the last page.
    public var nextCursor: Cursor?

    public init(items: [Item], of request: PageRequest, total: Int?, nextCursor: Cursor? = nil) {
        self.items = items
        self.page = request.page
        self.perPage = request.perPage
        self.total = total
        self.nextCursor = nextCursor
    }

    /// The answer, each item written by hand.
    public func response(writing write: (inout JSONWriter, Item) -> Void) -> Response {
        .json(bytes: json(writing: write))
    }

    /// The answer's bytes, each item written by hand.
    public func json(writing write: (inout JSONWriter, Item) -> Void) -> ByteBuffer {
        var json = JSONWriter(capacity: 256 + 512 * items.count)
        json.object { json in
            json.name("items")
            json.array { json in
                for item in items { write(&json, item) }
            }
            json.member("page", page)
            json.member("per_page", perPage)
            json.member("total", total)
            json.member("next_cursor", nextCursor?.text)
        }
        return json.buffer
    }
}

extension Page: Encodable where Item: Encodable {
    private enum CodingKeys: String, CodingKey {
        case items, page, total
        case perPage = "per_page"
        case nextCursor = "next_cursor"
    }

    /// Absent members are written as `null`, so that the shape is always the same.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(items, forKey: .items)
        try container.encode(page, forKey: .page)
        try container.encode(perPage, forKey: .perPage)
        try container.encode(total, forKey: .total)
        try container.encode(nextCursor?.text, forKey: .nextCursor)
    }
}

extension Page: ResponseGenerator where Item: Encodable {}

extension Page: ResponseEncodable where Item: Encodable {}
