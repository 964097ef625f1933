import Accounts
import Caching
import Foundation
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import Fuze

@Suite("Configuration")
struct ConfigurationTests {
    private func read(_ settings: [String: String]) throws -> FuzeConfiguration {
        try FuzeConfiguration.read { settings[$0] }
    }

    @Test("without any it has safe defaults")
    func defaults() throws {
        let configuration = try read([:])
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8080)
        #expect(!configuration.fetchesPrivateAddresses)
        #expect(configuration.registrationOrDefault == .open)
        #expect(configuration.secretKey == nil)
        #expect(try read(["environment": "production"]).registrationOrDefault == .closed)
        #expect(try read(["environment": "production", "registration": "open"]).registrationOrDefault == .open)
    }

    @Test("every setting is read")
    func settings() throws {
        let configuration = try read([
            "host": "0.0.0.0", "port": "0", "data_dir": "/srv/fuze", "environment": "testing", "registration": "invite",
            "log_level": "DEBUG", "cors_origins": "https://a.example, https://b.example", "fetch_allow_private": "yes",
            "fetch_interval_ms": "0", "fetch_connections_per_host": "64", "workers": "0",
            "secret_key": String(repeating: "k", count: 32), "database_url": "",
            "redis_url": "rediss://ada:secret@cache.example:7000/2",
        ])
        #expect(configuration.redis?.usesTLS == true && configuration.redis?.database == 2)
        #expect(configuration.host == "0.0.0.0" && configuration.port == 0 && configuration.workers == 0)
        #expect(configuration.databasePath == "/srv/fuze/fuze.sqlite")
        #expect(configuration.environment == .testing && configuration.registration == .invite)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.corsOrigins == ["https://a.example", "https://b.example"])
        #expect(configuration.fetchesPrivateAddresses && configuration.fetchInterval == .zero)
        #expect(configuration.fetchConnectionsPerHost == 64)
        #expect(configuration.secretKey?.count == 32)
    }

    @Test("every mistake is listed at once, and no secret with them")
    func mistakes() throws {
        let failure = #expect(throws: ConfigurationMistakes.self) {
            try read([
                "port": "65536", "environment": "staging", "registration": "maybe", "log_level": "loud",
                "fetch_allow_private": "perhaps", "fetch_interval_ms": "-1", "fetch_connections_per_host": "0",
                "workers": "many", "secret_key": "hunter2-hunter2", "database_url": "mysql://ada:hunter2@db/fuze",
                "redis_url": "http://ada:hunter2@cache",
            ])
        }
        let mistakes = try #require(failure).mistakes
        #expect(mistakes.count == 11)
        for name in [
            "FUZE_PORT", "FUZE_ENVIRONMENT", "FUZE_REGISTRATION", "FUZE_LOG_LEVEL", "FUZE_FETCH_ALLOW_PRIVATE",
            "FUZE_FETCH_INTERVAL_MS", "FUZE_FETCH_CONNECTIONS_PER_HOST", "FUZE_WORKERS", "FUZE_SECRET_KEY",
            "FUZE_DATABASE_URL", "FUZE_REDIS_URL",
        ] {
            #expect(mistakes.contains { $0.hasPrefix(name) }, "\(name)")
        }
        #expect(!failure.debugDescription.contains("hunter2"))
        #expect(try #require(failure).description.split(separator: "\n").count == 11)
    }

    @Test("an empty or blank setting counts as not set", arguments: ["", "  "])
    func blank(text: String) throws {
        #expect(try read(["port": text, "secret_key": text]).port == 8080)
    }

    @Test("arguments win over the environment, which wins over .env, which wins over defaults")
    func precedence() async throws {
        let folder = TemporaryFolder()
        try "FUZE_PORT=3\nFUZE_HOST=file.example\nFUZE_LOG_LEVEL=error\n".write(
            toFile: folder.path(".env"), atomically: true, encoding: .utf8)
        let file = FilePath(folder.path(".env"))
        let environment = ["FUZE_PORT": "2", "FUZE_HOST": "environment.example"]
        let all = try await FuzeConfiguration.load(arguments: ["port": "1"], environment: environment, file: file)
        #expect((all.port, all.host, all.logLevel, all.workers) == (1, "environment.example", .error, 8))
        let without = try await FuzeConfiguration.load(environment: [:], file: file)
        #expect((without.port, without.host) == (3, "file.example"))
        let none = try await FuzeConfiguration.load(environment: [:], file: FilePath(folder.path("missing")))
        #expect((none.port, none.host) == (8080, "127.0.0.1"))
        let long = try await FuzeConfiguration.load(
            arguments: ["data_dir": "/a"], environment: ["FUZE_FETCH_CONNECTIONS_PER_HOST": "7"],
            file: FilePath(folder.path("missing")))
        #expect(long.fetchConnectionsPerHost == 7)
        #expect(long.dataDirectory.path == "/a")
    }

    @Test("vectors are in memory, or where it is said")
    func vectors() throws {
        #expect(try read([:]).vectors.qdrantURL == nil)
        let settings = try read([
            "vector_store": "qdrant", "qdrant_url": "https://qdrant:6333/v", "qdrant_collection": "ours",
            "qdrant_vector_size": "384", "qdrant_api_key": "k3y",
        ]).vectors
        #expect(settings.store == .qdrant && settings.qdrantURL == "https://qdrant:6333/v")
        #expect(settings.qdrantCollection == "ours" && settings.qdrantAPIKey == "k3y")
        for mistake in [
            ["vector_store": "qdrant"], ["vector_store": "pgvector"], ["vector_store": "disk"],
            ["qdrant_url": "qdrant:6333"],
            ["qdrant_url": "ftp://q"], ["qdrant_url": "http://ada:secret@q"], ["qdrant_collection": "a/b"],
            ["qdrant_vector_size": "768"], ["qdrant_api_key": "a b"],
        ] {
            let failure = #expect(throws: ConfigurationMistakes.self) { try read(mistake) }
            #expect(failure?.mistakes.count == 1, "\(mistake)")
        }
    }
}

@Suite("The secret key")
struct SecretKeyTests {
    private let folder = TemporaryFolder()
    private var file: URL { folder.url.appending(path: "secret.key") }

    @Test("is made once, random, for its owner's eyes only")
    func made() throws {
        let key = try SecretKey.load(from: file)
        #expect(key.count == 32)
        #expect(Set(key).count > 8)
        #expect(try SecretKey.load(from: file) == key)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["secret.key"])
    }

    @Test("is the same for all who start at once")
    func race() async throws {
        let file = file
        let keys = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<16 { group.addTask { try SecretKey.load(from: file) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }

    @Test("a damaged file is an error, not a reason for a new key")
    func damaged() throws {
        try Data("short".utf8).write(to: file)
        #expect(throws: (any Error).self) { try SecretKey.load(from: file) }
        #expect(try Data(contentsOf: file) == Data("short".utf8))
    }

    @Test("a folder that cannot be written is an error")
    func unwritable() {
        let missing = folder.url.appending(path: "nowhere/secret.key")
        #expect(throws: (any Error).self) { try SecretKey.load(from: missing) }
    }
}

@Suite("The installation")
struct InstallationTests {
    @Test("its files are where the environment says, or beside the program")
    func packages() {
        let named = Installation.locate(environment: ["FUZE_PACKAGES": "/opt/fuze/packages"])
        #expect(named.packages.path == "/opt/fuze/packages")
        #expect(named.swaggerUI.path.hasPrefix("/opt/fuze/packages/"))
        #expect(Installation.locate(environment: [:]).packages.path.hasSuffix(".deps/packages"))
    }
}
