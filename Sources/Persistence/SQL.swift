/// A piece of SQL with the values it binds.
///
/// Values reach a statement only through interpolation, which binds them:
/// `"SELECT id FROM bookmarks WHERE user_id = \(user)"` becomes `… user_id = ?` with one value.
/// Pieces nest, so a reused condition can have a name.
public struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The text with `?` where a value is bound; an engine rewrites it to its own placeholders.
    public private(set) var text: String
    public private(set) var values: [SQLValue]

    public init(stringLiteral text: String) {
        self.text = text
        values = []
    }

    public init(stringInterpolation interpolation: StringInterpolation) {
        text = interpolation.text
        values = interpolation.values
    }

    private init(text: String, values: [SQLValue]) {
        self.text = text
        self.values = values
    }

    /// A statement of a migration, which binds nothing.
    static func statement(_ text: String) -> SQL { SQL(text: text, values: []) }

    /// A value whose type is known only when it comes.
    static func bound(_ value: SQLValue) -> SQL { SQL(text: "?", values: [value]) }

    /// The pieces with `separator` between them; nothing where there are none.
    public static func joined(_ pieces: [SQL], by separator: StaticString) -> SQL {
        SQL(
            text: pieces.map(\.text).joined(separator: separator.description),
            values: pieces.flatMap(\.values))
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [SQLValue] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation(_ value: some SQLBindable) {
            text += "?"
            values.append(value.sqlValue)
        }

        public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) {
            text += "?"
            values.append(value.sqlValue)
        }

        public mutating func appendInterpolation(_ piece: SQL) {
            text += piece.text
            values += piece.values
        }

        /// Writes a number into the text itself: for statements that take no values, and conditions that an index was
        /// made for.
        public mutating func appendInterpolation(literal number: Int64) { text += String(number) }

        /// Binds each element: `IN \(list: ids)` becomes `IN (?, ?, ?)`.
        ///
        /// The last element is repeated up to the next power of two, so that few different statements
        /// are prepared. An empty list becomes `(NULL)`, which matches nothing.
        public mutating func appendInterpolation(list elements: [some SQLBindable]) {
            guard let last = elements.last else {
                text += "(NULL)"
                return
            }
            var width = 1
            while width < elements.count { width *= 2 }
            text += "(?" + String(repeating: ", ?", count: width - 1) + ")"
            values.reserveCapacity(values.count + width)
            for element in elements { values.append(element.sqlValue) }
            for _ in elements.count..<width { values.append(last.sqlValue) }
        }
    }
}
