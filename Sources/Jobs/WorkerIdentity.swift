import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Who holds a job. It tells whether the holder is gone without waiting for its lease to end: a process of the
/// same host that no longer runs.
struct WorkerIdentity: Sendable, Equatable {
    let host: String
    let process: Int32
    /// When the process first had a worker: a process id may be used again, in a container always the same one.
    let processStart: Int64
    /// Tells apart the workers of one process.
    let number: Int

    private static let start = Date().timeIntervalSince1970
    private static let lastNumber = Atomic(0)

    static func next() -> WorkerIdentity {
        WorkerIdentity(
            host: currentHost, process: getpid(), processStart: Int64(start * 1000),
            number: lastNumber.add(1, ordering: .relaxed).newValue)
    }

    func isKnownGone(seenBy other: WorkerIdentity) -> Bool {
        guard host == other.host else { return false }
        if process == other.process { return processStart != other.processStart }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// With the namespace of process ids, for containers may share a host's name and count processes anew.
    private static let currentHost: String = {
        let namespace = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        return namespace.map { "\(hostName) \($0)" } ?? hostName
    }()

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension WorkerIdentity: LosslessStringConvertible {
    init(host: String, process: Int32, processStart: Int64) {
        self.init(host: host, process: process, processStart: processStart, number: 1)
    }

    /// The host comes last, for nobody knows what it is made of.
    var description: String { "\(process):\(processStart):\(number):\(host)" }

    init?(_ description: String) {
        let parts = description.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let process = Int32(parts[0]), let start = Int64(parts[1]), let number = Int(parts[2])
        else { return nil }
        self.init(host: String(parts[3]), process: process, processStart: start, number: number)
    }
}
