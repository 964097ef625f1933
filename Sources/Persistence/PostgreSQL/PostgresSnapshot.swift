import NIOPosix

/// A connection of its own whose read transaction stays open, on a thread of its own.
///
/// - Note: `@unchecked Sendable` because only that thread touches the transaction.
final class PostgresSnapshot: DatabaseSnapshot, @unchecked Sendable {
    private let transaction: PostgresTransaction
    private let thread: NIOThreadPool

    init(_ address: PostgresAddress) async throws {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        do {
            let connection = try await thread.runIfActive { try PostgresConnection(address, limits: .none) }
            transaction = PostgresTransaction(.read, .installation, on: connection)
            self.thread = thread
            // The first statement is what the state is of.
            try await read { try $0.first("SELECT 1") { _ in } }
        } catch {
            thread.shutdownGracefully { _ in }
            throw error
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws -> Value {
        try await thread.runIfActive { [self] in try body(SQLConnection(dialect: .postgresql, driver: transaction)) }
    }

    func close() async {
        try? await thread.runIfActive { [self] in transaction.finishReading() }
        thread.shutdownGracefully { _ in }
    }
}
