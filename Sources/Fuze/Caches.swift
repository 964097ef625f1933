import Bookmarks
import Caching
import Embeddings
import NIOCore

/// A format is raised with every change of how the values are written; `CacheFormatTests` knows when.
extension CacheKind {
    static let embeddings = CacheKind("embedding", format: 1, timeToLive: .seconds(24 * 3600))
    static let pages = CacheKind("scraped", format: 1, timeToLive: .seconds(3600))
    static let links = CacheKind("user_bookmarks", format: 1, timeToLive: .seconds(300))
    /// Cheap to compute again, and different for every query: not worth a place in Redis.
    static let results = CacheKind("search_results", format: 1, timeToLive: .seconds(300), isShared: false)
}

/// Everything that is kept for a while, and where.
struct Caches: Sendable {
    /// Room for the lists of some thousand people.
    private static let memory = 32 << 20

    let cache: Cache
    let embeddings: CacheRegion<[Float]>
    let bookmarks: BookmarkCache
    let results: CacheRegion<ByteBuffer>

    init(redis: Redis?) {
        cache = Cache(memoryBytes: Self.memory, redis: redis)
        embeddings = CacheRegion(.embeddings, in: cache, coding: .vector)
        bookmarks = BookmarkCache(
            lists: CacheRegion(.links, in: cache, coding: .bytes),
            pages: CacheRegion(.pages, in: cache, coding: .bytes))
        results = CacheRegion(.results, in: cache, coding: .bytes)
    }

    /// Queries are kept in memory and Redis, passages of pages in Redis alone: they are asked for seldom and are many.
    var vectorMemory: VectorMemory {
        VectorMemory { [embeddings] texts, priority in
            await embeddings.known(texts.map { Self.key(of: $0) }, inMemory: priority == .interactive)
        } keep: { [embeddings] texts, vectors, priority in
            let values = zip(texts, vectors).map { (key: Self.key(of: $0), value: $1) }
            await embeddings.keep(values, inMemory: priority == .interactive)
        }
    }

    private static func key(of text: String) -> CacheKey { .content("\(SentenceEncoder.model)\n\(text)") }
}

extension CacheCoding where Value == [Float] {
    /// The numbers as they are in memory, little-endian.
    static var vector: CacheCoding {
        CacheCoding(
            encode: { vector in vector.withUnsafeBytes { ByteBuffer(bytes: $0) } },
            decode: { bytes in
                guard bytes.readableBytes == SentenceEncoder.dimensions * MemoryLayout<Float>.stride else { return nil }
                return bytes.withUnsafeReadableBytes { bytes in
                    [Float](unsafeUninitializedCapacity: SentenceEncoder.dimensions) { vector, count in
                        UnsafeMutableRawBufferPointer(vector).copyMemory(from: bytes)
                        count = SentenceEncoder.dimensions
                    }
                }
            })
    }
}
