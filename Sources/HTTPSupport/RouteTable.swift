import HTTPTypes
import Hummingbird

/// Every route of a router: what the contract test compares with the API description, and what tells
/// a wrong method from a wrong path.
public struct RouteTable: Sendable {
    public struct Route: Sendable, Hashable, Comparable, CustomStringConvertible {
        public var method: String
        /// The path with its parameters in braces: `/api/bookmarks/{id}`.
        public var template: String

        public var description: String { "\(method) \(template)" }

        public static func < (lhs: Route, rhs: Route) -> Bool {
            (lhs.template, lhs.method) < (rhs.template, rhs.method)
        }
    }

    private let paths: [RouterPath: Set<String>]

    public init(_ router: Router<APIContext>) {
        var paths: [RouterPath: Set<String>] = [:]
        for route in router.routes {
            paths[route.path, default: []].insert(route.method.rawValue)
        }
        self.paths = paths
    }

    /// In the order of their paths. `HEAD` and `OPTIONS`, which every path answers, are not listed.
    public var routes: [Route] {
        paths.flatMap { path, methods in methods.map { Route(method: $0, template: path.description) } }.sorted()
    }

    /// The methods that a path answers; empty where nothing is there. Walks all routes: for refusals only.
    func methods(for path: String) -> [String] {
        let parts = path.split(separator: "/")
        let methods = paths.filter { Self.matches($0.key, parts) }.reduce(into: Set<String>()) {
            $0.formUnion($1.value)
        }
        guard !methods.isEmpty else { return [] }
        return methods.union(methods.contains("GET") ? ["HEAD", "OPTIONS"] : ["OPTIONS"]).sorted()
    }

    private static func matches(_ template: RouterPath, _ parts: [Substring]) -> Bool {
        for (index, element) in template.enumerated() {
            if element == RouterPath.Element.recursiveWildcard { return index < parts.count }
            guard index < parts.count, element ~= parts[index] else { return false }
        }
        return template.count == parts.count
    }
}

extension RouterPath: @retroactive Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
