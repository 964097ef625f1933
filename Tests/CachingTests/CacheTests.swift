import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Caching

/// One of the instances of an installation, with the links it shows.
private struct Instance: Sendable {
    let cache: Cache
    let links: CacheRegion<String>

    init(_ redis: Redis?, format: Int = 1, timeToLive: Duration = .seconds(300)) {
        cache = Cache(memoryBytes: 1 << 20, redis: redis)
        links = CacheRegion(
            CacheKind("user_bookmarks", format: format, timeToLive: timeToLive), in: cache, coding: .json)
    }
}

/// What the database would hold: text with a version.
private final class Records: Sendable {
    private let state = Mutex(Versioned("nothing", version: 1))
    let reads = Tally()

    var version: Int64 { state.withLock { $0.version } }
    func write(_ text: String) { state.withLock { $0 = Versioned(text, version: $0.version + 1) } }
    func read() -> Versioned<String> {
        reads.increment()
        return state.withLock { $0 }
    }
}

@Suite("The cache", .timeLimit(.minutes(2)))
struct CacheTests {
    @Test("what is known is not computed again, and it is counted where it came from")
    func layers() async throws {
        let server = try await RedisServer.start()
        let (a, b) = (
            Instance(try await Redis.connected(to: server.url)), Instance(try await Redis.connected(to: server.url))
        )
        for instance in [a, a, b, b, b] {
            #expect(try await instance.links.value(for: .of(42, "newest")) { "a list" } == "a list")
        }
        #expect(a.links.use == CacheUse(region: "user_bookmarks", fromMemory: 1, computed: 1))
        #expect(b.links.use == CacheUse(region: "user_bookmarks", fromMemory: 2, fromRedis: 1))
        #expect(b.cache.use == [b.links.use])

        let keys = try server.ask("keys", "*").split(separator: "\n")
        #expect(keys.count == 1 && keys[0].hasPrefix("fuze:user_bookmarks:{42}:1:"))
        #expect(keys[0].hasSuffix(":home"))
        let ttl = try #require(Int(try server.ask("ttl", String(keys[0])).filter(\.isNumber)))
        #expect((295...300).contains(ttl))
    }

    @Test("a value is good for its time")
    func timeToLive() async throws {
        let instance = Instance(nil, timeToLive: .milliseconds(50))
        let computed = Tally()
        let ask = {
            try await instance.links.value(for: .of(1)) { "\(computed.increment())" }
        }
        #expect(try await ask() == "1")
        #expect(try await ask() == "1")
        try await Task.sleep(for: .milliseconds(60))
        #expect(try await ask() == "2")
    }

    @Test("what is taken over from Redis keeps the time that it has left")
    func remainingTime() async throws {
        let server = try await RedisServer.start()
        let (a, b) = (
            Instance(try await Redis.connected(to: server.url), timeToLive: .seconds(1)),
            Instance(try await Redis.connected(to: server.url), timeToLive: .seconds(1))
        )
        #expect(try await a.links.value(for: .of(1)) { "first" } == "first")
        await a.links.keep([(.of(2), "first")])
        try await Task.sleep(for: .milliseconds(600))
        #expect(try await b.links.value(for: .of(1)) { "second" } == "first")
        #expect(await b.links.known([.of(2)]) == ["first"])
        try await Task.sleep(for: .milliseconds(500))
        #expect(try await b.links.value(for: .of(1)) { "second" } == "second")
        #expect(await b.links.known([.of(2)]) == [nil])
    }

    @Test("installations that share a Redis, and programs that write in another format, do not meet")
    func strangers() async throws {
        let server = try await RedisServer.start()
        let here = Instance(try await Redis.connected(to: server.url))
        let elsewhere = Instance(try await Redis.connected(to: server.url, installation: "office"))
        let newer = Instance(try await Redis.connected(to: server.url), format: 2)
        for (instance, value) in [(here, "here"), (elsewhere, "elsewhere"), (newer, "newer")] {
            #expect(try await instance.links.value(for: .of(1)) { value } == value)
            await instance.links.keep([(.of(2), value)], inMemory: false)
        }
        for (instance, value) in [(here, "here"), (elsewhere, "elsewhere"), (newer, "newer")] {
            #expect(await instance.links.known([.of(2)], inMemory: false) == [value])
        }
    }

    @Test("what was written is seen at once through every instance", arguments: [true, false])
    func freshness(withRedis: Bool) async throws {
        let server = try await RedisServer.start()
        var instances: [Instance] = []
        for _ in 0..<2 { instances.append(Instance(withRedis ? try await Redis.connected(to: server.url) : nil)) }
        let records = Records()
        for step in 0..<50 {
            records.write("step \(step)")
            for instance in instances + instances {
                let seen = try await instance.links.value(for: .of(1), at: records.version) { records.read() }
                #expect(seen == "step \(step)")
            }
        }
        #expect(records.reads.count == (withRedis ? 50 : 100))
    }

    @Test("a slow reader of what was does not hide what is")
    func race() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        let (a, b) = (Instance(redis), Instance(try await Redis.connected(to: server.url)))
        let records = Records()
        let old = records.read()
        let isReading = Tally()
        let slow = Task {
            try await a.links.value(for: .of(1), at: old.version) {
                isReading.increment()
                try await Task.sleep(for: .milliseconds(100))
                return old
            }
        }
        try await eventually { isReading.count > 0 }
        records.write("new")
        #expect(try await b.links.value(for: .of(1), at: records.version) { records.read() } == "new")
        #expect(try await slow.value == "nothing")
        for instance in [a, b] {
            #expect(try await instance.links.value(for: .of(1), at: records.version) { records.read() } == "new")
        }
    }

    @Test("what comes from a replica that is behind is not given to one who knows of more")
    func laggingReplica() async throws {
        let instance = Instance(nil)
        let behind = Versioned("old", version: 4)
        let tries = Tally()
        let seen = try await instance.links.value(for: .of(1), at: 5) {
            tries.increment() == 1 ? behind : Versioned("new", version: 5)
        }
        #expect(seen == "new")
    }

    @Test("equal questions through two instances at once are computed once")
    func onceForAll() async throws {
        let server = try await RedisServer.start()
        let instances = [
            Instance(try await Redis.connected(to: server.url)), Instance(try await Redis.connected(to: server.url)),
        ]
        let computed = Tally()
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    try await instances[number % 2].links.value(for: .of(1)) {
                        computed.increment()
                        try await Task.sleep(for: .milliseconds(300))
                        return "slow"
                    }
                }
            }
            for try await value in group { #expect(value == "slow") }
        }
        #expect(computed.count == 1)
    }

    @Test("when the one who computes dies, another does; when it fails, too")
    func heirs() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        let shared = SharedLayer(redis: redis)
        let (a, b) = (Instance(redis), Instance(try await Redis.connected(to: server.url)))
        // Has the lease, and is never heard of again.
        guard case .compute = try await shared.find("user_bookmarks:{1}:1", version: 0) else {
            Issue.record("nobody computes yet")
            return
        }
        let wait = try await ContinuousClock().measure {
            let value = try await a.links.value(for: .of(1)) { "heir" }
            #expect(value == "heir")
        }
        #expect(wait >= SharedLayer.leaseTime / 2 && wait < SharedLayer.leaseTime * 2)

        struct Unwell: Error {}
        let failing = Task {
            try await a.links.value(for: .of(2)) {
                try await Task.sleep(for: .milliseconds(100))
                throw Unwell()
            }
        }
        try await Task.sleep(for: .milliseconds(30))
        #expect(try await b.links.value(for: .of(2)) { "other" } == "other")
        await #expect(throws: Unwell.self) { try await failing.value }
    }

    @Test("a long computation keeps its lease")
    func longComputation() async throws {
        let server = try await RedisServer.start()
        let (a, b) = (
            Instance(try await Redis.connected(to: server.url)), Instance(try await Redis.connected(to: server.url))
        )
        let long = Task {
            try await a.links.value(for: .of(1)) {
                try await Task.sleep(for: SharedLayer.leaseTime * 1.5)
                return "long"
            }
        }
        try await Task.sleep(for: .milliseconds(50))
        #expect(try await b.links.value(for: .of(1)) { "impatient" } == "long")
        #expect(try await long.value == "long")
    }

    @Test("Redis killed, paused and back: every question is answered, in time, and the layer is used again")
    func outages() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        let instance = Instance(redis)
        let ask = { (key: Int64) async throws in
            let wait = try await ContinuousClock().measure {
                let value = try await instance.links.value(for: .of(key)) { "\(key)" }
                #expect(value == "\(key)")
            }
            #expect(wait < .seconds(1))
        }
        for key in 0..<10 { try await ask(Int64(key)) }
        server.kill()
        for key in 100..<120 { try await ask(Int64(key)) }
        try await server.start()
        try await eventually { redis.state == .ready }
        server.pause()
        for key in 200..<220 { try await ask(Int64(key)) }
        server.resume()
        try await eventually { redis.state == .ready }
        try await ask(300)
        #expect(try server.ask("exists", "fuze:user_bookmarks:{300}:1:home").contains("1"))
    }

    @Test("bytes of another program are computed anew")
    func foreignBytes() async throws {
        let server = try await RedisServer.start()
        let instance = Instance(try await Redis.connected(to: server.url))
        try server.ask("set", "fuze:user_bookmarks:{1}:1:home", "short")
        #expect(try await instance.links.value(for: .of(1)) { "anew" } == "anew")
        try server.ask(
            "eval", "redis.call('SET', 'fuze:user_bookmarks:{2}:1:home', string.rep('\\0', 8) .. 'no json')", "0")
        #expect(try await instance.links.value(for: .of(2)) { "anew" } == "anew")
    }

    @Test("the cache works the same on a cluster, one person's keys on one server")
    func cluster() async throws {
        let servers = try await RedisCluster3.start()
        let (a, b) = (
            Instance(try await Redis.connected(to: servers.url)), Instance(try await Redis.connected(to: servers.url))
        )
        for owner in 0..<30 {
            for instance in [a, b] {
                let value = try await instance.links.value(for: .of(Int64(owner), "newest")) { "\(owner)" }
                #expect(value == "\(owner)")
            }
        }
        #expect(a.links.use.computed == 30 && b.links.use.fromRedis == 30)
    }
}
