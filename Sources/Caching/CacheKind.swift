/// What a region is called in the keys, how long its values are good, and whether Redis keeps them too.
public struct CacheKind: Sendable {
    public let name: String
    public let timeToLive: Duration
    public let isShared: Bool

    public init(_ name: String, timeToLive: Duration, isShared: Bool = true) {
        self.name = name
        self.timeToLive = timeToLive
        self.isShared = isShared
    }
}
