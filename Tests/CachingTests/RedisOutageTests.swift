import Foundation
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Caching

@Suite("A Redis that fails", .timeLimit(.minutes(2)))
struct RedisOutageTests {
    @Test("one that was never there fails commands at once")
    func absent() async throws {
        let redis = try Redis(
            RedisConfiguration(addresses: [RedisAddress(host: "127.0.0.1", port: try LoopbackPort.free())]),
            installation: "home", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await #expect(throws: RedisFailure.unavailable) { try await redis.text("a") }
        let start = ContinuousClock.now
        for _ in 0..<1000 { _ = try? await redis.text("a") }
        #expect(ContinuousClock.now - start < .seconds(1))
        await redis.close()
    }

    @Test("a killed one is used again within seconds of its return")
    func killed() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        server.kill()
        try await eventually { (try? await redis.text("a")) == nil && redis.state != .ready }
        try await server.start()
        let start = ContinuousClock.now
        try await eventually { (try? await redis.set("a", "b")) != nil }
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(try await redis.text("a") == "b")
        await redis.close()
    }

    @Test("one that says nothing costs a command timeout, then nothing, until it speaks again")
    func paused() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        server.pause()
        var waits: [Duration] = []
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(3) {
            waits.append(await ContinuousClock().measure { _ = try? await redis.text("a") })
            try await Task.sleep(for: .milliseconds(2))
        }
        #expect(waits.max() ?? .zero < .milliseconds(1000))
        // Requests that wait are the exception: at most one in each try to connect.
        #expect(waits.filter { $0 > .milliseconds(100) }.count <= 3)
        server.resume()
        let resumed = ContinuousClock.now
        try await eventually { (try? await redis.send(RedisCommand("PING"))) != nil }
        #expect(ContinuousClock.now - resumed < .seconds(4))
        await redis.close()
    }

    @Test("one whose answers trickle in late is given up, and costs each caller no more than its time")
    func dripping() async throws {
        let server = try await DrippingRedis.start(interval: .milliseconds(40))
        let redis = try await Redis.connected(to: server.url)
        let waits = await withTaskGroup(of: (Duration, Bool).self) { group in
            for _ in 0..<40 {
                group.addTask {
                    var isAnswered = true
                    let wait = await ContinuousClock().measure {
                        do { _ = try await redis.send(RedisCommand("GET", "a")) } catch { isAnswered = false }
                    }
                    return (wait, isAnswered)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(waits.map(\.0).max() ?? .zero < .milliseconds(600))
        #expect(waits.contains { $0.1 } && waits.contains { !$0.1 })
        try await eventually { server.connections > 1 }
        await redis.close()
        try await server.stop()
    }

    @Test("what waits for the first connection waits no longer than for an answer")
    func silentAtFirst() async throws {
        let server = try await RedisServer.start()
        server.pause()
        let redis = try Redis(
            try #require(RedisConfiguration(url: server.url)), installation: "home",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let wait = await ContinuousClock().measure {
            await #expect(throws: RedisFailure.timedOut) { try await redis.text("a") }
        }
        #expect(wait < .milliseconds(400))
        server.resume()
        try await eventually { (try? await redis.send(RedisCommand("PING"))) != nil }
        await redis.close()
    }

    @Test("no more commands wait than the queue holds")
    func overload() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url) { $0.queueLimit = 10 }
        server.pause()
        let failures = await withTaskGroup(of: RedisFailure?.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do throws(RedisFailure) {
                        _ = try await redis.send(RedisCommand("GET", "a"))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            var failures: [RedisFailure?] = []
            for await failure in group { failures.append(failure) }
            return failures
        }
        #expect(failures.filter { $0 == .overloaded }.count >= 39)
        #expect(failures.contains(.timedOut) && !failures.contains(nil))
        server.resume()
        await redis.close()
    }
}
