import Synchronization

/// How often a region of the cache was asked, and where the answers came from.
public struct CacheUse: Sendable, Equatable {
    public let region: String
    public var fromMemory = 0
    public var fromRedis = 0
    /// Came while another computed the same, and got that.
    public var shared = 0
    public var computed = 0

    public var asked: Int { fromMemory + fromRedis + shared + computed }
}
