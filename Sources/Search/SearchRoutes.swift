import Accounts
import Caching
import HTTPSupport
import Hummingbird
import NIOCore
import Persistence

/// The search endpoint.
public struct SearchRoutes: Sendable {
    /// Turns the filters of a request into a query for the refs that may be found; nil where there is no filter.
    public typealias Narrowing = @Sendable (Query, User.ID) throws -> SearchNarrowing?

    let service: SearchService
    let narrowing: Narrowing
    let results: CacheRegion<ByteBuffer>

    /// - Parameter results: where answers are kept, as they are sent, until anything in their space changes.
    public init(service: SearchService, narrowing: @escaping Narrowing, results: CacheRegion<ByteBuffer>) {
        self.service = service
        self.narrowing = narrowing
        self.results = results
    }

    /// - Parameter api: routes behind authentication.
    public func add(to api: RouterGroup<APIContext>) { api.get("search", use: search) }

    @Sendable func search(request: Request, context: APIContext) async throws -> Response {
        let user = try context.user()
        let query = Query(request)
        guard let text = query["q"] else { throw Problem.invalid(["q": "is required"]) }
        let asked = try PageRequest(query)
        let search = SearchRequest(
            query: text, mode: try query.choice("mode") ?? .hybrid, offset: asked.offset, limit: asked.perPage,
            narrowing: try narrowing(query, user))
        let space = Space.personal(ofUser: user.rawValue)
        let key = CacheKey.of(user.rawValue, request.uri.query)
        let find = { @Sendable in
            let found = try await service.search(search, in: space)
            let page = Page(items: found.results, of: asked, total: found.total)
            return Versioned(
                page.json { json, result in result.write(to: &json) }, version: found.version,
                isKept: found.isComplete)
        }
        guard let version = try await service.version(of: space) else { return .json(bytes: try await find().value) }
        return .json(bytes: try await results.value(for: key, at: version, compute: find))
    }
}

extension SearchResult {
    /// How the API shows a result.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kind", kind.rawValue)
            json.member("id", ref)
            json.member("url", address)
            json.member("title", title.isEmpty ? address : title)
            json.member("score", score)
            json.name("legs")
            json.object { json in
                json.member("text", textScore)
                json.member("semantic", semanticScore)
            }
            json.member("snippet", snippet)
            json.member("created_at", dated)
        }
    }
}
