// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: one library under `Sources/`.
func room(_ name: String, needs: [Target.Dependency] = [], linking: [LinkerSetting] = []) -> Target {
    .target(name: name, dependencies: needs, swiftSettings: strict, linkerSettings: linking)
}

/// The specs of a room, under `Tests/`.
func specs(_ name: String, needs: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: needs + ["TestSupport"], swiftSettings: strict)
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationEssentialsCompat", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let asyncAlgorithms = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// The ground: knows nothing of the product.
let ground: [Target] = [
    .systemLibrary(name: "CGumbo", pkgConfig: "gumbo", providers: [.apt(["libgumbo-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CMiniLM", cSettings: [.unsafeFlags(["-O3"])]),
    .target(name: "COpenVINO", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CVectorKernels", cSettings: [.unsafeFlags(["-O3"])]),
    room("Caching", needs: ["CSodium", logging, nioCore, nioPosix, nioSSL]),
    room("Embeddings", needs: ["CMiniLM", "COpenVINO"]),
    room(
        "HTTPSupport",
        needs: [
            asyncAlgorithms, httpTypes, hummingbird, hummingbirdCore, lifecycle, logging, nioCore, nioFoundation,
            nioHTTP1, nioHTTPTypes,
        ]),
    room("Jobs", needs: ["HTTPSupport", "Persistence", httpTypes, hummingbird, lifecycle, logging, nioCore]),
    room("Persistence", needs: ["CLibPQ", "CSodium", "CZlib", grdb, nioCore, nioPosix, sqlite]),
    room(
        "Reading",
        needs: [
            "CGumbo", "CZlib", logging, nioConcurrencyHelpers, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS,
        ],
        linking: [.linkedLibrary("_FoundationICU")]),
    room("Vectors", needs: ["CVectorKernels", asyncHTTPClient, nioCore, nioHTTP1]),
]

/// The product: one room a feature.
let product: [Target] = [
    room(
        "Accounts",
        needs: [
            "CSodium", "HTTPSupport", "Jobs", "Persistence", httpTypes, hummingbird, jwtKit, lifecycle, logging,
            nioPosix,
        ]),
    room(
        "Bookmarks",
        needs: [
            "Accounts", "CSodium", "Caching", "HTTPSupport", "Jobs", "Persistence", "Reading", "Search", httpTypes,
            hummingbird,
            nioCore, nioPosix,
        ]),
    room(
        "Search",
        needs: [
            "Accounts", "Caching", "Embeddings", "HTTPSupport", "Jobs", "Persistence", "Vectors", httpTypes,
            hummingbird, logging,
            nioCore, nioPosix,
        ]),
    .executableTarget(
        name: "Fuze",
        dependencies: [
            "Accounts", "Bookmarks", "Caching", "Embeddings", "HTTPSupport", "Jobs", "Persistence", "Reading", "Search",
            "Vectors", argumentParser, configuration, httpTypes, hummingbird, lifecycle, logging, nioCore, nioPosix,
            systemPackage,
            unixSignals,
        ],
        swiftSettings: strict),
]

/// What `make eval` and `make bench` run, from release builds.
let benchmarks: [Target] = [
    .target(
        name: "Measurements",
        dependencies: ["Embeddings", "Jobs", "Persistence", "Reading", "Search", nioPosix],
        path: "Benchmarks", exclude: ["Bench", "Embedding", "Evaluate"],
        sources: ["Addresses", "Extraction", "Jobs", "Library", "Measures", "Retrieval"], swiftSettings: strict),
    .executableTarget(
        name: "fuze-evaluate", dependencies: ["Measurements", argumentParser], path: "Benchmarks/Evaluate",
        swiftSettings: strict),
    .executableTarget(
        name: "fuze-bench",
        dependencies: [
            "Embeddings", "Jobs", "Measurements", "Persistence", "Reading", "Search", "Vectors", argumentParser,
        ],
        path: "Benchmarks/Bench", swiftSettings: strict),
]

let package = Package(
    name: "fuze",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "fuze", targets: ["Fuze"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: ground + product + benchmarks + [
        .target(
            name: "TestSupport", dependencies: ["CLibPQ", "Persistence", logging, nioCore, nioPosix, nioSSL],
            path: "Tests/TestSupport", swiftSettings: strict),
        specs(
            "AccountsTests",
            needs: ["Accounts", "CSodium", "HTTPSupport", "Jobs", "Persistence", httpTypes, jwtKit, nioPosix]),
        specs("CachingTests", needs: ["Caching", logging, nioCore, nioPosix]),
        specs("EmbeddingsTests", needs: ["Embeddings"]),
        specs(
            "HTTPSupportTests",
            needs: [
                "HTTPSupport", httpTypes, hummingbird, hummingbirdCore, hummingbirdTesting, logging, nioCore,
                nioEmbedded, nioHTTP1, nioHTTPTypes, nioPosix,
            ]),
        specs("JobsTests", needs: ["Jobs", "Persistence", lifecycle, logging]),
        specs("PersistenceTests", needs: ["Persistence"]),
        specs("ReadingTests", needs: ["CZlib", "Reading", logging, nioCore, nioHTTP1, nioPosix, nioSSL]),
        specs(
            "SearchTests", needs: ["Embeddings", "Jobs", "Persistence", "Search", "Vectors", logging, nioPosix]),
        specs("VectorsTests", needs: ["Vectors"]),
        specs(
            "BookmarksTests",
            needs: [
                "Accounts", "Bookmarks", "Embeddings", "Jobs", "Persistence", "Reading", "Search", logging, nioPosix,
            ]),
        specs(
            "ServerTests",
            needs: [
                "Accounts", "Bookmarks", "Caching", "Fuze", "HTTPSupport", "Jobs", "Persistence", "Reading", httpTypes,
                hummingbird,
                hummingbirdTesting, logging, nioCore, systemPackage, yams,
            ]),
    ]
)
