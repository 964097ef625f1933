import Persistence

/// Whose catalogue an entry is in: a person's own, or one that several share. Searches never cross spaces.
public struct Space: RawRepresentable, Sendable, Hashable, SQLConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// A person's own space. Even numbers are persons' and odd ones are kept for shared spaces, so that both are
    /// known from their owner's id without a table.
    public static func personal(ofUser id: Int64) -> Space { Space(rawValue: id << 1) }

    /// The person whose own space it is; nil for a shared one.
    public var user: Int64? { rawValue.isMultiple(of: 2) ? rawValue >> 1 : nil }

    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(rawValue) }

    public static func read(from row: borrowing SQLRow, at index: Int) -> Space {
        Space(rawValue: Int64.read(from: row, at: index))
    }
}

extension RowAccess {
    /// The rows of the person whose space it is. A shared space has no owner, so its queries alone keep to it.
    public static func space(_ space: Space) -> RowAccess { space.user.map { .owner($0) } ?? .installation }
}

extension SQLQuery where Answer == Int64 {
    /// The version of a space's content in this transaction.
    public static func contentVersion(of space: Space) -> SQLQuery { contentVersion(ofSpace: space.rawValue) }
}

extension Database {
    /// The version a space's content is at now; nil while the database cannot be reached.
    public func contentVersion(of space: Space) async throws -> Int64? {
        try await contentVersion(ofSpace: space.rawValue)
    }
}
