import Foundation

/// The hardware that the figures are of, and how busy it is with other things.
struct Machine: Encodable {
    let cpu: String
    let cores: Int
    let memoryBytes: UInt64
    let kernel: String
    /// The load of the last minute before anything was measured.
    let load: Double
    let date: String
    let commit: String

    private enum CodingKeys: String, CodingKey {
        case cpu, cores, kernel, load, date, commit
        case memoryBytes = "memory_bytes"
    }

    static func current() -> Machine {
        let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = processors.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }?.trimmingCharacters(in: .whitespaces)
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8))?.split(separator: " ").first
        let kernel = (try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)) ?? ""
        let commit = try? Command.output("git", "describe", "--always", "--dirty")
        return Machine(
            cpu: model ?? "unknown", cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory,
            kernel: kernel.trimmingCharacters(in: .whitespacesAndNewlines), load: load.flatMap { Double($0) } ?? 0,
            date: ISO8601DateFormatter().string(from: Date()),
            commit: commit?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown")
    }

    /// Whether something else keeps the processors busy, which makes every timing worse.
    var isBusy: Bool { load > Double(cores) / 2 }

    var description: String {
        let memory = Double(memoryBytes) / Double(1 << 30)
        var text = String(format: "%@, %d cores, %.1f GB, Linux %@; commit %@", cpu, cores, memory, kernel, commit)
        if isBusy {
            text += String(
                format: "\nOther work runs on this machine (load %.1f): timings are worse than they are.", load)
        }
        return text
    }
}

/// Open files a process may have: thousands of connections need as many.
enum OpenFiles {
    /// Raises this process's limit, which the server inherits, as far as it may go.
    static func allowMany() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }
}

/// Other programs.
enum Command {
    /// Runs a program to its end and gives what it wrote to standard output; what it complained of is only shown
    /// where it failed.
    static func output(_ arguments: String..., environment: [String: String] = [:]) throws -> String {
        try output(arguments, environment: environment)
    }

    static func output(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        let complaints = FileManager.default.temporaryDirectory.appending(path: "fuze-bench-\(UUID().uuidString).log")
        try Data().write(to: complaints)
        defer { try? FileManager.default.removeItem(at: complaints) }
        process.standardError = try FileHandle(forWritingTo: complaints)
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = (try? String(contentsOf: complaints, encoding: .utf8)) ?? ""
            throw BenchFailure(
                "\(arguments.prefix(3).joined(separator: " ")) ended with \(process.terminationStatus): \(said.suffix(500))"
            )
        }
        return String(decoding: output, as: UTF8.self)
    }
}
