import Foundation

/// The files of this checkout that tests need besides their own.
public enum Checkout {
    /// The wheels with the real model: `FUZE_PACKAGES`, or `.deps/packages` above this file.
    public static let packages: String = {
        if let folder = ProcessInfo.processInfo.environment["FUZE_PACKAGES"] { return folder }
        return above(".deps/packages")?.path ?? "/nowhere"
    }()

    /// The contract of the API.
    public static let apiDescription: URL = above("api/openapi.yaml") ?? URL(filePath: "/nowhere/openapi.yaml")

    /// Where the programs are that stand in for servers.
    public static let standIns: URL = above("Tests/StandIns") ?? URL(filePath: "/nowhere")

    /// The folder of the scripts that start what tests need.
    public static let scripts: String = above("scripts")?.path ?? "/nowhere"

    private static func above(_ path: String) -> URL? {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let found = folder.appending(path: path)
            if FileManager.default.fileExists(atPath: found.path) { return found }
        }
        return nil
    }
}
