/// The columns of the row a statement stands on, read from left to right.
///
/// Valid only inside the closure it is given to: it points into the engine's own memory, so that a list is
/// read without an array of boxed values for every row.
public struct SQLRow: ~Copyable {
    @usableFromInline let source: any SQLRowSource
    @usableFromInline var position = 0

    init(source: any SQLRowSource) { self.source = source }

    /// Reads the next column.
    ///
    /// Inlined where it is called, as all that reads a column is: a list of records reads hundreds of them, and a
    /// generic call into another module costs more than the column.
    @inlinable
    public mutating func next<Value: SQLReadable>(_: Value.Type = Value.self) throws -> Value {
        defer { position += 1 }
        return try Value.read(from: self, at: position)
    }

    /// Lends the bytes of the next column without copying them.
    public mutating func nextBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        defer { position += 1 }
        return try source.withBlob(at: position, body)
    }
}

/// An engine's access to the columns of its current row. NULL reads as zero, "" or no bytes.
@usableFromInline
protocol SQLRowSource {
    func isNull(at index: Int) -> Bool
    func integer(at index: Int) -> Int64
    func real(at index: Int) -> Double
    func text(at index: Int) -> String
    func withBlob<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}
