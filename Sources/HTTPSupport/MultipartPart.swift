import HTTPTypes

/// One field of a `multipart/form-data` body, without its content.
public struct MultipartPart: Sendable, Equatable {
    /// The form field's name.
    public var name: String
    /// The file's name without folders; absent for plain fields.
    public var filename: String?
    public var contentType: String?

    public init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }

    /// Reads the header lines of a part, each without its line end.
    init(headerLines: [Substring]) throws(MultipartFailure) {
        var disposition: HeaderParameters?
        for line in headerLines {
            guard let colon = line.firstIndex(of: ":") else { throw .malformedHeader }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = HeaderParameters(value)
            case "content-type": contentType = String(value)
            default: continue
            }
        }
        guard let disposition, disposition.value == "form-data", let name = disposition["name"] else {
            throw .missingName
        }
        self.name = HeaderParameters.unescapeFormName(name)
        let plain = disposition["filename"].map(HeaderParameters.unescapeFormName)
        filename = (disposition.extended("filename") ?? plain).map(Self.withoutFolders)
    }

    private static func withoutFolders(_ path: String) -> String {
        String(path[(path.lastIndex { $0 == "/" || $0 == "\\" }.map(path.index(after:)) ?? path.startIndex)...])
    }
}

/// Why a body is no `multipart/form-data`, or more of it than is taken.
public enum MultipartFailure: ProblemConvertible, Equatable {
    case notMultipart
    case malformedDelimiter
    case malformedHeader
    case missingName
    case truncated
    case tooManyParts(limit: Int)
    case headerTooLarge(limit: Int)
    case tooLarge(limit: Int)
    case fieldTooLarge(name: String, limit: Int)

    public var problem: Problem {
        switch self {
        case .notMultipart: .unsupportedMediaType(expected: "a form (multipart/form-data with a boundary)")
        case .malformedDelimiter, .malformedHeader: .badRequest("The form is malformed", error: "invalid_form")
        case .missingName: .badRequest("A part of the form has no name", error: "invalid_form")
        case .truncated: .badRequest("The form did not arrive whole", error: "invalid_form")
        case .tooManyParts(let limit):
            .badRequest("The form has more than \(limit) parts", error: "invalid_form")
        case .headerTooLarge(let limit):
            .badRequest("A part of the form has more than \(limit) bytes of headers", error: "invalid_form")
        case .tooLarge(let limit): .contentTooLarge(limit: limit)
        case .fieldTooLarge(let name, let limit): .invalid([name: "must have at most \(limit) bytes"])
        }
    }
}
