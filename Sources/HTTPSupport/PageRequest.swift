import Hummingbird

/// Which part of a list is asked for: `?page=&per_page=`, `?cursor=&per_page=` or `?limit=&offset=`.
public struct PageRequest: Sendable, Equatable {
    public enum Start: Sendable, Equatable {
        /// Skips that many items.
        case offset(Int)
        /// Goes on where another page ended.
        case after(Cursor)
    }

    public var start: Start
    /// Items a page, at least 1.
    public var perPage: Int

    public static let standardSize = 10
    public static let largestSize = 100
    /// Far beyond any list, and small enough that a page times its size cannot overflow.
    private static let farthest = 1 << 40

    public init(start: Start = .offset(0), perPage: Int = standardSize) {
        self.start = start
        self.perPage = perPage
    }

    public init(_ request: Request) throws(Problem) {
        try self.init(Query(request))
    }

    /// - Throws: A 400 naming the parameter that is zero, negative, too large or no number.
    public init(_ query: Query) throws(Problem) {
        let sizes = 1...Self.largestSize
        let size = try query.integer("per_page", in: sizes)
        let limit = try query.integer("limit", in: sizes)
        perPage = size ?? limit ?? Self.standardSize
        let page = try query.integer("page", in: 1...Self.farthest)
        let offset = try query.integer("offset", in: 0...Self.farthest)
        if let cursor = query["cursor"] {
            start = .after(try Cursor(cursor))
        } else {
            start = .offset(offset ?? ((page ?? 1) - 1) * perPage)
        }
    }

    /// Items to skip; none where a cursor says where to go on.
    public var offset: Int {
        if case .offset(let offset) = start { offset } else { 0 }
    }

    public var cursor: Cursor? {
        if case .after(let cursor) = start { cursor } else { nil }
    }

    /// Counts from 1; none where the list was entered by a cursor.
    public var page: Int? {
        if case .offset(let offset) = start { offset / perPage + 1 } else { nil }
    }
}
