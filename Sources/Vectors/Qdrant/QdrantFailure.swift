/// What can go wrong with a Qdrant server.
public enum QdrantFailure: Error, Equatable, Sendable {
    /// It cannot be reached, is too slow, or says that it cannot serve now: worth another try later.
    case unavailable(String)
    /// The API key is missing or not the server's.
    case unauthorized
    /// The collection is not there.
    case noCollection(String)
    /// The collection was made for other vectors.
    case otherVectors(collection: String, found: String, needed: String)
    /// It refused a request, which repeating would not cure.
    case refused(status: Int, message: String)
    /// It answered with what its description does not know.
    case unreadable(String)
}

extension QdrantFailure: CustomStringConvertible {
    /// For whoever runs the installation; clients never see it.
    public var description: String {
        switch self {
        case .unavailable(let reason): "Qdrant does not answer: \(reason)"
        case .unauthorized: "Qdrant refuses the API key; set FUZE_QDRANT_API_KEY to the one it was started with."
        case .noCollection(let name): "Qdrant has no collection \"\(name)\"."
        case .otherVectors(let collection, let found, let needed):
            """
            Qdrant's collection "\(collection)" is for \(found), and Fuze needs \(needed). Give another name in \
            FUZE_QDRANT_COLLECTION, or delete the collection.
            """
        case .refused(let status, let message): "Qdrant refused a request (\(status)): \(message)"
        case .unreadable(let reason): "Qdrant's answer cannot be read: \(reason)"
        }
    }
}
