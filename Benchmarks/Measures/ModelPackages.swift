import Foundation

/// Where `scripts/setup.sh` unpacks the model: FUZE_PACKAGES, or beside the build that this program is from.
public enum ModelPackages {
    public static var folder: String {
        if let given = ProcessInfo.processInfo.environment["FUZE_PACKAGES"] { return given }
        var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let packages = folder.appending(path: ".deps/packages")
            if FileManager.default.fileExists(atPath: packages.path) { return packages.path }
        }
        return ".deps/packages"
    }
}
