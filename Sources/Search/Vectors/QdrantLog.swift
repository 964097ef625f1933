import Logging
import Synchronization
import Vectors

/// Says once when a Qdrant server turns bad and once when it is back; what goes wrong with single requests only now and
/// then.
final class QdrantLog: Sendable {
    /// How often failures of single requests are said.
    private static let interval = Duration.seconds(60)

    private let logger: Logger
    private let lastState = Mutex(VectorStoreState.ok)
    private let lastFailure = Mutex<ContinuousClock.Instant?>(nil)

    init(_ logger: Logger) { self.logger = logger }

    /// How searches are with a server that has failed so.
    static func state(_ failure: QdrantFailure?, refusesChanges: Bool) -> VectorStoreState {
        switch failure {
        case nil where refusesChanges: .degraded("Search by meaning is behind: Qdrant refuses changes.")
        case nil: .ok
        case .unavailable: .degraded("Search by words only: Qdrant does not answer.")
        case .unauthorized: .degraded("Search by words only: Qdrant refuses the API key.")
        case .otherVectors: .degraded("Search by words only: Qdrant's collection is for other vectors.")
        case .noCollection: .degraded("Search by words only: Qdrant's collection is being made anew.")
        case .refused, .unreadable: .degraded("Search by words only: Qdrant's answers cannot be read.")
        }
    }

    func note(_ failure: QdrantFailure?, refusesChanges: Bool) {
        let state = Self.state(failure, refusesChanges: refusesChanges)
        let isNew = lastState.withLock { last in
            defer { last = state }
            return last != state
        }
        guard isNew else { return }
        switch state {
        case .degraded(let message):
            logger.warning("\(message)", metadata: failure.map { ["reason": "\($0)"] } ?? [:])
        case .ok, .fallback: logger.notice("Qdrant is well again.")
        }
    }

    /// A request failed that says nothing about the server, or was not the server's fault.
    func failed(_ message: String, _ error: any Error) {
        let isDue = lastFailure.withLock { last in
            guard last.map({ $0.duration(to: .now) > Self.interval }) ?? true else { return false }
            last = .now
            return true
        }
        if isDue { logger.warning("\(message)", metadata: ["reason": "\(error)"]) }
    }

    func mended(_ space: Space, stored: Int, removed: Int) {
        logger.warning(
            "Qdrant did not hold what the records do. Is the collection another installation's too?",
            metadata: ["space": "\(space.rawValue)", "stored": "\(stored)", "removed": "\(removed)"])
    }
}
