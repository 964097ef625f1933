/// How a server is, as far as the last requests tell.
///
/// A request that it refuses says nothing about the others, so it changes nothing here.
struct QdrantAvailability {
    /// What a request is for, which is also what it shows to be well when it succeeds.
    enum Purpose {
        case search
        /// Reads what is there, and has more time than a search.
        case inspection
        /// Finds the collection and checks what it is for.
        case check
        case change
    }

    private(set) var failure: QdrantFailure?
    private var failedPurpose = Purpose.search
    private var restsUntil: ContinuousClock.Instant?

    /// Why the server is left alone for now; nil where it is not.
    func reasonToRest(at now: ContinuousClock.Instant) -> QdrantFailure? {
        guard let restsUntil, now < restsUntil else { return nil }
        return failure
    }

    mutating func failed(_ failure: QdrantFailure, _ purpose: Purpose, restUntil: ContinuousClock.Instant) {
        if case .refused = failure { return }
        self.failure = failure
        failedPurpose = purpose
        // Changes may take too long where searches do not, and other failures come at once: there is no wait to spare.
        if case .unavailable = failure, purpose == .search || purpose == .check { restsUntil = restUntil }
    }

    mutating func succeeded(_ purpose: Purpose) {
        restsUntil = nil
        switch failure {
        // A key may be good for reading alone.
        case .unauthorized where failedPurpose == .change && purpose != .change: return
        // A collection for vectors of the same size may be searched, and mean something else by near.
        case .otherVectors where purpose != .check: return
        default: failure = nil
        }
    }
}
