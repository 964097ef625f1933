/// Undoes a response's content encoding while it arrives.
enum BodyDecoder {
    case identity
    case deflated(Inflater)

    /// Only what zlib unpacks is offered in `Accept-Encoding`.
    static let acceptEncoding = "gzip, deflate"

    /// - Parameter contentEncoding: The header's values, in order.
    /// - Throws: `badEncoding` for one that was not offered.
    init(contentEncoding: [Substring]) throws(FetchFailure) {
        let codings = contentEncoding.map { $0.lowercased() }
            .filter { !$0.isEmpty && $0 != "identity" && $0 != "none" }
        switch codings {
        case []: self = .identity
        case ["gzip"], ["x-gzip"], ["deflate"], ["x-deflate"]: self = .deflated(Inflater())
        default: throw FetchFailure(.badEncoding)
        }
    }

    /// Appends what `chunk` unpacks to, until `output` holds `limit` bytes.
    ///
    /// - Throws: `tooLarge` as soon as there would be more, `badEncoding` where the data is damaged.
    func decode(
        _ chunk: UnsafeRawBufferPointer, into output: inout [UInt8], limit: Int
    ) throws(FetchFailure) {
        switch self {
        case .identity:
            guard output.count + chunk.count <= limit else { throw FetchFailure(.tooLarge) }
            output.append(contentsOf: chunk)
        case .deflated(let inflater):
            try inflater.inflate(chunk, into: &output, limit: limit)
        }
    }

    /// Appends what waited for a decision when the body ended.
    func finish(into output: inout [UInt8], limit: Int) throws(FetchFailure) {
        if case .deflated(let inflater) = self { try inflater.finish(into: &output, limit: limit) }
    }
}
