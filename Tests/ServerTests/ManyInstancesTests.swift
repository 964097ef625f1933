import Accounts
import Bookmarks
import Caching
import Foundation
import HTTPSupport
import HTTPTypes
import Jobs
import Logging
import Persistence
import TestSupport
import Testing

@testable import Fuze

@Suite("Many instances", .timeLimit(.minutes(3)))
struct ManyInstancesTests {
    /// Two instances of one installation.
    private func pair(
        _ redis: RedisServer?, _ test: @escaping @Sendable (Server, Server) async throws -> Void
    ) async throws {
        let configuration = redis.flatMap { RedisConfiguration(url: $0.url) }
        try await Server.run {
            $0.redis = configuration
        } _: { first in
            try await Server.run(besides: first) {
                $0.redis = configuration
            } _: { second in
                for server in [first, second] {
                    server.fuze.instances.listen(for: server.fuze.queue, server.fuze.accounts)
                    if let redis = server.fuze.redis { try await eventually { redis.state == .ready } }
                }
                try await test(first, second)
            }
        }
    }

    @Test("what is saved, changed and deleted through one is seen at once through the other", arguments: [true, false])
    func freshness(withRedis: Bool) async throws {
        let redis = try await withRedis ? RedisServer.start() : nil
        try await pair(redis) { first, second in
            let here = try await first.person("ada")
            let there = Visitor(server: second, token: here.token)
            for number in 1...20 {
                let id = try await here.save("https://example.org/\(number)", ["title": .string("Tea \(number)")])
                for visitor in [there, here, there] {
                    #expect(try await visitor.get("/api/bookmarks").json["total"] == .integer(Int64(number)))
                    let found = try await visitor.get("/api/search?q=tea&mode=text&per_page=100")
                    #expect(found.items.count == number)
                }
                _ = try await there.send(.patch, "/api/bookmarks/\(id)", ["title": "Tea and cake"])
                #expect(try await here.get("/api/bookmarks").items.first?["title"] == "Tea and cake")
            }
            _ = try await there.send(.delete, "/api/bookmarks/1")
            #expect(try await here.get("/api/bookmarks").json["total"] == 19)
            #expect(try await here.get("/api/search?q=tea&mode=text&per_page=100").items.count == 19)
            let use = second.fuze.caches.cache.use
            #expect((use.first { $0.region == "user_bookmarks" }?.fromMemory ?? 0) >= 10)
        }
    }

    @Test("Redis killed and paused in the midst: nothing fails, nothing is stale, and health says so")
    func outage() async throws {
        let redis = try await RedisServer.start()
        try await pair(redis) { first, second in
            let here = try await first.person("ada")
            let there = Visitor(server: second, token: here.token)
            var saved: Int64 = 0
            @Sendable func state() async throws -> JSONValue? {
                try await first.stranger.get("/health").json["parts"]?["redis"]?["state"]
            }
            func exercise() async throws {
                for _ in 0..<5 {
                    saved += 1
                    _ = try await here.save("https://example.org/\(saved)")
                    for visitor in [there, here] {
                        #expect(try await visitor.get("/api/bookmarks").json["total"] == .integer(saved))
                    }
                }
            }
            #expect(try await state() == "ok")
            try await exercise()
            redis.kill()
            try await exercise()
            #expect(try await state() == "degraded")
            try await redis.start()
            try await eventually { try await state() == "ok" }
            try await exercise()
            redis.pause()
            try await exercise()
            redis.resume()
            try await eventually { try await state() == "ok" }
            try await exercise()
        }
    }

    @Test(
        "a session that ends here is over there: at once with Redis, within a short while without",
        arguments: [true, false])
    func revocation(withRedis: Bool) async throws {
        let redis = try await withRedis ? RedisServer.start() : nil
        try await pair(redis) { first, second in
            let watch = RevocationWatch(
                accounts: second.fuze.accounts, interval: withRedis ? .seconds(60) : .seconds(1),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let watching = Task { try await watch.run() }
            // Until both hear one another.
            try await Task.sleep(for: .milliseconds(200))
            let here = try await first.person("ada")
            let there = Visitor(server: second, token: here.token)
            #expect(try await there.get("/api/auth/me").status == .ok)
            _ = try await here.send(.post, "/api/auth/logout")
            let end = ContinuousClock.now
            try await eventually { try await there.get("/api/auth/me").status == .unauthorized }
            #expect(ContinuousClock.now - end < (withRedis ? .seconds(1) : .seconds(5)))
            watching.cancel()
            try await watching.value
        }
    }

    @Test("installations that share a Redis do not hear one another")
    func neighbours() async throws {
        let redis = try await RedisServer.start()
        let configuration = RedisConfiguration(url: redis.url)
        try await pair(redis) { first, second in
            try await Server.run {
                $0.redis = configuration
            } _: { neighbour in
                neighbour.fuze.instances.listen(for: neighbour.fuze.queue, neighbour.fuze.accounts)
                if let redis = neighbour.fuze.redis { try await eventually { redis.state == .ready } }
                try await Task.sleep(for: .milliseconds(200))
                // The first person of each has the same id, and so has the first session.
                let ada = try await first.person("ada")
                let grace = try await neighbour.person("grace")
                _ = try await ada.save("https://example.org/ada")
                _ = try await ada.get("/api/bookmarks")
                _ = try await grace.save("https://example.org/grace")
                #expect(try await grace.get("/api/bookmarks").items.first?["url"] == "https://example.org/grace")
                _ = try await ada.send(.post, "/api/auth/logout")
                try await eventually {
                    try await Visitor(server: second, token: ada.token).get("/api/auth/me").status == .unauthorized
                }
                #expect(try await grace.get("/api/auth/me").status == .ok)
            }
            let names = try redis.ask("keys", "*").split(separator: "\n").filter { $0.contains("user_bookmarks:{1}") }
            #expect(Set(names.map { $0.split(separator: ":").last }).count == 2)
        }
    }

    @Test("a worker elsewhere is told of new work")
    func wakeUps() async throws {
        let redis = try await RedisServer.start()
        try await pair(redis) { first, second in
            let worker = Worker(
                second.fuze.queue, handlers: second.fuze.handlers, schedules: [],
                configuration: WorkerConfiguration(slots: 2, pollInterval: .seconds(600)), logger: second.fuze.logger)
            let working = Task { try await worker.run() }
            // Until it has looked for work and waits to be told.
            try await Task.sleep(for: .milliseconds(500))
            let ada = try await first.person("ada")
            let id = try await ada.save("https://example.org/", ["text": "Leaves of tea are steamed."])
            try await eventually { try await ada.get("/api/bookmarks/\(id)").json["status"] == "ready" }
            working.cancel()
            try await working.value
        }
    }

    @Test(
        "who watches a job through one instance is told by the other how it goes, and without Redis looks by themselves",
        arguments: [true, false])
    func watching(withRedis: Bool) async throws {
        let redis = try await withRedis ? RedisServer.start() : nil
        try await pair(redis) { first, second in
            // Until both hear one another.
            try await Task.sleep(for: .milliseconds(200))
            _ = try await first.person("ada")
            let steps = JobKind<NoPayload>("steps")
            var handlers = JobHandlers()
            handlers.register(steps) { context, _ in
                for step in 1...3 {
                    context.progress(done: step, total: 3)
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
            let id = try await first.fuze.queue.enqueue(try NewJob(steps, NoPayload(), owner: 1))
            let worker = Worker(
                first.fuze.queue, handlers: handlers, schedules: [],
                configuration: WorkerConfiguration(slots: 1, progressInterval: .milliseconds(10)),
                logger: first.fuze.logger)
            let working = Task { try await worker.run() }
            var seen: [JobUpdate] = []
            let poll = withRedis ? Duration.seconds(600) : JobUpdates.pollInterval
            for try await update in second.fuze.queue.updates(of: id, ownedBy: 1, pollInterval: poll) {
                seen.append(update)
            }
            #expect(seen.last?.status == .succeeded)
            if withRedis { #expect(Set(1...3).isSubset(of: seen.map(\.progress.done))) }
            working.cancel()
            try await working.value
        }
    }

    @Test("a page is fetched once for all who want to see it before they save it")
    func previews() async throws {
        let redis = try await RedisServer.start()
        try await ScriptedSite.run { _ in
            .page("<title>Tea</title><p>" + String(repeating: "Leaves of tea are steamed. ", count: 40))
        } while: { site in
            try await pair(redis) { first, second in
                let here = try await first.person("ada")
                let there = Visitor(server: second, token: here.token)
                let request: JSONValue = ["url": .string(site.address("/tea"))]
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            try await (number % 2 == 0 ? here : there).send(
                                .post, "/api/bookmarks/extract-url", request)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.allSatisfy { $0.json["title"] == "Tea" })
                #expect(site.received.count == 1)
            }
        }
    }
}
