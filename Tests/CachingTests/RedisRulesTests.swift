import NIOCore
import Testing

@testable import Caching

@Suite("Rules of the Redis client")
struct RedisRulesTests {
    @Test(
        "keys have the slots of the cluster specification",
        arguments: [
            ("123456789", 12739), ("foo", 12182), ("{user1000}.following", 3443), ("{user1000}.followers", 3443),
            ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061), ("", 0),
        ])
    func slots(_ key: String, _ slot: Int) { #expect(RedisSlot.of(key) == slot) }

    @Test(
        "refusals of a cluster say what to do",
        arguments: [
            (
                "MOVED 3999 127.0.0.1:6381",
                RedisRefusal.Advice.moved(slot: 3999, RedisAddress(host: "127.0.0.1", port: 6381))
            ),
            ("MOVED 5 :6381", .moved(slot: 5, RedisAddress(host: "asked", port: 6381))),
            ("ASK 3999 ::1:6381", .ask(RedisAddress(host: "::1", port: 6381))),
            ("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain),
            ("CLUSTERDOWN The cluster is down", .tryAgain),
            ("LOADING Redis is loading the dataset in memory", .tryAgain), ("ERR unknown command", nil),
            ("MOVED nonsense", nil), ("MOVED 1 nowhere", nil),
        ])
    func advice(_ message: String, _ advice: RedisRefusal.Advice?) {
        #expect(RedisRefusal(message: message).advice(from: "asked") == advice)
    }

    @Test("the map of slots is read from what the cluster answers")
    func slotMap() throws {
        let answer = RedisValue.array([
            .array([.integer(0), .integer(100), .array([.string(ByteBuffer(string: "a")), .integer(1)])]),
            .array([.integer(101), .integer(16_383), .array([.string(ByteBuffer()), .integer(2)])]),
        ])
        let map = try #require(SlotMap(answer, from: "asked"))
        #expect(map[100] == RedisAddress(host: "a", port: 1))
        #expect(map[101] == RedisAddress(host: "asked", port: 2))
        #expect(SlotMap(.null, from: "asked") == nil)
        let outside = RedisValue.array([
            .array([.integer(0), .integer(16_384), .array([.string(ByteBuffer(string: "a")), .integer(1)])])
        ])
        #expect(SlotMap(outside, from: "asked") == nil)
    }

    @Test("addresses say how to reach Redis")
    func addresses() throws {
        let full = try #require(RedisConfiguration(url: "rediss://ada:p%40ss:w@redis.example:7000/3?ca=/etc/ca%20.pem"))
        #expect(full.addresses == [RedisAddress(host: "redis.example", port: 7000)])
        #expect(full.username == "ada" && full.password == "p@ss:w" && full.database == 3 && full.usesTLS)
        #expect(full.certificateAuthorities == "/etc/ca .pem" && !full.isCluster)

        let plain = try #require(RedisConfiguration(url: "redis://localhost"))
        #expect(plain.addresses == [RedisAddress(host: "localhost", port: 6379)])
        #expect(plain.password == nil && !plain.usesTLS && plain.database == 0)

        let several = try #require(RedisConfiguration(url: "redis://:secret@a:1,b:2,[::1]:3"))
        #expect(several.addresses.map(\.description) == ["a:1", "b:2", "[::1]:3"])
        #expect(several.isCluster && several.username == nil && several.password == "secret")
        #expect(try #require(RedisConfiguration(url: "redis://a?cluster=true")).isCluster)
    }

    @Test(
        "what is no address of Redis is refused",
        arguments: [
            "", "localhost:6379", "http://localhost", "redis://", "redis://:6379", "redis://a:0", "redis://a:99999",
            "redis://a/x", "redis://a/-1", "redis://a?cluster=perhaps", "redis://a,", "redis://a/2?cluster=true",
            "redis://a?what=ever",
        ])
    func badAddresses(_ url: String) { #expect(RedisConfiguration(url: url) == nil) }

    @Test("secrets are in no description")
    func secrets() throws {
        let configuration = try #require(RedisConfiguration(url: "redis://ada:hunter2@a"))
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("ada"))
        }
    }

    @Test("waits double up to two seconds, and begin anew after a good connection")
    func backoff() {
        var backoff = Backoff()
        #expect(
            (0..<8).map { _ in backoff.next(chance: 1) / .milliseconds(1) } == [
                50, 100, 200, 400, 800, 1600, 2000, 2000,
            ])
        #expect(backoff.next(chance: 0) == .seconds(1))
        backoff.connectionEnded(after: .seconds(1))
        #expect(backoff.next(chance: 1) == .seconds(2))
        backoff.connectionEnded(after: .seconds(6))
        #expect(backoff.next(chance: 1) == .milliseconds(50))
    }

    @Test("a server that could not answer is asked by one at a time, ever more seldom, until it can")
    func circuitBreaker() {
        var breaker = CircuitBreaker()
        let start = ContinuousClock.now
        #expect(breaker.passage(at: start) == .free)
        breaker.failed(at: start, chance: 1)
        #expect(breaker.passage(at: start + .milliseconds(49)) == .closed)
        #expect(breaker.passage(at: start + .milliseconds(51)) == .probe)
        #expect(breaker.passage(at: start + .milliseconds(52)) == .closed)
        breaker.failed(at: start + .milliseconds(60), chance: 1)
        #expect(breaker.passage(at: start + .milliseconds(159)) == .closed)
        #expect(breaker.passage(at: start + .milliseconds(161)) == .probe)
        // That probe is never heard of again.
        #expect(breaker.passage(at: start + .milliseconds(1_160)) == .closed)
        #expect(breaker.passage(at: start + .milliseconds(1_162)) == .probe)
        breaker.succeeded()
        #expect(breaker.passage(at: start + .milliseconds(1_163)) == .free && !breaker.isClosed)
    }

    @Test("what a server says begins with a code, and nothing else of it is repeated")
    func codes() {
        #expect(RedisRefusal(message: "WRONGPASS invalid username-password pair").code == "WRONGPASS")
        #expect(RedisRefusal(message: "ERR unknown command `AUTH`, with args beginning with: `x`").code == "ERR")
        for text in ["hunter2", "", "Hunter", "HUNTER2 HUNTER", "A", "ÄRGER"] {
            #expect(RedisRefusal(message: text).code == nil)
        }
    }

    @Test("a journey through a cluster has one deadline, whatever it meets")
    func journey() {
        let start = ContinuousClock.now
        func refused(_ message: String) -> RedisValue { .refusal(RedisRefusal(message: message)) }
        var journey = ClusterJourney(
            [RedisCommand("GET", "a"), RedisCommand("GET", "b")], budget: .milliseconds(200), at: start)
        #expect(journey.deadlineToWatch(at: start) == nil)
        // The map of slots had to be read first.
        #expect(journey.deadlineToWatch(at: start + .milliseconds(50)) == start + .milliseconds(200))
        journey.take([.integer(1), refused("ASK 5 other:1")], from: "here")
        #expect(journey.deadlineToWatch(at: start) == start + .milliseconds(200))
        #expect(journey.detour == RedisAddress(host: "other", port: 1) && journey.next.count == 2)
        journey.take([.string(ByteBuffer(string: "OK")), refused("LOADING")], from: "other")
        #expect(journey.advice == .tryAgain && journey.detour == nil && journey.next.count == 1)
        #expect(journey.pause(at: start) == .milliseconds(10))
        #expect(journey.pause(at: start + .milliseconds(150)) == .milliseconds(20))
        #expect(journey.pause(at: start + .milliseconds(170)) == nil)
        #expect(journey.goesOn(at: start) && !journey.goesOn(at: start + .milliseconds(200)))
        journey.take([.integer(2)], from: "here")
        #expect(journey.advice == nil && journey.results == [.integer(1), .integer(2)])
    }

    @Test("commands carry any bytes")
    func encoding() {
        var bytes = ByteBuffer()
        RedisCommand("SET", "ключ", .bytes(ByteBuffer(bytes: [0, 13, 10]))).encode(into: &bytes)
        #expect(Array(bytes.readableBytesView) == Array("*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$3\r\n\0\r\n\r\n".utf8))
    }
}
