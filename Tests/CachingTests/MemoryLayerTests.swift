import NIOCore
import Testing

@testable import Caching

@Suite("The layer in memory")
struct MemoryLayerTests {
    private let now = ContinuousClock.now

    private func entry(_ size: Int, version: Int64 = 0) -> CacheEntry {
        CacheEntry(version: version, bytes: ByteBuffer(repeating: 1, count: size))
    }

    @Test("what was used longest ago makes room")
    func leastRecentlyUsed() {
        let size = entry(1000).bytes.storageCapacity + MemoryLayer.overhead + 2
        var memory = MemoryLayer(capacity: size * 10)
        for key in "abcdefghij" { memory.insert(String(key), entry(1000), for: .seconds(60), at: now) }
        #expect(memory.count == 10)
        #expect(memory.find("a", at: now) != nil)
        memory.insert("k", entry(1000), for: .seconds(60), at: now)
        #expect(memory.find("b", at: now) == nil)
        #expect(memory.find("a", at: now) != nil && memory.find("k", at: now) != nil)
        #expect(memory.count == 10)
    }

    @Test("the bytes kept stay within bounds, whatever comes and goes")
    func bounded() {
        var memory = MemoryLayer(capacity: 100_000)
        var known: Set<String> = []
        for step in 0..<20_000 {
            let key = "key \(Int.random(in: 0..<500))"
            switch step % 7 {
            case 0: memory.remove(key)
            case 1, 2: _ = memory.find(key, at: now + .seconds(Double.random(in: 0...90)))
            default:
                memory.insert(key, entry(.random(in: 0...20_000)), for: .seconds(60), at: now)
                known.insert(key)
            }
            #expect(memory.bytes <= 100_000)
        }
        for key in known { memory.remove(key) }
        #expect(memory.bytes == 0 && memory.count == 0)
    }

    @Test("what is out of time is not used")
    func expiry() {
        var memory = MemoryLayer(capacity: 100_000)
        memory.insert("a", entry(10), for: .seconds(5), at: now)
        #expect(memory.find("a", at: now + .seconds(4)) == entry(10))
        #expect(memory.find("a", at: now + .seconds(5)) == nil)
        #expect(memory.bytes == 0)
    }

    @Test("what would push out much of the rest is not kept")
    func large() {
        var memory = MemoryLayer(capacity: 100_000)
        memory.insert("small", entry(10), for: .seconds(5), at: now)
        memory.insert("large", entry(20_000), for: .seconds(5), at: now)
        #expect(memory.find("small", at: now) != nil && memory.find("large", at: now) == nil)
    }

    @Test("an entry of a newer version stays")
    func newer() {
        var memory = MemoryLayer(capacity: 100_000)
        memory.insert("a", entry(1, version: 2), for: .seconds(5), at: now)
        memory.insert("a", entry(2, version: 1), for: .seconds(5), at: now)
        #expect(memory.find("a", at: now)?.version == 2)
        memory.insert("a", entry(3, version: 1), for: .seconds(5), at: now + .seconds(6))
        #expect(memory.find("a", at: now + .seconds(7))?.version == 1)
    }
}
