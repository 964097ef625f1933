import Foundation
import Persistence

/// What sort of thing a result is, such as a bookmark. Each feature names its own.
public struct SearchKind: RawRepresentable, Sendable, Hashable, SQLConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Something findable, as the feature that owns it describes it. Its long content comes apart from it.
public struct SearchEntry: Sendable {
    public var space: Space
    public var kind: SearchKind
    /// The owner's id of the thing.
    public var ref: Int64
    public var title: String
    public var tags: [String]
    public var notes: String
    /// The names of the place it comes from.
    public var site: String
    /// Where it is opened.
    public var address: String
    public var dated: Date

    public init(
        space: Space, kind: SearchKind, ref: Int64, title: String, tags: [String] = [], notes: String = "",
        site: String = "", address: String, dated: Date
    ) {
        self.space = space
        self.kind = kind
        self.ref = ref
        self.title = title
        self.tags = tags
        self.notes = notes
        self.site = site
        self.address = address
        self.dated = dated
    }
}

/// How Search asks a feature for the long texts of its things, which it does not keep a second time.
public struct SearchSource: Sendable {
    let kind: SearchKind
    let texts: @Sendable (_ refs: [Int64], Space, SQLConnection) throws -> [Int64: String]

    /// - Parameter texts: the long texts of things in one space; those of others are left out.
    public init(
        kind: SearchKind, texts: @escaping @Sendable (_ refs: [Int64], Space, SQLConnection) throws -> [Int64: String]
    ) {
        self.kind = kind
        self.texts = texts
    }
}
