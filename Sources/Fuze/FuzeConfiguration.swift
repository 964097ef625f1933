import Accounts
import Caching
import Configuration
import Embeddings
import Foundation
import Logging
import Persistence
import SystemPackage
import Vectors

/// The settings of one installation: arguments, then `FUZE_*` in the environment, then `.env`, then defaults.
struct FuzeConfiguration: Sendable {
    enum Environment: String, CaseIterable, Sendable {
        case development, testing, production
    }

    var host = "127.0.0.1"
    var port = 8080
    var dataDirectory = URL(filePath: "data", directoryHint: .isDirectory)
    var environment = Environment.development
    var registration: Registration?
    var logLevel = Logger.Level.info
    var corsOrigins: [String] = []
    var fetchesPrivateAddresses = false
    var fetchInterval = Duration.milliseconds(250)
    var fetchConnectionsPerHost = 2
    /// How many jobs `serve` runs at once; 0 leaves them to `fuze worker`.
    var workers = 8
    var secretKey: String?
    var vectors = VectorSettings()
    /// The PostgreSQL that keeps the records; nil for SQLite in the data folder.
    var database: PostgresAddress?
    var databaseReplicas: [PostgresAddress] = []
    var databasePool = PostgresPoolSize()
    /// Where the instances of an installation share what they keep and tell; nil where there is one only.
    var redis: RedisConfiguration?

    var registrationOrDefault: Registration {
        registration ?? (environment == .production ? .closed : .open)
    }

    var databasePath: String { dataDirectory.appending(path: "fuze.sqlite").path }
    var secretKeyFile: URL { dataDirectory.appending(path: "secret.key") }
}

/// Every mistake found in the settings, one a line.
struct ConfigurationMistakes: Error, CustomStringConvertible {
    let mistakes: [String]

    var description: String { mistakes.joined(separator: "\n") }
}

extension FuzeConfiguration {
    /// Reads the settings.
    ///
    /// - Parameters:
    ///   - arguments: what was given at the command line, by the setting's name such as `port`.
    ///   - file: more of the environment, a setting a line; may be missing.
    /// - Throws: `ConfigurationMistakes` with everything that is wrong, not just the first.
    static func load(
        arguments: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
        file: FilePath = ".env"
    ) async throws -> FuzeConfiguration {
        try read(try await settings(arguments: arguments, environment: environment, file: file))
    }

    /// The text of each setting by its name, from where it was set first; nil where it is not set.
    static func settings(
        arguments: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
        file: FilePath = ".env"
    ) async throws -> (String) -> String? {
        let given = InMemoryProvider(
            values: Dictionary(
                uniqueKeysWithValues: arguments.map { name, value in
                    (
                        AbsoluteConfigKey(["fuze"] + name.split(separator: "_").map(String.init)),
                        ConfigValue(stringLiteral: value)
                    )
                }))
        let reader = ConfigReader(providers: [
            given, EnvironmentVariablesProvider(environmentVariables: environment),
            try await EnvironmentVariablesProvider(environmentFilePath: file, allowMissing: true),
        ])
        return { name in
            reader.string(forKey: ConfigKey(["fuze"] + name.split(separator: "_").map(String.init)))
        }
    }

    /// - Parameter setting: the text of a setting, or nil where it is not set.
    static func read(_ setting: @escaping (String) -> String?) throws -> FuzeConfiguration {
        var configuration = FuzeConfiguration()
        var settings = SettingsReader(setting: setting)
        settings.take("host", into: \.host, of: &configuration, "a host name or address") { $0 }
        settings.take("port", into: \.port, of: &configuration, "a number from 0 to 65535") { text in
            Int(text).flatMap { (0...65_535).contains($0) ? $0 : nil }
        }
        settings.take("data_dir", into: \.dataDirectory, of: &configuration, "a folder") {
            URL(filePath: $0, directoryHint: .isDirectory)
        }
        settings.take("environment", into: \.environment, of: &configuration, "development, testing or production") {
            Environment(rawValue: $0)
        }
        settings.take("registration", into: \.registration, of: &configuration, "open, invite or closed") {
            Registration(rawValue: $0).map(Optional.some)
        }
        settings.take(
            "log_level", into: \.logLevel, of: &configuration, "trace, debug, info, notice, warning, error or critical"
        ) {
            Logger.Level(rawValue: $0.lowercased())
        }
        settings.take("cors_origins", into: \.corsOrigins, of: &configuration, "origins separated by commas") { text in
            text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        settings.take(
            "fetch_allow_private", into: \.fetchesPrivateAddresses, of: &configuration, "true or false", boolean)
        settings.take("fetch_interval_ms", into: \.fetchInterval, of: &configuration, "milliseconds from 0 to 60000") {
            text in
            Int(text).flatMap { (0...60_000).contains($0) ? .milliseconds($0) : nil }
        }
        settings.take(
            "fetch_connections_per_host", into: \.fetchConnectionsPerHost, of: &configuration, "a number from 1 to 64"
        ) { text in
            Int(text).flatMap { (1...64).contains($0) ? $0 : nil }
        }
        settings.take("workers", into: \.workers, of: &configuration, "a number from 0 to 256") { text in
            Int(text).flatMap { (0...256).contains($0) ? $0 : nil }
        }
        settings.take(
            "redis_url", into: \.redis, of: &configuration,
            "redis://[user:password@]host:port[,host:port]/database, or rediss:// for TLS"
        ) { RedisConfiguration(url: $0).map(Optional.some) }
        settings.take("secret_key", into: \.secretKey, of: &configuration, "at least 32 characters") { text in
            text.utf8.count >= 32 ? .some(.some(text)) : nil
        }
        settings.takeDatabase(into: &configuration)
        settings.takeVectors(into: &configuration)
        guard settings.mistakes.isEmpty else { throw ConfigurationMistakes(mistakes: settings.mistakes) }
        return configuration
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "yes", "on": true
        case "false", "0", "no", "off": false
        default: nil
        }
    }
}

extension SettingsReader {
    /// Unset is SQLite in the data folder.
    fileprivate mutating func takeDatabase(into configuration: inout FuzeConfiguration) {
        take("database_url", into: \.database, of: &configuration, "an address such as postgres://user@host/name") {
            Self.postgres($0).map(Optional.some)
        }
        take(
            "database_replicas", into: \.databaseReplicas, of: &configuration,
            "addresses of PostgreSQL replicas separated by commas"
        ) { text in
            let addresses = text.split(separator: ",").map { Self.postgres($0.trimmingCharacters(in: .whitespaces)) }
            return addresses.contains { $0 == nil } ? nil : addresses.compactMap(\.self)
        }
        take("database_pool", into: \.databasePool.kept, of: &configuration, "a number from 1 to 200") { text in
            Int(text).flatMap { (1...200).contains($0) ? $0 : nil }
        }
        take("database_overflow", into: \.databasePool.overflow, of: &configuration, "a number from 0 to 200") { text in
            Int(text).flatMap { (0...200).contains($0) ? $0 : nil }
        }
        if configuration.database == nil, !configuration.databaseReplicas.isEmpty {
            mistakes.append("FUZE_DATABASE_REPLICAS needs FUZE_DATABASE_URL")
        }
    }

    private static func postgres(_ text: String) -> PostgresAddress? {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { return nil }
        return try? PostgresAddress(text)
    }
}

/// Takes settings one by one and remembers what is wrong with them.
private struct SettingsReader {
    let setting: (String) -> String?
    var mistakes: [String] = []

    mutating func take<Value>(
        _ name: String, into field: WritableKeyPath<FuzeConfiguration, Value>,
        of configuration: inout FuzeConfiguration,
        _ expectation: String, _ parse: (String) -> Value?
    ) {
        guard let text = setting(name)?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return }
        guard let value = parse(text) else {
            // The text itself stays out of the message: it may be a secret.
            mistakes.append("FUZE_\(name.uppercased()) must be \(expectation)")
            return
        }
        configuration[keyPath: field] = value
    }

    mutating func takeVectors(into configuration: inout FuzeConfiguration) {
        take("vector_store", into: \.vectors.store, of: &configuration, "memory, pgvector or qdrant") { text in
            VectorSettings.Store(rawValue: text).map(Optional.some)
        }
        take("qdrant_url", into: \.vectors.qdrantURL, of: &configuration, "an http or https address") { text in
            VectorSettings.serverAddress(text).map(Optional.some)
        }
        take(
            "qdrant_collection", into: \.vectors.qdrantCollection, of: &configuration,
            "1 to 255 letters, digits, _ and -"
        ) { QdrantConfiguration.isCollectionName($0) ? $0 : nil }
        let size = SentenceEncoder.dimensions
        take(
            "qdrant_vector_size", into: \.vectors.qdrantVectorSize, of: &configuration,
            "\(size), the size of the model's vectors"
        ) { $0 == String(size) ? size : nil }
        take("qdrant_api_key", into: \.vectors.qdrantAPIKey, of: &configuration, "printable ASCII") { text in
            text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? .some(.some(text)) : nil
        }
        if configuration.vectors.store == .qdrant, configuration.vectors.qdrantURL == nil {
            mistakes.append("FUZE_VECTOR_STORE is qdrant, which needs FUZE_QDRANT_URL")
        }
        if configuration.vectors.store == .pgvector, configuration.database == nil {
            mistakes.append("FUZE_VECTOR_STORE is pgvector, which needs PostgreSQL in FUZE_DATABASE_URL")
        }
    }
}
