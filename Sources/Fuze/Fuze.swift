import Accounts
import Bookmarks
import Caching
import Embeddings
import Foundation
import HTTPSupport
import Hummingbird
import Jobs
import Logging
import NIOPosix
import Persistence
import Reading
import Search
import ServiceLifecycle
import UnixSignals

/// One opened installation: every part made from the configuration, in the order they need one another.
struct Fuze: Sendable {
    let configuration: FuzeConfiguration
    let installation: Installation
    let logger: Logger
    let database: Database
    let threads: NIOThreadPool
    let redis: Redis?
    let caches: Caches
    let instances: Instances
    let embeddings: EmbeddingService
    let authenticator: Authenticator
    let accounts: AccountService
    let queue: JobQueue
    let vectors: any VectorStore
    let search: SearchService
    let fetcher: PageFetcher
    let reader: PageReader
    let bookmarks: BookmarkService
    let imports: BookmarkImportService
    let handlers: JobHandlers
    let schedules: [Schedule]

    /// The schema of all rooms, oldest first.
    static let migrations = [
        AccountsSchema.migrations, JobsSchema.migrations, SearchSchema.migrations, BookmarksSchema.migrations,
        [DatabaseIdentity.migration],
    ].flatMap { $0 }.sorted { $0.id < $1.id }

    /// - Parameter positions: how instances that read from replicas tell one another what they have written; nil where
    ///   this one does not.
    static func openDatabase(
        _ configuration: FuzeConfiguration, positions: WrittenPositions? = nil
    ) throws -> Database {
        do {
            try FileManager.default.createDirectory(at: configuration.dataDirectory, withIntermediateDirectories: true)
        } catch {
            let folder = configuration.dataDirectory.path
            throw CommandFailure("The data folder \(folder) cannot be made: no permission, or a file is in its place.")
        }
        guard let address = configuration.database else {
            return Database(engine: try SQLiteEngine(path: configuration.databasePath))
        }
        return Database(
            engine: PostgresEngine(
                address, replicas: configuration.databaseReplicas, size: configuration.databasePool,
                positions: positions ?? .unknown(othersShare: configuration.redis != nil)))
    }

    /// Opens the data, brings its schema up to date and wires the parts together.
    ///
    /// - Parameter database: the records, where they are open already.
    static func open(
        _ configuration: FuzeConfiguration, installation: Installation = .locate(), database: Database? = nil
    ) async throws -> Fuze {
        var logger = Logger(label: "fuze")
        logger.logLevel = configuration.logLevel
        if configuration.redis == nil, !configuration.databaseReplicas.isEmpty {
            logger.warning("Without FUZE_REDIS_URL the primary is asked how far it is before replicas are read from")
        }
        let awaited = configuration.redis == nil ? nil : AwaitedRedis()
        let positions = awaited.map { awaited in WrittenPositions.shared { awaited.current } }
        let database = try database ?? openDatabase(configuration, positions: positions)
        try await database.migrate(migrations)
        let identity = try await database.identity()
        let redis = try configuration.redis.map { try Redis($0, installation: identity, logger: logger) }
        if let redis { awaited?.arrived(redis) }

        // The ground.
        let threads = NIOThreadPool(numberOfThreads: max(2, ProcessInfo.processInfo.activeProcessorCount))
        threads.start()
        let caches = Caches(redis: redis)
        let instances = Instances(redis: redis)
        let files = EmbeddingModelFiles(packages: installation.packages.path)
        let embeddings = EmbeddingService(files: files, memory: caches.vectorMemory)
        var fetching = FetchConfiguration(version: FuzeVersion.current)
        fetching.allowPrivate = configuration.fetchesPrivateAddresses
        fetching.perHostConnections = configuration.fetchConnectionsPerHost
        fetching.perHostInterval = configuration.fetchInterval
        let fetcher = try PageFetcher(
            configuration: fetching, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let queue = JobQueue(
            database: database, announcement: instances.announceWork, changeAnnouncement: instances.announceJobs)

        // Accounts.
        let issuer = await TokenIssuer(secret: try secret(configuration))
        let authenticator = Authenticator(issuer: issuer)
        let hashing = NIOThreadPool(numberOfThreads: 2)
        hashing.start()
        let accounts = AccountService(
            database: database, hasher: try PasswordHasher(threads: hashing), issuer: issuer,
            authenticator: authenticator, registration: configuration.registrationOrDefault,
            announceRevocation: instances.announceRevocation)

        // Search and bookmarks.
        let vectors = try await configuration.vectors.open(on: database, queue: queue, logger: logger)
        let index = SearchIndex(threads: threads, vectors: vectors)
        let embedder = SearchEmbedder(embeddings: embeddings, vocabulary: files.vocabulary, threads: threads)
        let search = SearchService(
            database: database, embedder: embedder, sources: [BookmarkService.searchSource], vectors: vectors)
        let reader = PageReader(fetcher: fetcher, extractor: PageExtractor(), threads: threads)
        let bookmarks = BookmarkService(database: database, index: index, jobs: queue)
        let imports = BookmarkImportService(database: database, index: index, jobs: queue)

        // Work.
        var handlers = JobHandlers()
        BookmarkProcessing(database: database, index: index, embedder: embedder, reader: reader)
            .register(in: &handlers)
        imports.register(in: &handlers)
        AbandonedBookmarks(database: database, index: index, jobs: queue).register(in: &handlers)
        let cleanup = JobCleanup(queue)
        cleanup.register(in: &handlers)
        let cleaning = [
            AccountService.cleaning(database), RemovedPassages.cleaning(database), BookmarkService.cleaning(database),
        ]
        for work in cleaning { work.register(in: &handlers) }
        let backlog = EmbeddingBacklog(
            database: database, index: index, embedder: embedder, sources: [BookmarkService.searchSource])
        backlog.register(in: &handlers)
        let upkeep = VectorUpkeep(vectors)
        upkeep.register(in: &handlers)

        return Fuze(
            configuration: configuration, installation: installation, logger: logger, database: database,
            threads: threads, redis: redis, caches: caches, instances: instances, embeddings: embeddings,
            authenticator: authenticator, accounts: accounts, queue: queue, vectors: vectors,
            search: search, fetcher: fetcher, reader: reader, bookmarks: bookmarks, imports: imports,
            handlers: handlers,
            schedules: try [
                EmbeddingBacklog.schedule(), BookmarkImportService.schedule(), AbandonedBookmarks.schedule(),
                cleanup.schedule(),
            ] + cleaning.map { try $0.schedule() } + upkeep.schedules())
    }

    func worker(slots: Int) -> Worker {
        Worker(
            queue, handlers: handlers, schedules: schedules,
            configuration: WorkerConfiguration(slots: slots, shutdownGrace: .seconds(4)), logger: logger)
    }

    /// Does the work of the queue until it is told to stop.
    func work() async throws {
        instances.listen(for: queue, accounts)
        try await run([worker(slots: max(1, configuration.workers))])
        try await close()
    }

    func close() async throws {
        embeddings.stop()
        await fetcher.shutdown()
        await redis?.close()
        try database.close()
    }

    private static func secret(_ configuration: FuzeConfiguration) throws -> [UInt8] {
        if let key = configuration.secretKey { return Array(key.utf8) }
        return try SecretKey.load(from: configuration.secretKeyFile)
    }
}
