// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: one library target under `Sources/`, and its tests under `Tests/`.
func room(_ name: String, needs dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, needs dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "fuze",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "fuze", targets: ["Fuze"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // The ground: knows nothing of the product.
        .systemLibrary(
            name: "CGumbo", pkgConfig: "gumbo", providers: [.apt(["libgumbo-dev"])]),
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "COpenVINO", linkerSettings: [.linkedLibrary("dl")]),
        .target(name: "CVectorKernels", cSettings: [.unsafeFlags(["-O3"])]),
        room("HTTPSupport", needs: [hummingbird, nioCore, nioHTTP1, logging]),
        room(
            "Persistence",
            needs: [
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room("Jobs", needs: ["Persistence", "HTTPSupport", hummingbird, logging, lifecycle]),
        room(
            "Reading",
            needs: [
                "CGumbo", "CIDN2", "CZlib", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                nioCore, nioPosix, nioHTTP1, logging,
            ]),
        room("Embeddings", needs: ["COpenVINO", logging]),
        room("Vectors", needs: ["CVectorKernels"]),

        // The product: one room a feature.
        room(
            "Accounts",
            needs: [
                "HTTPSupport", "Persistence", "CSodium", hummingbird, nioPosix,
                .product(name: "JWTKit", package: "jwt-kit"),
            ]),
        room("Search", needs: ["HTTPSupport", "Persistence", "Vectors", "Embeddings", "Jobs", hummingbird]),
        room(
            "Bookmarks",
            needs: [
                "HTTPSupport", "Persistence", "Accounts", "Search", "Reading", "Jobs", "CSodium",
                hummingbird, nioPosix,
            ]),
        .executableTarget(
            name: "Fuze",
            dependencies: [
                "HTTPSupport", "Persistence", "Accounts", "Bookmarks", "Search", "Reading",
                "Embeddings", "Vectors", "Jobs", hummingbird, nioPosix, logging, lifecycle,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        tests("PersistenceTests", needs: ["Persistence"]),
    ]
)
