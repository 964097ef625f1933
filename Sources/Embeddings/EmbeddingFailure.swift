/// Why texts could not be embedded.
public enum EmbeddingFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file of the model cannot be read.
    case missing(file: String, reason: String)
    /// A file of the model is there and is not what it should be.
    case damaged(file: String, reason: String)
    /// The inference library is missing, incompatible, or refused the model.
    case library(reason: String)
    /// This processor cannot compute in the precision asked for.
    case unsupportedPrecision
    /// One batch could not be computed; others may.
    case inference(reason: String)
    /// More texts wait than are allowed to; try again later.
    case overloaded
    /// The service has been told to stop.
    case stopped
    /// The caller's task was cancelled while its texts waited.
    case cancelled

    public var description: String {
        switch self {
        case .missing(let file, let reason): "cannot read \(file): \(reason)"
        case .damaged(let file, let reason): "\(file) is not usable: \(reason)"
        case .library(let reason): "inference library: \(reason)"
        case .unsupportedPrecision: "this processor has no bfloat16 tiles (AMX)"
        case .inference(let reason): "inference failed: \(reason)"
        case .overloaded: "too many texts are waiting to be embedded"
        case .stopped: "embedding has stopped"
        case .cancelled: "cancelled"
        }
    }
}
