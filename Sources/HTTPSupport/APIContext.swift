import Hummingbird
import Logging
import NIOCore

/// What a route knows of its request besides the request itself.
public struct APIContext: RequestContext, RemoteAddressRequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Who asks; absent until authentication has run, and for strangers.
    public var principal: Principal?
    /// Set by ``APIResponder`` before routing.
    public internal(set) var requestID: String = ""
    private var connectionLogger: Logger
    /// The connection, for answers that end with it.
    let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        connectionLogger = source.logger
        channel = source.channel
    }

    public var remoteAddress: SocketAddress? { channel.remoteAddress }

    public var maxUploadSize: Int { JSONBodyDecoder.standardLimit }
    public var requestDecoder: JSONBodyDecoder { JSONBodyDecoder() }
    public var responseEncoder: JSONResponseEncoder { JSONResponseEncoder() }

    /// The request's id under the name that Hummingbird gives it.
    public var id: String { requestID }

    /// Carries the request id. Built on demand: most requests log nothing.
    public var logger: Logger {
        get {
            var logger = connectionLogger
            logger[metadataKey: "hb.request.id"] = nil
            logger[metadataKey: "request_id"] = .string(requestID)
            return logger
        }
        set { connectionLogger = newValue }
    }

    /// Whether a line of that level would be written at all.
    func logs(_ level: Logger.Level) -> Bool { level >= connectionLogger.logLevel }

    /// The signed-in person, or a 401.
    public func requirePrincipal() throws(Problem) -> Principal {
        guard let principal else { throw .unauthorized() }
        return principal
    }

    /// A part of the path, percent-decoded: `"a b"` for `/tags/a%20b`.
    public func pathParameter(_ name: String) -> String? {
        parameters[name[...]].map { PercentEncoding.decode($0.utf8) }
    }

    /// A numeric id in the path. What is no id names nothing: a 404 in the words "Bookmark not found".
    public func identifier(_ name: String = "id", of noun: String) throws(Problem) -> Int64 {
        guard let text = parameters[name[...]], let id = Int64(text), id > 0, String(id) == text else {
            throw .notFound(noun)
        }
        return id
    }
}
