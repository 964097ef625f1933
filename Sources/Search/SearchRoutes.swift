import Accounts
import HTTPSupport
import Hummingbird
import Persistence

/// The search endpoint.
public struct SearchRoutes: Sendable {
    /// Turns the filters of a request into a query for the refs that may be found; nil where there is no filter.
    public typealias Narrowing = @Sendable (Query, User.ID) throws -> SearchNarrowing?

    let service: SearchService
    let narrowing: Narrowing

    public init(service: SearchService, narrowing: @escaping Narrowing) {
        self.service = service
        self.narrowing = narrowing
    }

    /// - Parameter api: routes behind authentication.
    public func add(to api: RouterGroup<APIContext>) { api.get("search", use: search) }

    @Sendable func search(request: Request, context: APIContext) async throws -> Response {
        let user = try context.user()
        let query = Query(request)
        guard let text = query["q"] else { throw Problem.invalid(["q": "is required"]) }
        let asked = try PageRequest(query)
        let found = try await service.search(
            SearchRequest(
                query: text, mode: try query.choice("mode") ?? .hybrid, offset: asked.offset, limit: asked.perPage,
                narrowing: try narrowing(query, user)),
            in: .personal(ofUser: user.rawValue))
        return Page(items: found.results, of: asked, total: found.total).response { json, result in
            result.write(to: &json)
        }
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
