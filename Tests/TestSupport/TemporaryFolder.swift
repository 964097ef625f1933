import Foundation

/// A folder of its own for each test, removed with it.
public final class TemporaryFolder: Sendable {
    public let url: URL

    public init() {
        url = URL.temporaryDirectory.appending(path: "fuze-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("No folder for the test: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    public func path(_ name: String) -> String { url.appending(path: name).path }
}
