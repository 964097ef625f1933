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
        BookmarkRoutes(service: bookmarks, imports: imports, reader: reader).add(to: signedIn)
        JobRoutes(queue: queue).add(to: signedIn)
        SearchRoutes(service: search, narrowing: BookmarkService.narrowing).add(to: signedIn)

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
        let health = HealthMonitor(database: database, embeddings: embeddings, queue: queue)
        await health.check()
        var application = Application(
            responder: APIResponder(
                router(health: health), cors: CORSPolicy(origins: configuration.corsOrigins)),
            server: .api(),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "Fuze"),
            onServerRunning: { channel in
                Console.say("Fuze serves on http://\(configuration.host):\(channel.localAddress?.port ?? 0)")
            },
            logger: logger)
        application.addServices(health)
        if configuration.workers > 0 { application.addServices(worker(slots: configuration.workers)) }
        try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
        try await close()
    }
}
