/// The schemes that the URL Standard treats specially, and all others.
enum SchemeKind: Equatable, Sendable {
    case http, https, ws, wss, ftp, file, other

    /// - Parameter name: without the colon, in lower case.
    init(_ name: some Collection<UInt8>) {
        switch name.count {
        case 2 where name.elementsEqual("ws".utf8): self = .ws
        case 3 where name.elementsEqual("wss".utf8): self = .wss
        case 3 where name.elementsEqual("ftp".utf8): self = .ftp
        case 4 where name.elementsEqual("http".utf8): self = .http
        case 4 where name.elementsEqual("file".utf8): self = .file
        case 5 where name.elementsEqual("https".utf8): self = .https
        default: self = .other
        }
    }

    var isSpecial: Bool { self != .other }

    var defaultPort: Int32? {
        switch self {
        case .http, .ws: 80
        case .https, .wss: 443
        case .ftp: 21
        case .file, .other: nil
        }
    }
}
