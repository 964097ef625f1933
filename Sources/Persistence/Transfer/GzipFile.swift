import CZlib
import Foundation

/// Writes bytes packed to a file or pipe.
final class GzipWriter {
    private let descriptor: Int32
    /// zlib keeps a pointer to its state's owner: it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
    /// Packed bytes written so far.
    private(set) var bytesWritten = 0

    init(descriptor: Int32) throws {
        self.descriptor = descriptor
        stream.initialize(to: z_stream())
        // The fastest level: pages are halved three times at any, and the slower ones take ten times as long.
        let code = deflateInit2_(
            stream, 1, Z_DEFLATED, MAX_WBITS + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw TransferFailure.file("There is no memory to pack the archive.") }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        piece.deallocate()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = UInt32(bytes.count)
        while stream.pointee.avail_in > 0 { try pack(Z_NO_FLUSH) }
    }

    func finish() throws {
        while try pack(Z_FINISH) != Z_STREAM_END {}
    }

    @discardableResult
    private func pack(_ flush: Int32) throws -> Int32 {
        stream.pointee.next_out = piece.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(piece.count)
        let code = deflate(stream, flush)
        try writeAll(UnsafeRawBufferPointer(rebasing: piece[..<(piece.count - Int(stream.pointee.avail_out))]))
        return code
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw TransferFailure.systemFailure("The archive cannot be written") }
            bytesWritten += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}

/// Reads packed bytes from a file or pipe.
final class GzipReader {
    private let descriptor: Int32
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
    private var isAtEnd = false

    init(descriptor: Int32) throws {
        self.descriptor = descriptor
        stream.initialize(to: z_stream())
        let code = inflateInit2_(stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw TransferFailure.file("There is no memory to unpack the archive.") }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        piece.deallocate()
    }

    /// Reads exactly this many bytes; memory is only taken for what is really there.
    func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let wanted = min(count - bytes.count, 1 << 20)
            bytes += try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
                initialized = try unpack(into: UnsafeMutableBufferPointer(rebasing: buffer[..<wanted]))
            }
        }
        return bytes
    }

    /// Checks that the file ends here, which also checks zlib's own checksum.
    func expectEnd() throws {
        var byte: UInt8 = 0
        let count = try withUnsafeMutablePointer(to: &byte) { pointer in
            try unpack(into: UnsafeMutableBufferPointer(start: pointer, count: 1), mayEnd: true)
        }
        guard count == 0, stream.pointee.avail_in == 0, try readPiece() == 0 else {
            throw TransferFailure.damaged("it goes on after its end")
        }
    }

    private func unpack(into buffer: UnsafeMutableBufferPointer<UInt8>, mayEnd: Bool = false) throws -> Int {
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        while !isAtEnd, stream.pointee.avail_out == buffer.count {
            if stream.pointee.avail_in == 0 { try fill() }
            switch inflate(stream, Z_NO_FLUSH) {
            case Z_OK: break
            case Z_STREAM_END: isAtEnd = true
            default: throw TransferFailure.damaged("its packed bytes were changed, or it is no archive")
            }
        }
        let count = buffer.count - Int(stream.pointee.avail_out)
        guard count > 0 || mayEnd else { throw TransferFailure.damaged("it ends too early") }
        return count
    }

    private func fill() throws {
        let count = try readPiece()
        guard count > 0 else { throw TransferFailure.damaged("it ends too early") }
        stream.pointee.next_in = piece.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = UInt32(count)
    }

    /// Reads packed bytes; 0 at the end.
    private func readPiece() throws -> Int {
        while true {
            let count = Foundation.read(descriptor, piece.baseAddress, piece.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw TransferFailure.systemFailure("The archive cannot be read") }
        }
    }
}

extension TransferFailure {
    /// What the system says of the call that has just failed.
    static func systemFailure(_ what: String) -> TransferFailure {
        .file("\(what): \(String(cString: strerror(errno))).")
    }
}
