import CZlib

/// zlib's streaming decompressor for gzip (also several members in a row), zlib and raw deflate.
///
/// A body that is not packed at all though its header says so is passed through, as some servers
/// label plain files `gzip`.
final class Inflater {
    private enum Format { case undecided, gzip, zlib, rawDeflate, plain, ended }

    private var stream = z_stream()
    private var format = Format.undecided
    private var start: [UInt8] = []
    private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 32_768, alignment: 16)

    deinit {
        if isOpen { inflateEnd(&stream) }
        piece.deallocate()
    }

    func inflate(
        _ chunk: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(FetchFailure) {
        guard format == .undecided else {
            return try decode(chunk, into: &output, limit: limit)
        }
        start.append(contentsOf: chunk)
        if start.count >= 2 { try decide(into: &output, limit: limit) }
    }

    func finish(into output: inout [UInt8], limit: Int) throws(FetchFailure) {
        if format == .undecided, !start.isEmpty { try decide(into: &output, limit: limit) }
    }

    private var isOpen: Bool { format == .gzip || format == .zlib || format == .rawDeflate }

    private func decide(into output: inout [UInt8], limit: Int) throws(FetchFailure) {
        format = Self.format(of: start)
        if isOpen { try open() }
        let first = start
        start = []
        let outcome: Result<Void, FetchFailure> = first.withUnsafeBytes { bytes in
            Result { () throws(FetchFailure) in try decode(bytes, into: &output, limit: limit) }
        }
        try outcome.get()
    }

    private static func format(of start: [UInt8]) -> Format {
        let first = start[0]
        let second = start.count > 1 ? start[1] : 0
        if first == 0x1f, second == 0x8b { return .gzip }
        // RFC 1950: method 8, and the two bytes are a multiple of 31.
        if first & 0x0f == 8, (Int(first) << 8 | Int(second)) % 31 == 0 { return .zlib }
        let isText = first == UInt8(ascii: "<") || first == 0xEF || (9...13).contains(first)
        return isText ? .plain : .rawDeflate
    }

    private func open() throws(FetchFailure) {
        let windowBits: Int32 =
            switch format {
            case .gzip: MAX_WBITS + 16
            case .zlib: MAX_WBITS
            default: -MAX_WBITS
            }
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, size) == Z_OK else {
            format = .ended
            throw FetchFailure(.badEncoding)
        }
    }

    private func decode(
        _ chunk: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(FetchFailure) {
        if format == .plain {
            guard output.count + chunk.count <= limit else { throw FetchFailure(.tooLarge) }
            output.append(contentsOf: chunk)
        }
        guard isOpen, let base = chunk.bindMemory(to: UInt8.self).baseAddress else { return }
        stream.next_in = UnsafeMutablePointer(mutating: base)
        stream.avail_in = UInt32(chunk.count)
        var hasMore = true
        while hasMore && isOpen {
            hasMore = try step(into: &output, limit: limit)
        }
    }

    /// Unpacks at most one piece, so that a bomb is noticed a piece after the limit.
    private func step(into output: inout [UInt8], limit: Int) throws(FetchFailure) -> Bool {
        stream.next_out = piece.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(piece.count)
        let code = CZlib.inflate(&stream, Z_NO_FLUSH)
        let unpacked = piece.count - Int(stream.avail_out)
        guard output.count + unpacked <= limit else { throw FetchFailure(.tooLarge) }
        output.append(contentsOf: piece[..<unpacked])
        switch code {
        case Z_OK: return stream.avail_in > 0 || stream.avail_out == 0
        case Z_BUF_ERROR: return false
        case Z_STREAM_END: return try startNextMember()
        default: throw FetchFailure(.badEncoding)
        }
    }

    /// gzip files may follow one another; anything else after the end is padding.
    private func startNextMember() throws(FetchFailure) -> Bool {
        let nextByte = stream.avail_in > 0 ? stream.next_in?.pointee : 0x1f
        guard format == .gzip, nextByte == 0x1f, inflateReset(&stream) == Z_OK else {
            inflateEnd(&stream)
            format = .ended
            return false
        }
        return stream.avail_in > 0
    }
}
