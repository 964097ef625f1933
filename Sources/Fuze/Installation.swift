import Foundation

/// Where the files are that come with the program: the model, its libraries, the API's description.
///
/// Found from the program's own place, so that it runs from any folder.
struct Installation: Sendable {
    /// The unpacked wheels.
    let packages: URL
    /// `api/openapi.yaml`, where it is there.
    let apiDescription: URL?

    /// The assets of the page that shows the API.
    var swaggerUI: URL { packages.appending(path: "swagger_ui_bundle/vendor/swagger-ui-4.15.5") }

    static func locate(environment: [String: String] = ProcessInfo.processInfo.environment) -> Installation {
        let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let roots = sequence(first: program.deletingLastPathComponent()) { folder in
            let parent = folder.deletingLastPathComponent()
            return parent.path == folder.path ? nil : parent
        }
        func found(_ path: String) -> URL? {
            roots.prefix(8).lazy.map { $0.appending(path: path) }.first { exists($0) }
        }
        let packages = environment["FUZE_PACKAGES"].map { URL(filePath: $0, directoryHint: .isDirectory) }
        return Installation(
            packages: packages ?? found(".deps/packages")
                ?? program.deletingLastPathComponent().appending(path: ".deps/packages"),
            apiDescription: found("api/openapi.yaml"))
    }

    private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}
