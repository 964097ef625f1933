import Foundation
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Caching

extension Redis {
    /// A client of a test's own server.
    static func connected(
        to url: String, installation: String = "home", _ adjust: (inout RedisConfiguration) -> Void = { _ in }
    ) async throws -> Redis {
        var configuration = try #require(RedisConfiguration(url: url))
        adjust(&configuration)
        let redis = try Redis(
            configuration, installation: installation, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await eventually { redis.state == .ready }
        return redis
    }

    func text(_ key: String) async throws -> String? {
        try await send(RedisCommand("GET", .text(key), key: key)).text
    }

    func set(_ key: String, _ value: String) async throws {
        try await send(RedisCommand("SET", .text(key), .text(value), key: key))
    }
}

@Suite("A Redis server", .timeLimit(.minutes(2)))
struct RedisClientTests {
    @Test("many callers at once each get their own answer")
    func pipelining() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let key = "key\(number)"
                    try await redis.set(key, "value\(number)")
                    #expect(try await redis.text(key) == "value\(number)")
                }
            }
            try await group.waitForAll()
        }
        let large = ByteBuffer(repeating: 7, count: 5_000_000)
        try await redis.send(RedisCommand("SET", "large", .bytes(large)))
        #expect(try await redis.send(RedisCommand("GET", "large")).bytes == large)
        await redis.close()
        await #expect(throws: RedisFailure.closed) { try await redis.text("key1") }
    }

    @Test("what Redis refuses is told with its reason, and the connection goes on")
    func refusals() async throws {
        let server = try await RedisServer.start()
        let redis = try await Redis.connected(to: server.url)
        try await redis.set("word", "abc")
        await #expect(
            throws: RedisFailure.refused(RedisRefusal(message: "ERR value is not an integer or out of range"))
        ) {
            try await redis.send(RedisCommand("INCR", "word"))
        }
        #expect(try await redis.text("word") == "abc")
        await redis.close()
    }

    @Test("users, passwords and database numbers are used")
    func credentials() async throws {
        let server = try await RedisServer.start(
            ["--requirepass", "s3cret:@"] + "--user ada on >engine ~* &* +@all".split(separator: " ").map(String.init))
        for credentials in [":s3cret%3A%40", "ada:engine"] {
            let redis = try await Redis.connected(to: "redis://\(credentials)@127.0.0.1:\(server.port)/5")
            try await redis.set("from", credentials)
            #expect(try await redis.send(RedisCommand("CLIENT", "INFO")).text?.contains("db=5") == true)
            await redis.close()
        }
        let wrong = try Redis(
            try #require(RedisConfiguration(url: "redis://ada:wrong@127.0.0.1:\(server.port)")),
            installation: "home", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await eventually {
            if case .down(let reason) = wrong.state { reason.contains("WRONGPASS") } else { false }
        }
        await wrong.close()
    }

    @Test("what a server says about the password it was sent is in no log")
    func echoedSecrets() async throws {
        // Where a command is unknown, Redis repeats what came with it.
        let server = try await RedisServer.start(["--rename-command", "AUTH", ""])
        #expect(try server.ask("AUTH", "hunter2").contains("hunter2"))
        let log = RecordedLog()
        var logger = log.logger
        logger.logLevel = .trace
        let redis = try Redis(
            try #require(RedisConfiguration(url: "redis://:hunter2@127.0.0.1:\(server.port)")), installation: "home",
            logger: logger)
        try await eventually { !log.lines.isEmpty }
        #expect(log.lines.contains { "\($0)".contains("Redis refuses the user name or password: ERR.") })
        #expect(!log.lines.contains { "\($0)".contains("hunter2") })
        #expect(redis.state == .down(reason: "Redis refuses the user name or password: ERR."))
        await redis.close()
    }

    @Test("a connection is encrypted, and only to a server that somebody trusted vouches for")
    func tls() async throws {
        let certificate = try Certificate()
        let server = try await RedisServer.start(
            [
                "--tls-cert-file", certificate.file, "--tls-key-file", certificate.keyFile,
                "--tls-ca-cert-file", certificate.file, "--tls-auth-clients", "no",
            ], isEncrypted: true)
        let redis = try await Redis.connected(
            to: "rediss://127.0.0.1:\(server.port)?ca=\(certificate.file)")
        try await redis.set("secret", "kept")
        #expect(try await redis.text("secret") == "kept")
        await redis.close()

        let distrusting = try Redis(
            try #require(RedisConfiguration(url: "rediss://127.0.0.1:\(server.port)")),
            installation: "home", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await #expect(throws: RedisFailure.unavailable) { try await distrusting.text("secret") }
        await distrusting.close()
    }

    @Test("what is published is heard, also after the connection was lost")
    func publishing() async throws {
        let server = try await RedisServer.start()
        let (speaker, listener) = (try await Redis.connected(to: server.url), try await Redis.connected(to: server.url))
        let heard = Mutex<[RedisMessage]>([])
        listener.subscribe(to: "news") { message in heard.withLock { $0.append(message) } }
        try await eventually { heard.withLock { $0 } == [.subscribed] }
        try await speaker.publish(ByteBuffer(string: "one"), on: "news")
        try await speaker.publish(ByteBuffer(string: "two"), on: "other news")
        try await eventually { heard.withLock { $0.count } == 2 }

        try server.ask("client", "kill", "type", "pubsub")
        try await eventually { heard.withLock { $0.count } == 3 }
        try await eventually { speaker.state == .ready }
        try await speaker.publish(ByteBuffer(string: "three"), on: "news")
        try await eventually { heard.withLock { $0.count } == 4 }
        let expected: [RedisMessage] = [
            .subscribed, .message(ByteBuffer(string: "one")), .subscribed, .message(ByteBuffer(string: "three")),
        ]
        #expect(heard.withLock { $0 } == expected)
        await speaker.close()
        await listener.close()
    }
}

/// A certificate for the loopback address, made for one test.
struct Certificate {
    private let folder = TemporaryFolder()
    var file: String { folder.path("certificate.pem") }
    var keyFile: String { folder.path("key.pem") }

    init() throws {
        try Shell.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=Redis of a test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout",
            keyFile, "-out", file,
        ])
    }
}
