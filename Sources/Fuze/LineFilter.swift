import Foundation

/// Turns lines into lines: from standard input or files, several at once, in the order they came.
struct LineFilter: Sendable {
    /// Lines worked on together; what is read ahead is bounded by this and by `chunkBytes`.
    private static let chunkLines = 64
    private static let chunkBytes = 16 * 1024 * 1024
    /// A longer line is answered like one that cannot be done.
    static let lineLimit = 64 * 1024 * 1024

    /// Gives the answer to a line, without its line break.
    let transform: @Sendable ([UInt8]) -> String

    /// - Throws: `CommandFailure` for a file that cannot be read.
    func run(files: [String]) async throws {
        if files.isEmpty { try await run(LineReader(descriptor: STDIN_FILENO)) }
        for file in files {
            let descriptor = open(file, O_RDONLY)
            guard descriptor >= 0 else { throw CommandFailure("\(file): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            try await run(LineReader(descriptor: descriptor))
        }
    }

    private func run(_ reader: LineReader) async throws {
        var reader = reader
        let width = ProcessInfo.processInfo.activeProcessorCount
        while true {
            let lines = try reader.next(lines: Self.chunkLines, bytes: Self.chunkBytes)
            if lines.isEmpty { return }
            let answers = await withTaskGroup(of: (Int, [String]).self) { group in
                for worker in 0..<width {
                    group.addTask {
                        (worker, stride(from: worker, to: lines.count, by: width).map { transform(lines[$0]) })
                    }
                }
                return await group.reduce(into: [Int: [String]]()) { $0[$1.0] = $1.1 }
            }
            var output: [UInt8] = []
            for index in lines.indices {
                output += (answers[index % width]?[index / width] ?? "").utf8
                output.append(UInt8(ascii: "\n"))
            }
            Console.write(output)
        }
    }
}

/// Reads lines from a descriptor without ever holding more than was asked for and one line.
struct LineReader {
    private static let readBytes = 256 * 1024

    private let descriptor: Int32
    private let lineLimit: Int
    private var buffer: [UInt8] = []
    /// Where the next line begins, and how far it has been searched for its end.
    private var start = 0
    private var searched = 0
    private var isAtEnd = false
    /// Inside a line that is too long, whose rest is thrown away.
    private var isSkipping = false

    init(descriptor: Int32, lineLimit: Int = LineFilter.lineLimit) {
        self.descriptor = descriptor
        self.lineLimit = lineLimit
    }

    /// The next lines; none at the end. A line beyond the limit comes as an empty one.
    mutating func next(lines limit: Int, bytes byteLimit: Int) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var bytes = 0
        while lines.count < limit, bytes < byteLimit, let line = try nextLine() {
            bytes += line.count
            lines.append(line)
        }
        return lines
    }

    private mutating func nextLine() throws -> [UInt8]? {
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return takeLine(to: end, next: end + 1)
            }
            searched = buffer.count
            if isAtEnd {
                return start < buffer.count || isSkipping ? takeLine(to: buffer.count, next: buffer.count) : nil
            }
            if isSkipping || buffer.count - start > lineLimit {
                isSkipping = true
                start = buffer.count
            }
            try fill()
        }
    }

    private mutating func takeLine(to end: Int, next: Int) -> [UInt8] {
        defer {
            start = next
            searched = next
            isSkipping = false
        }
        if isSkipping { return [] }
        let hasReturn = end > start && buffer[end - 1] == UInt8(ascii: "\r")
        return Array(buffer[start..<(hasReturn ? end - 1 : end)])
    }

    private mutating func fill() throws {
        buffer.removeFirst(start)
        searched -= start
        start = 0
        var count = 0
        buffer += [UInt8](unsafeUninitializedCapacity: Self.readBytes) { bytes, initialized in
            count = read(descriptor, bytes.baseAddress, bytes.count)
            initialized = max(count, 0)
        }
        if count < 0 { throw CommandFailure("Reading failed: \(String(cString: strerror(errno)))") }
        isAtEnd = count == 0
    }
}
