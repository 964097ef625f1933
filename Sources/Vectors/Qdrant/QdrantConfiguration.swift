/// Where a Qdrant server is, and which of its collections holds the vectors.
public struct QdrantConfiguration: Sendable, Equatable {
    /// Such as `http://qdrant:6333`; a path before Qdrant's own is kept.
    public var url: String
    public var collection: String
    /// Values of a vector.
    public var vectorSize: Int
    public var apiKey: String?
    /// How long a search may take: words alone find without it.
    public var searchTimeout: Duration = .seconds(2)
    /// How long one request that stores, removes or looks after the collection may take.
    public var updateTimeout: Duration = .seconds(30)
    /// Pauses before a request that failed is tried again.
    public var retryDelays: [Duration] = [.milliseconds(100), .milliseconds(400)]
    /// How long searches leave a server alone that did not answer.
    public var rest: Duration = .seconds(5)

    public init(url: String, collection: String = "fuze", vectorSize: Int, apiKey: String? = nil) {
        self.url = url
        self.collection = collection
        self.vectorSize = vectorSize
        self.apiKey = apiKey
    }

    /// Tells one collection of one server from another.
    public var place: String { "\(base)/collections/\(collection)" }

    /// The address without a slash at its end.
    var base: String { url.hasSuffix("/") ? String(url.dropLast()) : url }

    /// Whether a collection may be called this: what every Qdrant takes, and a path needs no escapes for.
    public static func isCollectionName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
