import NIOHTTP1
import Synchronization

/// The collection of a Qdrant server that holds the vectors of every space: a passage is a point, its payload says the
/// space and the item.
public final class QdrantCollection: Sendable {
    /// Points sent at once: about half a megabyte of JSON with 384 values each.
    private static let batch = 100
    /// Points or items named in one request, so that none grows with the library.
    static let mostIDs = 1000

    public let configuration: QdrantConfiguration
    let connection: QdrantConnection
    private let availability = Mutex(QdrantAvailability())

    public init(_ configuration: QdrantConfiguration) {
        self.configuration = configuration
        connection = QdrantConnection(configuration)
    }

    /// What is wrong with the server; nil where nothing is. A request that it refused is not, for others may do.
    public var failure: QdrantFailure? { availability.withLock { $0.failure } }

    var path: String { "/collections/\(configuration.collection)" }

    /// Makes the collection and its indexes where they are missing, and checks one that is there.
    ///
    /// - Parameter willMake: called before the collection is made, which then is empty. Where that fails, or the process
    ///   ends in between, the next call finds it missing again.
    /// - Returns: whether the collection was made now.
    /// - Throws: `QdrantFailure.otherVectors` where it is for vectors of another size or distance.
    @discardableResult
    public func prepare(willMake: () async throws -> Void = {}) async throws -> Bool {
        let isNew = try await watched(.check) { try await find() } == nil
        if isNew {
            try await willMake()
            try await watched(.change) { try await create() }
        }
        let info = try await watched(.check) {
            guard let info = try await find() else { throw QdrantFailure.noCollection(configuration.collection) }
            try check(info)
            return info
        }
        for index in [QdrantFieldIndex.space, .item] where info.payloadSchema[index.name] == nil {
            try await watched(.change) { try await update(.PUT, "/index", index) }
        }
        return isNew
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

    func check(_ info: QdrantCollectionInfo) throws {
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
        try await watched(.change) {
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
        try await watched(.change) {
            for start in stride(from: 0, to: points.count, by: Self.batch) {
                let part = QdrantPoints(points: Array(points[start..<min(start + Self.batch, points.count)]))
                try await update(.PUT, "/points", part)
            }
        }
    }

    /// Removes passages; those that are not there do not matter.
    public func remove(_ ids: Set<Int64>) async throws {
        guard !ids.isEmpty else { return }
        try await watched(.change) {
            let sorted = ids.sorted()
            for start in stride(from: 0, to: sorted.count, by: Self.mostIDs) {
                let part = QdrantPointIDs(points: Array(sorted[start..<min(start + Self.mostIDs, sorted.count)]))
                try await update(.POST, "/points/delete", part)
            }
        }
    }

    /// Removes all of a space.
    public func removeAll(of space: Int64) async throws {
        let body = QdrantFilterBody(filter: QdrantFilter(must: [.space(space)]))
        try await watched(.change) { try await update(.POST, "/points/delete", body) }
    }

    private func update(_ method: HTTPMethod, _ place: String, _ body: some Encodable) async throws {
        let done = try await connection.send(
            method, path + place + "?wait=true", body, effort: .update, as: QdrantUpdate.self)
        // "acknowledged" would mean: kept, but not to be found yet.
        guard done.status == "completed" else { throw QdrantFailure.unavailable("An update is \(done.status).") }
    }

    /// Why searches leave the server alone for now; nil where they do not.
    var reasonToRest: QdrantFailure? { availability.withLock { $0.reasonToRest(at: .now) } }

    /// Remembers how a request went.
    func watched<Value>(
        _ purpose: QdrantAvailability.Purpose, _ request: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await request()
            availability.withLock { $0.succeeded(purpose) }
            return value
        } catch let failure as QdrantFailure {
            availability.withLock { $0.failed(failure, purpose, restUntil: .now + configuration.rest) }
            throw failure
        }
    }
}

extension VectorRow {
    /// Whether all values are finite: what has a NaN or an infinity is near nothing, and JSON cannot say it.
    public var hasDirection: Bool { vector.allSatisfy(\.isFinite) }
}
