import Foundation
import Logging
import Persistence
import ServiceLifecycle

/// Learns which sessions other processes have ended, so that their tokens are good here no longer.
///
/// The records are the truth and are looked at every second; a process that is told with `learn` knows at once.
public struct RevocationWatch: Service {
    /// More than clocks of one installation may differ and a transaction may take.
    private static let overlap: TimeInterval = 60

    private let accounts: AccountService
    private let interval: Duration
    private let logger: Logger

    public init(accounts: AccountService, interval: Duration = .seconds(1), logger: Logger) {
        self.accounts = accounts
        self.interval = interval
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var lastSuccess: Date?
            while !Task.isCancelled {
                let start = Date()
                do {
                    try await accounts.loadRevocations(since: lastSuccess?.addingTimeInterval(-Self.overlap))
                    lastSuccess = start
                } catch {
                    logger.debug("Revoked sessions cannot be read", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: interval)
            }
        }
    }
}

/// Tells other processes which sessions have ended, by their ids.
public typealias RevocationAnnouncement = @Sendable (_ sessions: [Int64]) async -> Void
