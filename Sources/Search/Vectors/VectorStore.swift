import Persistence
import Vectors

/// Where the passages of a space are searched by meaning.
///
/// The rows of `search_passages` are the truth on every engine. A store holds what follows from them: it may lag, never
/// shows what is not in the rows, and can be made anew.
public protocol VectorStore: Sendable {
    /// Asks what is near a meaning, before the transaction of a search: whoever needs the network uses it here.
    ///
    /// - Returns: nil where the store cannot answer now, and words alone must do.
    func ask(_ question: MeaningQuestion) async -> MeaningAnswer?

    /// Before passages of a space change, in that transaction.
    func willChange(_ space: Space, in connection: SQLConnection) throws

    /// After an item's passages were stored, in the same transaction. Those that are removed need no word: their rows
    /// are gone, and named by tombstones.
    func didStore(_ item: Int64, in space: Space, _ connection: SQLConnection) throws

    /// Whether `catchUp` has to be called now and then.
    var needsUpkeep: Bool { get }

    /// Brings the store in step with the rows as they are now.
    func catchUp() async throws

    /// Makes the store anew from the rows.
    func rebuild() async throws

    /// How the store is, as last seen.
    var state: VectorStoreState { get }

    /// Sees how the store is, also where nobody uses it now.
    func look() async
}

/// What a search by meaning is after.
public struct MeaningQuestion: Sendable {
    public let meaning: [Float]
    public let space: Space
    /// How many items are needed.
    public let depth: Int
    public let narrowing: SearchNarrowing?

    public init(meaning: [Float], space: Space, depth: Int, narrowing: SearchNarrowing? = nil) {
        self.meaning = meaning
        self.space = space
        self.depth = depth
        self.narrowing = narrowing
    }
}

/// What was found, read within a transaction.
///
/// - Parameter allowed: the items that may be found; nil where all may.
public typealias MeaningAnswer =
    @Sendable (_ allowed: Set<Int64>?, SQLConnection) throws -> any NearestPassages

/// The passages of a space near one meaning, as one transaction sees them. Groups of hits are items.
public protocol NearestPassages {
    /// The items whose best passage is nearest, each with it, best first. Scores may be off by what rounding does.
    func nearest(_ limit: Int) throws -> [VectorHit]

    /// The same with exact scores.
    func nearestExactly(_ limit: Int) throws -> [VectorHit]

    /// The best passage of each of these items; one that is not embedded is left out.
    func best(of items: Set<Int64>) throws -> [Int64: VectorHit]
}

/// How a store of vectors is.
public enum VectorStoreState: Sendable, Equatable {
    case ok
    /// All is found, by other means than could be: which, for people.
    case fallback(String)
    /// Searches go on with less: what is missing, for people.
    case degraded(String)
}
