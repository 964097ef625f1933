import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Caching

@Suite("What instances tell one another", .timeLimit(.minutes(1)))
struct InstanceBusTests {
    private final class Notes: Sendable {
        private let heard = Mutex<[RedisMessage]>([])
        var all: [RedisMessage] { heard.withLock { $0 } }
        var listener: InstanceBus.Listener { { message in self.heard.withLock { $0.append(message) } } }
    }

    private let hello = ByteBuffer(string: "hello")

    @Test("everybody hears it once, the one who tells it too")
    func everybody() async throws {
        let server = try await RedisServer.start()
        let buses = [
            InstanceBus(redis: try await Redis.connected(to: server.url)),
            InstanceBus(redis: try await Redis.connected(to: server.url)),
        ]
        let notes = [Notes(), Notes()]
        for (bus, notes) in zip(buses, notes) { bus.listen(on: "live", notes.listener) }
        try await eventually { notes.allSatisfy { $0.all == [.subscribed] } }
        await buses[0].tell(hello, on: "live")
        await buses[0].tellOthers(ByteBuffer(string: "others"), on: "live")
        try await eventually { notes[1].all.count == 3 }
        try await Task.sleep(for: .milliseconds(50))
        #expect(notes[0].all == [.subscribed, .message(hello)])
        #expect(notes[1].all == [.subscribed, .message(hello), .message(ByteBuffer(string: "others"))])
    }

    @Test("another installation on the same server hears nothing")
    func neighbours() async throws {
        let server = try await RedisServer.start()
        let here = InstanceBus(redis: try await Redis.connected(to: server.url))
        let buses = [
            InstanceBus(redis: try await Redis.connected(to: server.url)),
            InstanceBus(redis: try await Redis.connected(to: server.url, installation: "office")),
        ]
        let notes = [Notes(), Notes()]
        for (bus, notes) in zip(buses, notes) { bus.listen(on: "live", notes.listener) }
        try await eventually { notes.allSatisfy { $0.all == [.subscribed] } }
        await here.tell(hello, on: "live")
        try await eventually { notes[0].all.count == 2 }
        try await Task.sleep(for: .milliseconds(50))
        #expect(notes[1].all == [.subscribed])
        withExtendedLifetime(buses) {}
    }

    @Test("without Redis this instance hears itself")
    func alone() async {
        let bus = InstanceBus(redis: nil)
        let notes = Notes()
        bus.listen(on: "live", notes.listener)
        await bus.tell(hello, on: "live")
        #expect(notes.all == [.message(hello)])
    }

    @Test("after an outage listeners are told that they may have missed something")
    func missed() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        let bus = InstanceBus(redis: redis)
        let notes = Notes()
        bus.listen(on: "live", notes.listener)
        try await eventually { notes.all == [.subscribed] }
        server.kill()
        try await eventually { redis.state != .ready }
        await bus.tell(hello, on: "live")
        #expect(notes.all == [.subscribed, .message(hello)])
        try await server.start()
        try await eventually { notes.all == [.subscribed, .message(hello), .subscribed] }
    }

    @Test("what has changed is told together; of very much, that any may have")
    func changes() async throws {
        let server = try await RedisServer.start()
        let speaker = ChangeAnnouncer(InstanceBus(redis: try await Redis.connected(to: server.url)), channel: "jobs")
        let other = InstanceBus(redis: try await Redis.connected(to: server.url))
        let notes = Notes()
        other.listen(on: "jobs", notes.listener)
        try await eventually { notes.all == [.subscribed] }
        for number in 1...500 { speaker.announce([Int64(number % 100)]) }
        func told() -> [[Int64]?] { notes.all.dropFirst().map { ChangeAnnouncer.changes(in: $0) } }
        try await eventually { Set(told().compactMap(\.self).joined()).count == 100 }
        #expect(told().count < 20)
        speaker.announce((0..<5000).map(Int64.init))
        try await eventually { told().contains { $0 == nil } }
        #expect(ChangeAnnouncer.changes(in: .subscribed) == nil)
    }

    @Test("many announcements at once are few messages, and the last is never lost")
    func announcing() async throws {
        let server = try await RedisServer.start()
        let speaker = Announcer(InstanceBus(redis: try await Redis.connected(to: server.url)), channel: "work")
        let other = InstanceBus(redis: try await Redis.connected(to: server.url))
        let notes = Notes()
        other.listen(on: "work", notes.listener)
        try await eventually { notes.all == [.subscribed] }
        for _ in 0..<10_000 { speaker.announce() }
        try await eventually { notes.all.count > 1 }
        #expect(notes.all.count < 5_000)
        try await Task.sleep(for: .milliseconds(100))
        let before = notes.all.count
        speaker.announce()
        try await eventually { notes.all.count == before + 1 }
    }
}

@Suite("Counting against limits", .timeLimit(.minutes(1)))
struct RateCounterTests {
    @Test("instances count together, exactly")
    func together() async throws {
        let server = try await RedisServer.start()
        let counters = [
            RateCounter(redis: try await Redis.connected(to: server.url)),
            RateCounter(redis: try await Redis.connected(to: server.url)),
        ]
        let counts = await withTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask { await counters[number % 2].count("login:ada", per: .seconds(60)).used }
            }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(counts == Set(1...200))
        let next = await counters[0].count("login:ada", per: .seconds(60))
        #expect(next.used == 201 && next.resetsIn <= .seconds(60) && next.resetsIn > .seconds(50))
        #expect(await counters[1].count("login:ben", per: .seconds(60)).used == 1)
        let office = RateCounter(redis: try await Redis.connected(to: server.url, installation: "office"))
        #expect(await office.count("login:ada", per: .seconds(60)).used == 1)
    }

    @Test("a window ends")
    func windows() async throws {
        let server = try await RedisServer.start()
        for redis in [nil, try await Redis.connected(to: server.url)] {
            let counter = RateCounter(redis: redis)
            for used in 1...3 { #expect(await counter.count("a", per: .milliseconds(100)).used == used) }
            try await Task.sleep(for: .milliseconds(120))
            #expect(await counter.count("a", per: .milliseconds(100)).used == 1)
        }
    }

    @Test("without Redis each instance counts for itself, and goes on with what it has counted")
    func outage() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        let counter = RateCounter(redis: redis)
        for _ in 0..<5 { _ = await counter.count("a", per: .seconds(60)) }
        server.kill()
        try await eventually { redis.state != .ready }
        #expect(await counter.count("a", per: .seconds(60)).used == 6)
    }

    @Test("however many there are, memory is bounded")
    func bounded() {
        let counter = RateCounter(redis: nil)
        let now = ContinuousClock.now
        for number in 0..<150_000 { _ = counter.countHere("key \(number)", per: .seconds(60), at: now) }
        #expect(counter.countHere("key 149999", per: .seconds(60), at: now).used == 2)
    }
}
