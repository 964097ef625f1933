/// An answer's envelope.
struct QdrantAnswer<Result: Decodable & Sendable>: Decodable, Sendable {
    let result: Result
}

struct QdrantError: Decodable {
    struct Status: Decodable { let error: String }

    let status: Status
}

/// The state of a collection, as far as it matters here.
struct QdrantCollectionInfo: Decodable, Sendable {
    struct Config: Decodable { let params: Params }

    struct Params: Decodable { let vectors: Vectors? }

    /// One unnamed vector a point, or several by name, which Fuze does not make.
    enum Vectors: Decodable {
        case unnamed(size: Int, distance: String)
        case named([String])

        private enum CodingKeys: String, CodingKey { case size, distance }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            if let size = try? fields.decode(Int.self, forKey: .size) {
                self = .unnamed(size: size, distance: try fields.decode(String.self, forKey: .distance))
            } else {
                self = .named(try decoder.singleValueContainer().decode([String: Unread].self).keys.sorted())
            }
        }
    }

    struct FieldIndex: Decodable {
        let dataType: String

        private enum CodingKeys: String, CodingKey { case dataType = "data_type" }
    }

    let config: Config
    let payloadSchema: [String: FieldIndex]

    private enum CodingKeys: String, CodingKey {
        case config
        case payloadSchema = "payload_schema"
    }
}

/// A value whose shape does not matter.
struct Unread: Decodable { init(from _: any Decoder) {} }

struct QdrantCreation: Encodable {
    struct Vectors: Encodable {
        let size: Int
        let distance = "Cosine"
    }

    /// No graph over everybody's vectors, one for each tenant instead: what Qdrant's guide to multitenancy advises
    /// where every search is a tenant's own.
    struct Graph: Encodable {
        let m = 0
        let payloadLinks = 16

        private enum CodingKeys: String, CodingKey {
            case m
            case payloadLinks = "payload_m"
        }
    }

    let vectors: Vectors
    let graph = Graph()

    private enum CodingKeys: String, CodingKey {
        case vectors
        case graph = "hnsw_config"
    }
}

/// An index over a field of the payload.
struct QdrantFieldIndex: Encodable {
    struct Schema: Encodable {
        let type: String
        let isTenant: Bool?

        private enum CodingKeys: String, CodingKey {
            case type
            case isTenant = "is_tenant"
        }
    }

    let name: String
    let schema: Schema

    private enum CodingKeys: String, CodingKey {
        case name = "field_name"
        case schema = "field_schema"
    }

    /// Stored together, searched alone. Only words and UUIDs can be tenants, so a space is written as a word.
    static let space = QdrantFieldIndex(name: "space", schema: Schema(type: "keyword", isTenant: true))
    static let item = QdrantFieldIndex(name: "item", schema: Schema(type: "integer", isTenant: nil))
}

struct QdrantPoints: Encodable {
    let points: [QdrantPoint]
}

struct QdrantPoint: Encodable {
    struct Payload: Encodable {
        let space: String
        let item: Int64
    }

    let id: Int64
    let vector: [Float]
    let payload: Payload
}

struct QdrantPointIDs: Encodable {
    let points: [Int64]
}

struct QdrantFilter: Encodable {
    enum Condition: Encodable {
        case space(Int64)
        case items([Int64])

        private enum CodingKeys: String, CodingKey { case key, match }

        private enum MatchKeys: String, CodingKey { case value, any }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            var match = fields.nestedContainer(keyedBy: MatchKeys.self, forKey: .match)
            switch self {
            case .space(let space):
                try fields.encode("space", forKey: .key)
                try match.encode(String(space), forKey: .value)
            case .items(let items):
                try fields.encode("item", forKey: .key)
                try match.encode(items, forKey: .any)
            }
        }
    }

    let must: [Condition]
}

struct QdrantFilterBody: Encodable {
    let filter: QdrantFilter
}

struct QdrantGroupsQuery: Encodable {
    struct Effort: Encodable {
        let beam: Int

        private enum CodingKeys: String, CodingKey { case beam = "hnsw_ef" }
    }

    let query: [Float]
    let filter: QdrantFilter
    let params: Effort
    let groupBy = "item"
    let groupSize = 1
    let limit: Int
    let withPayload = false

    private enum CodingKeys: String, CodingKey {
        case query, filter, params, limit
        case groupBy = "group_by"
        case groupSize = "group_size"
        case withPayload = "with_payload"
    }
}

struct QdrantGroups: Decodable, Sendable {
    struct Group: Decodable {
        struct Hit: Decodable {
            let id: Int64
            let score: Float
        }

        let id: Int64
        let hits: [Hit]
    }

    let groups: [Group]
}

/// A page of points by their ids, without what they hold.
struct QdrantScroll: Encodable {
    let filter: QdrantFilter
    let offset: Int64
    let limit: Int
    let withPayload = false
    let withVector = false

    private enum CodingKeys: String, CodingKey {
        case filter, offset, limit
        case withPayload = "with_payload"
        case withVector = "with_vector"
    }
}

struct QdrantScrolled: Decodable, Sendable {
    struct Point: Decodable { let id: Int64 }

    let points: [Point]
    let next: Int64?

    private enum CodingKeys: String, CodingKey {
        case points
        case next = "next_page_offset"
    }
}

struct QdrantUpdate: Decodable, Sendable {
    let status: String
}

struct QdrantCount: Decodable, Sendable {
    let count: Int
}
