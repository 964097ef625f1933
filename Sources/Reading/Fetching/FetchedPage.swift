/// What the fetcher brought back.
public struct FetchedPage: Sendable {
    /// Where the page was found in the end, after redirects.
    public let url: WebURL
    public let status: Int
    /// Lower case, without parameters; recognised from the bytes where the site does not say.
    public let mediaType: String
    /// Unpacked. Only the beginning for kinds nothing here reads (audio, video, archives).
    public let body: [UInt8]
    /// The body as text, for HTML, XML, JSON and other text.
    public let text: String?
    /// The encoding ``text`` was decoded from, by its WHATWG name in lower case.
    public let charset: String?
    /// The addresses that redirected, in order, the requested one first.
    public let redirects: [WebURL]
    /// True where the connection ended early or the rest was not wanted.
    public let isTruncated: Bool
}
