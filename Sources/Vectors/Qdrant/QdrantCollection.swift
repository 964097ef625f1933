import NIOHTTP1
import Synchronization

/// The collection of a Qdrant server that holds the vectors of every space: a passage is a point, its payload says the
/// space and the item.
public final class QdrantCollection: Sendable {
    /// Points sent at once: about half a megabyte of JSON with 384 values each.
    private static let batch = 100

    public let configuration: QdrantConfiguration
    private let connection: QdrantConnection
    private let availability = Mutex(Availability())

    private struct Availability {
        var failure: QdrantFailure?
        var restsUntil: ContinuousClock.Instant?
    }

    public init(_ configuration: QdrantConfiguration) {
        self.configuration = configuration
        connection = QdrantConnection(configuration)
    }

    /// Why the last request failed; nil where it did not.
    public var failure: QdrantFailure? { availability.withLock { $0.failure } }

    private var path: String { "/collections/\(configuration.collection)" }

    /// Makes the collection and its indexes where they are missing, and checks one that is there.
    ///
    /// - Returns: whether the collection was made now, so that it is empty.
    /// - Throws: `QdrantFailure.otherVectors` where it is for vectors of another size or distance.
    @discardableResult
    public func prepare() async throws -> Bool {
        try await watched {
            let isNew = try await find() == nil
            if isNew { try await create() }
            guard let info = try await find() else { throw QdrantFailure.noCollection(configuration.collection) }
            try check(info)
            for index in [QdrantFieldIndex.space, .item] where info.payloadSchema[index.name] == nil {
                _ = try await connection.send(
                    .PUT, path + "/index?wait=true", index, effort: .update, as: QdrantUpdate.self)
            }
            return isNew
        }
    }

    /// The state of the collection; nil where it is not there.
    func find() async throws -> QdrantCollectionInfo? {
        do {
            return try await connection.send(.GET, path, effort: .update)
        } catch QdrantFailure.noCollection {
            return nil
        }
    }

    private func create() async throws {
        do {
            let creation = QdrantCreation(vectors: .init(size: configuration.vectorSize))
            _ = try await connection.send(.PUT, path, creation, effort: .update, as: Bool.self)
        } catch QdrantFailure.refused(status: 409, _) {
            // Another process made it just now.
        }
    }

    private func check(_ info: QdrantCollectionInfo) throws {
        let found: String
        switch info.config.params.vectors {
        case .unnamed(configuration.vectorSize, "Cosine"): return
        case .unnamed(let size, let distance): found = "vectors of \(size) values by \(distance)"
        case .named(let names): found = "vectors with names (\(names.joined(separator: ", ")))"
        case nil: found = "no vectors"
        }
        throw QdrantFailure.otherVectors(
            collection: configuration.collection, found: found,
            needed: "unnamed vectors of \(configuration.vectorSize) values by Cosine")
    }

    /// Deletes the collection with all it holds; nothing where it is not there.
    public func drop() async throws {
        try await watched {
            do {
                _ = try await connection.send(.DELETE, path, effort: .update, as: Bool.self)
            } catch QdrantFailure.noCollection {}
        }
    }

    /// Stores passages, each in the place of the one with its id. They are found when this returns.
    public func store(_ rows: [VectorRow], in space: Int64) async throws {
        let points = try rows.filter(\.hasDirection).map { row in
            guard row.vector.count == configuration.vectorSize else {
                throw VectorError.wrongDimensions(expected: configuration.vectorSize, found: row.vector.count)
            }
            return QdrantPoint(
                id: row.id, vector: row.vector, payload: .init(space: String(space), item: row.group))
        }
        try await watched {
            for start in stride(from: 0, to: points.count, by: Self.batch) {
                let part = QdrantPoints(points: Array(points[start..<min(start + Self.batch, points.count)]))
                try await update(.PUT, "/points", part)
            }
        }
    }

    /// Removes passages; those that are not there do not matter.
    public func remove(_ ids: Set<Int64>) async throws {
        guard !ids.isEmpty else { return }
        try await watched { try await update(.POST, "/points/delete", QdrantPointIDs(points: ids.sorted())) }
    }

    /// Removes all of a space.
    public func removeAll(of space: Int64) async throws {
        let body = QdrantFilterBody(filter: QdrantFilter(must: [.space(space)]))
        try await watched { try await update(.POST, "/points/delete", body) }
    }

    private func update(_ method: HTTPMethod, _ place: String, _ body: some Encodable) async throws {
        let done = try await connection.send(
            method, path + place + "?wait=true", body, effort: .update, as: QdrantUpdate.self)
        // "acknowledged" would mean: kept, but not to be found yet.
        guard done.status == "completed" else { throw QdrantFailure.unavailable("An update is \(done.status).") }
    }

    /// How many passages of a space, or of all, are there.
    public func count(of space: Int64? = nil) async throws -> Int {
        try await watched {
            guard let space else {
                return try await connection.send(
                    .POST, path + "/points/count", ["exact": true], effort: .update, as: QdrantCount.self
                ).count
            }
            let body = QdrantFilterBody(filter: QdrantFilter(must: [.space(space)]))
            return try await connection.send(
                .POST, path + "/points/count", body, effort: .update, as: QdrantCount.self
            ).count
        }
    }

    /// The items of a space whose best passage is nearest, each with that passage, best first.
    ///
    /// A server that did not answer is left alone for a while, so that searches do not wait for it one after the other.
    /// - Parameter items: where given, only these may be found.
    public func nearestGroups(
        _ vector: [Float], in space: Int64, among items: [Int64]? = nil, limit: Int
    ) async throws -> [VectorHit] {
        if let failure = resting { throw failure }
        let filter = QdrantFilter(must: [.space(space)] + (items.map { [.items($0)] } ?? []))
        let query = QdrantGroupsQuery(query: vector, filter: filter, params: .init(beam: max(256, limit)), limit: limit)
        let found = try await watched {
            try await connection.send(
                .POST, path + "/points/query/groups", query, effort: .search, as: QdrantGroups.self)
        }
        return found.groups.compactMap { group in
            group.hits.first.map { VectorHit(id: $0.id, group: group.id, score: $0.score) }
        }.sorted()
    }

    /// Asks for the collection, so that `failure` says how the server is now. Waits no longer than a search.
    public func look() async {
        _ = try? await watched {
            try await connection.send(.GET, path, effort: .search, as: QdrantCollectionInfo.self)
        }
    }

    private var resting: QdrantFailure? {
        availability.withLock { state in
            guard let until = state.restsUntil, ContinuousClock.now < until else { return nil }
            return state.failure
        }
    }

    /// Remembers how a request went.
    private func watched<Value>(_ request: () async throws -> Value) async throws -> Value {
        do {
            let value = try await request()
            availability.withLock { $0 = Availability() }
            return value
        } catch let failure as QdrantFailure {
            availability.withLock {
                $0 = Availability(failure: failure, restsUntil: .now + configuration.rest)
            }
            throw failure
        }
    }
}

extension VectorRow {
    /// Whether all values are finite: what has a NaN or an infinity is near nothing, and JSON cannot say it.
    public var hasDirection: Bool { vector.allSatisfy(\.isFinite) }
}
