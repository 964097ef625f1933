/// One state of the records, which stays as it is while others go on writing.
///
/// For work that takes long, such as a backup: between its reads nothing waits for it.
public protocol DatabaseSnapshot: Sendable {
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value

    /// Gives the connection back.
    func close() async
}

extension Database {
    /// Lends one state of the records for as long as `body` runs.
    public func snapshot<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: (any DatabaseSnapshot) async throws -> Value
    ) async throws -> Value {
        let snapshot = try await openSnapshot()
        do {
            let value = try await body(snapshot)
            await snapshot.close()
            return value
        } catch {
            await snapshot.close()
            throw error
        }
    }
}
