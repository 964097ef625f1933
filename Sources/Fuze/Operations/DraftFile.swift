import Foundation

/// A file that gets its name only once it is complete and on disk: nobody ever finds half of it.
struct DraftFile {
    let descriptor: Int32
    private let path: String
    private let draft: String
    private let replacing: Bool

    /// Begins the file beside the one it is to become; only its owner may read it.
    ///
    /// - Parameter replacing: whether a file that is there may be lost.
    init(for path: String, replacing: Bool) throws {
        guard replacing || !FileManager.default.fileExists(atPath: path) else { throw Self.exists(path) }
        self.path = path
        self.replacing = replacing
        let name = URL(filePath: path)
        draft =
            name.deletingLastPathComponent()
            .appending(path: ".\(name.lastPathComponent).\(UUID().uuidString.prefix(8))").path
        descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
    }

    /// Gives the file its name.
    func publish() throws {
        guard fsync(descriptor) == 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
        // A link fails where somebody else has made the file meanwhile.
        guard (replacing ? rename(draft, path) : link(draft, path)) == 0 else {
            throw errno == EEXIST ? Self.exists(path) : CommandFailure("\(path): \(String(cString: strerror(errno)))")
        }
        discard()
        let folder = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Takes away what was written under no name.
    func discard() {
        close(descriptor)
        unlink(draft)
    }

    private static func exists(_ path: String) -> CommandFailure {
        CommandFailure("\(path) is there already; --replace puts the new one in its place.")
    }
}
