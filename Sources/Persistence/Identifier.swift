/// A 64-bit id that cannot be taken for another entity's: `Identifier<Bookmark>` is `Bookmark.ID`.
public struct Identifier<Entity>: RawRepresentable, Hashable, Sendable, Comparable, SQLConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    @inlinable
    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(rawValue) }

    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Self {
        Self(row.source.integer(at: index))
    }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension Identifier: Codable {
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension Identifier: LosslessStringConvertible {
    /// Only what `description` writes: decimal digits of a positive number.
    public init?(_ description: String) {
        guard let value = Int64(description), value > 0, String(value) == description else { return nil }
        rawValue = value
    }

    public var description: String { String(rawValue) }
}
