import Caching
import Embeddings
import Foundation
import HTTPSupport
import Hummingbird
import Jobs
import Logging
import NIOCore
import Persistence
import Search
import ServiceLifecycle
import Synchronization

/// Looks after the parts of the program now and then, so that asking for their health costs nothing.
final class HealthMonitor: Service {
    /// The state of one part.
    enum PartState: String, Sendable {
        case ok
        /// Works less well than it could; nothing is lost.
        case degraded
        case down
        /// Not needed so far.
        case idle
        /// Not part of this installation.
        case off
    }

    struct Part: Sendable {
        let name: StaticString
        let state: PartState
        /// For people; nil where all is well.
        let message: String?
    }

    private let database: Database
    private let embeddings: EmbeddingService
    private let queue: JobQueue
    private let redis: Redis?
    private let cache: Cache
    private let vectors: any VectorStore
    private let startedAt = Date()
    private let logger: Logger
    private let parts = Mutex<[Part]>([])
    private let cacheUse = Mutex<[CacheUse]>([])
    private let lastModelState = Mutex(EmbeddingService.State.notLoaded)

    init(
        database: Database, embeddings: EmbeddingService, queue: JobQueue, vectors: any VectorStore, redis: Redis?,
        cache: Cache, logger: Logger
    ) {
        self.database = database
        self.embeddings = embeddings
        self.queue = queue
        self.redis = redis
        self.cache = cache
        self.vectors = vectors
        self.logger = logger
    }

    /// Whether requests can be served: there are records to read.
    var isReady: Bool { parts.withLock { parts in !parts.isEmpty && !parts.contains { $0.state == .down } } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.check()
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    func check() async {
        let found = [await databaseState(), modelState(), await vectorState(), await jobsState()]
        parts.withLock { $0 = found }
        cacheUse.withLock { $0 = cache.use }
        logChange(of: embeddings.state)
    }

    private func logChange(of state: EmbeddingService.State) {
        let isNew = lastModelState.withLock { last in
            defer { last = state }
            return last != state
        }
        if isNew, case .unavailable(let reason) = state {
            logger.warning("The embedding model cannot be loaded", metadata: ["reason": "\(reason)"])
        }
    }

    private func vectorState() async -> Part {
        await vectors.look()
        // A store says itself in the log when it turns bad, and why.
        switch vectors.state {
        case .ok: return Part(name: "vectors", state: .ok, message: nil)
        case .fallback(let message): return Part(name: "vectors", state: .ok, message: message)
        case .degraded(let message): return Part(name: "vectors", state: .degraded, message: message)
        }
    }

    private func databaseState() async -> Part {
        do {
            _ = try await database.read { try $0.value("SELECT 1", as: Int.self) }
            return Part(name: "database", state: .ok, message: nil)
        } catch {
            return Part(name: "database", state: .down, message: "The database does not answer.")
        }
    }

    private func jobsState() async -> Part {
        guard (try? await queue.isStalled(for: .seconds(60))) == true else {
            return Part(name: "jobs", state: .ok, message: nil)
        }
        return Part(name: "jobs", state: .degraded, message: "Work is waiting and no worker takes it.")
    }

    /// As it is now, which the client knows anyhow. Without Redis everything goes on: nothing is kept there that the
    /// records do not know.
    private func redisState() -> Part {
        switch redis?.state {
        case nil: Part(name: "redis", state: .off, message: nil)
        case .ready: Part(name: "redis", state: .ok, message: nil)
        case .closed: Part(name: "redis", state: .idle, message: "Stopped.")
        // The reason names servers, which are not for strangers: it is in the log.
        case .connecting, .down:
            Part(name: "redis", state: .degraded, message: "Redis does not answer; this instance uses its own memory.")
        }
    }

    private func modelState() -> Part {
        switch embeddings.state {
        case .ready: Part(name: "embeddings", state: .ok, message: nil)
        case .notLoaded, .loading: Part(name: "embeddings", state: .idle, message: "The model loads on first use.")
        case .stopped: Part(name: "embeddings", state: .idle, message: "Stopped.")
        // The reason names files of this machine, which are not for strangers: it is in the log.
        case .unavailable:
            Part(name: "embeddings", state: .degraded, message: "Search by words only: the model cannot be loaded.")
        }
    }

    /// Always 200 while the program lives; the parts as they were last seen.
    @Sendable func health(request _: Request, context _: APIContext) -> Response {
        let parts = parts.withLock { $0 } + [redisState()]
        let isDegraded = parts.contains { $0.state == .down || $0.state == .degraded }
        return .json { json in
            json.object { json in
                json.member("status", isDegraded ? "degraded" : "ok")
                json.member("version", FuzeVersion.current)
                json.member("started_at", startedAt)
                json.name("parts")
                json.object { json in
                    for part in parts {
                        json.name(part.name)
                        json.object { json in
                            json.member("state", part.state.rawValue)
                            json.member("message", part.message)
                        }
                    }
                }
                json.name("caches")
                json.array { json in
                    for use in cacheUse.withLock({ $0 }) { use.write(to: &json) }
                }
            }
        }
    }

    @Sendable func ready(request _: Request, context _: APIContext) throws -> Response {
        guard isReady else { throw Problem.unavailable("Fuze is starting, or its database does not answer.") }
        return .json { json in json.object { json in json.member("status", "ready") } }
    }
}

extension CacheUse {
    fileprivate func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("kept", region)
            json.member("asked", asked)
            json.member("from_memory", fromMemory)
            json.member("from_redis", fromRedis)
            json.member("shared", shared)
            json.member("computed", computed)
        }
    }
}
