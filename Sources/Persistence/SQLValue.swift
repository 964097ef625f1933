import Foundation

/// A value as an engine stores it.
public enum SQLValue: Sendable, Equatable {
    /// A value that is not there, of the type it would have: PostgreSQL asks for that of every value.
    case null(SQLType)
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    public var type: SQLType {
        switch self {
        case .null(let type): type
        case .integer: .integer
        case .real: .real
        case .text: .text
        case .blob: .blob
        }
    }
}

/// The kinds of values, the same on every engine.
public enum SQLType: String, Codable, Sendable {
    case integer, real, text, blob
}

/// What can be bound to a statement.
public protocol SQLBindable: Sendable {
    static var sqlType: SQLType { get }
    var sqlValue: SQLValue { get }
}

/// What can be read from a column.
public protocol SQLReadable {
    /// Reads the column at `index`; throws `DatabaseFailure.unexpectedValue` where the column does not fit.
    static func read(from row: borrowing SQLRow, at index: Int) throws -> Self
}

public typealias SQLConvertible = SQLBindable & SQLReadable

extension Int64: SQLConvertible {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(self) }
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Int64 { row.source.integer(at: index) }
}

extension Int: SQLConvertible {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Int { Int(row.source.integer(at: index)) }
}

extension Bool: SQLConvertible {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Bool { row.source.integer(at: index) != 0 }
}

extension Double: SQLConvertible {
    public static var sqlType: SQLType { .real }
    public var sqlValue: SQLValue { .real(self) }
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Double { row.source.real(at: index) }
}

extension String: SQLConvertible {
    public static var sqlType: SQLType { .text }

    /// U+0000 is replaced: PostgreSQL's text cannot hold it, and SQLite's functions stop at it.
    public var sqlValue: SQLValue {
        utf8.contains(0) ? .text(replacing("\0", with: "\u{FFFD}")) : .text(self)
    }
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> String { row.source.text(at: index) }
}

extension Array: SQLBindable where Element == UInt8 {
    public static var sqlType: SQLType { .blob }
    public var sqlValue: SQLValue { .blob(self) }
}

extension Array: SQLReadable where Element == UInt8 {
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> [UInt8] {
        row.source.withBlob(at: index) { [UInt8]($0) }
    }
}

/// Times are stored as whole microseconds since 1970, UTC, on every engine.
extension Date: SQLConvertible {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(microseconds) }

    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) -> Date {
        Date(microseconds: row.source.integer(at: index))
    }

    /// Microseconds since 1970, rounded and kept within ±292,000 years.
    public var microseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: exact) ?? (exact < 0 ? .min : .max)
    }

    @inlinable
    public init(microseconds: Int64) {
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    /// Now, to the microsecond that the database keeps, so that a saved record equals the one read back.
    public static var currentMicrosecond: Date { Date(microseconds: Date().microseconds) }
}

extension Optional: SQLBindable where Wrapped: SQLBindable {
    public static var sqlType: SQLType { Wrapped.sqlType }
    public var sqlValue: SQLValue { self?.sqlValue ?? .null(Wrapped.sqlType) }
}

extension Optional: SQLReadable where Wrapped: SQLReadable {
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) throws -> Wrapped? {
        row.source.isNull(at: index) ? nil : try Wrapped.read(from: row, at: index)
    }
}

/// Enumerations stored by their text.
extension SQLBindable where Self: RawRepresentable, RawValue == String {
    public static var sqlType: SQLType { .text }
    public var sqlValue: SQLValue { .text(rawValue) }
}

extension SQLReadable where Self: RawRepresentable, RawValue == String {
    @inlinable
    public static func read(from row: borrowing SQLRow, at index: Int) throws -> Self {
        let text = row.source.text(at: index)
        guard let value = Self(rawValue: text) else {
            throw DatabaseFailure.unexpectedValue("\(text) for \(Self.self)")
        }
        return value
    }
}
