import CSodium

/// BLAKE2b of 32 bytes over all that passes by.
final class ArchiveHash {
    // The state wants to lie at a multiple of 64.
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)

    private var state: OpaquePointer { OpaquePointer(memory) }

    init() { crypto_generichash_init(state, nil, 0, 32) }

    deinit { memory.deallocate() }

    func add(_ bytes: UnsafeRawBufferPointer) {
        crypto_generichash_update(state, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, UInt64(bytes.count))
    }

    /// The hash in hexadecimal digits. Nothing can be added afterwards.
    func finish() -> String {
        var hash = [UInt8](repeating: 0, count: 32)
        crypto_generichash_final(state, &hash, hash.count)
        return hash.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
