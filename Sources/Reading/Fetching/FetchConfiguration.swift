/// The limits and manners of the fetcher.
public struct FetchConfiguration: Sendable {
    /// For a whole fetch: name lookup, every redirect and the last byte. Waiting politely for a
    /// turn with a host is not counted.
    public var timeout: Duration = .seconds(10)
    /// For reaching one address, so that a silent one leaves time for the next.
    public var connectTimeout: Duration = .seconds(4)
    /// Of the body, both as it travels and unpacked.
    public var maxBytes = 10 * 1024 * 1024
    /// Of all header fields of one answer together.
    public var maxHeaderBytes = 128 * 1024
    public var maxRedirects = 5
    /// Says who asks and where to read about it.
    public var userAgent: String
    public var acceptLanguage = "en, *;q=0.5"
    /// Opens loopback and private addresses, for tests and intranets.
    public var allowPrivate = false
    /// Connections to one public host at once.
    public var perHostConnections = 2
    /// Between the starts of two requests to one public host.
    public var perHostInterval: Duration = .milliseconds(250)
    /// How long a fetch itself waits for its turn with a host before it gives up as `hostBusy`.
    public var patience: Duration = .seconds(2)

    public init(version: String = "1.0") {
        userAgent =
            "Fuze/\(version) (+https://github.com/fuze-app/fuze; self-hosted bookmark reader)"
    }
}
