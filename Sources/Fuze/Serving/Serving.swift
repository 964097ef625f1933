import Accounts
import Bookmarks
import Foundation
import HTTPSupport
import Hummingbird
import Jobs
import NIOCore
import Search
import ServiceLifecycle
import UnixSignals

extension Fuze {
    /// Every route of the API; `api/openapi.yaml` describes them.
    func router(health: HealthMonitor) -> Router<APIContext> {
        let router = Router<APIContext>.api()
        let api = router.group("api")
        let authentication = AuthenticationMiddleware(authenticator: authenticator)
        AccountRoutes(service: accounts, authentication: authentication).add(to: api)

        let signedIn = api.group().add(middleware: authentication)
        BookmarkRoutes(service: bookmarks, imports: imports, reader: reader, cache: caches.bookmarks).add(to: signedIn)
        JobRoutes(queue: queue).add(to: signedIn)
        SearchRoutes(service: search, narrowing: BookmarkService.narrowing, results: caches.results).add(to: signedIn)

        for root in [router.group(), api] {
            root.get("health", use: health.health)
            root.get("ready", use: health.ready)
            root.get("version") { _, _ in
                Response.json { json in json.object { json in json.member("version", FuzeVersion.current) } }
            }
        }
        DocsRoutes(installation: installation).add(to: router)
        return router
    }

    /// Serves until it is told to stop, then lets what runs come to its end.
    func serve() async throws {
        try await accounts.loadRevocations()
        instances.listen(for: queue, accounts)
        let health = HealthMonitor(
            database: database, embeddings: embeddings, queue: queue, vectors: vectors, redis: redis,
            cache: caches.cache, logger: logger)
        await health.check()
        let application = Application(
            responder: APIResponder(
                router(health: health), cors: CORSPolicy(origins: configuration.corsOrigins)),
            server: .api(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "Fuze"),
            onServerRunning: { channel in
                Console.say("Fuze serves on http://\(configuration.host):\(channel.localAddress?.port ?? 0)")
            },
            logger: logger)
        var services: [any Service] = [health, RevocationWatch(accounts: accounts, logger: logger)]
        if configuration.workers > 0 { services.append(worker(slots: configuration.workers)) }
        try await run(services + [application])
        try await close()
    }

    /// Runs services until the program is told to stop; the last one stops first.
    func run(_ services: [any Service]) async throws {
        var group = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // Whoever starts programs again, such as systemd or a container's host, kills what takes much longer.
        group.maximumGracefulShutdownDuration = .seconds(9)
        try await ServiceGroup(configuration: group).run()
    }
}
