/// What a region is called in the keys, how long its values are good, and whether Redis keeps them too.
public struct CacheKind: Sendable {
    public let name: String
    /// Part of the keys: a program that writes the values in another way, during an update or after it, has another.
    public let format: Int
    public let timeToLive: Duration
    public let isShared: Bool

    public init(_ name: String, format: Int, timeToLive: Duration, isShared: Bool = true) {
        self.name = name
        self.format = format
        self.timeToLive = timeToLive
        self.isShared = isShared
    }
}
