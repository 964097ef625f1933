/// Why a page could not be fetched.
public struct FetchFailure: Error, Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case unsupportedScheme
        /// A private, local or otherwise closed address, host name or port.
        case refusedAddress
        case unknownHost
        case lookupFailed
        case connectFailed
        case tls
        case timeout
        case tooLarge
        case tooManyRedirects
        case badRedirect
        /// The body could not be unpacked.
        case badEncoding
        /// What came back is not HTTP, or ended before the answer began.
        case badResponse
        case httpStatus(Int)
        /// It is not this fetch's turn with the host; see ``FetchFailure/retryAfter``.
        case hostBusy
        case cancelled
    }

    public let kind: Kind
    /// One sentence a person understands.
    public let message: String
    /// Whether trying again is pointless.
    public let isFinal: Bool
    /// When to try again, where the site or the own politeness says so.
    public let retryAfter: Duration?

    public init(_ kind: Kind, retryAfter: Duration? = nil) {
        self.kind = kind
        self.retryAfter = retryAfter
        message = kind.message
        isFinal = kind.isFinal
    }
}

extension FetchFailure.Kind {
    /// Statuses that may be different in a few minutes (RFC 9110, RFC 6585, RFC 8470).
    private static let passingStatuses: Set<Int> = [408, 421, 423, 425, 429]

    fileprivate var isFinal: Bool {
        switch self {
        case .unsupportedScheme, .refusedAddress, .unknownHost, .tls, .tooLarge,
            .tooManyRedirects, .badRedirect:
            true
        case .httpStatus(let status):
            (status < 500 && !Self.passingStatuses.contains(status)) || status == 501
        case .lookupFailed, .connectFailed, .timeout, .badEncoding, .badResponse, .hostBusy,
            .cancelled:
            false
        }
    }

    fileprivate var message: String {
        switch self {
        case .unsupportedScheme: "Only http and https links can be fetched."
        case .refusedAddress: "This link leads to a private or reserved address and is not fetched."
        case .unknownHost: "No site was found under this name."
        case .lookupFailed: "The site's name could not be looked up just now."
        case .connectFailed: "The site could not be reached."
        case .tls: "The site's certificate or encryption is not valid, so it was not trusted."
        case .timeout: "The site took too long to answer."
        case .tooLarge: "The page is too large."
        case .tooManyRedirects: "The link redirects too many times."
        case .badRedirect: "The link redirects to an address that cannot be opened."
        case .badEncoding: "The page arrived damaged and could not be unpacked."
        case .badResponse: "The site's answer could not be understood."
        case .httpStatus(let status): Self.message(ofStatus: status)
        case .hostBusy: "Waiting for a turn, so as not to overload the site."
        case .cancelled: "The fetch was cancelled."
        }
    }

    private static func message(ofStatus status: Int) -> String {
        switch status {
        case 204, 205: "The site says there is nothing at this address (\(status))."
        case 401, 407: "The page asks for a login (\(status))."
        case 402: "The page has to be paid for (402)."
        case 403: "The site does not allow this page to be fetched (403)."
        case 404: "The page was not found (404)."
        case 410: "The page is gone (410)."
        case 408: "The site took too long to answer (408)."
        case 429: "The site asks to be left alone for a while (429)."
        case 451: "The page is withheld for legal reasons (451)."
        case 500...599: "The site has a problem of its own (\(status))."
        default: "The site answered with status \(status)."
        }
    }
}
