#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file in memory, read-only, with a few bytes of our own directly behind it: the model's weights and
/// the graph's small constants must be one buffer.
final class MappedFile: Sendable {
    /// Never written after `init`, so any thread may read it.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// How many of the bytes are the file's.
    let fileSize: Int

    init(path: String, appending tail: [UInt8] = []) throws(EmbeddingFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .missing(file: path, reason: Self.reason()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else {
            throw .damaged(file: path, reason: "it is empty")
        }
        let fileSize = Int(status.st_size)
        let total = fileSize + tail.count
        // Reserve room for both, then lay the file over the beginning.
        guard
            let start = mmap(
                nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { throw .missing(file: path, reason: Self.reason()) }
        guard
            mmap(start, fileSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, descriptor, 0)
                != MAP_FAILED
        else {
            let reason = Self.reason()
            munmap(start, total)
            throw .missing(file: path, reason: reason)
        }
        UnsafeMutableRawBufferPointer(start: start, count: total)[fileSize...]
            .copyBytes(from: tail)
        mprotect(start, total, PROT_READ)
        self.fileSize = fileSize
        bytes = UnsafeRawBufferPointer(start: start, count: total)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// Gives back the memory of pages that were only read; they return from the file when needed.
    func forgetPages() {
        let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
        let whole = fileSize / pageSize * pageSize
        madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), whole, MADV_DONTNEED)
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
