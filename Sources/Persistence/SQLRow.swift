/// The columns of the row a statement stands on, read from left to right.
///
/// Valid only inside the closure it is given to: it points into the engine's own memory, so that a list is
/// read without an array of boxed values for every row.
public struct SQLRow: ~Copyable {
    let source: any SQLRowSource
    private var position = 0

    init(source: any SQLRowSource) { self.source = source }

    /// Reads the next column.
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
protocol SQLRowSource {
    func isNull(at index: Int) -> Bool
    func integer(at index: Int) -> Int64
    func real(at index: Int) -> Double
    func text(at index: Int) -> String
    func withBlob<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}
