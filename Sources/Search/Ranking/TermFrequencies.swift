/// The forward index of an entry: how often each term occurs in each field.
///
/// The bytes are stored with the entry, and read where they lie: nothing is decoded to look up a
/// term. Version 1, all integers little-endian:
///
///     version        UInt8
///     length, count  UInt32 × 2 for each field: words, and distinct terms
///     hashes         UInt32 × count, ascending, then
///     frequencies    UInt8 × count, at most 255, for each field
public struct TermFrequencies: Sendable, Equatable {
    public let bytes: [UInt8]

    /// Frequencies as they were stored; damaged bytes hold no terms.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Parameters:
    ///   - fields: what is left out is empty
    ///   - kept: a field that is taken over from `known` instead, unchanged
    public init(
        _ fields: [SearchField: AnalyzedText], keeping kept: SearchField? = nil, of known: TermFrequencies? = nil
    ) {
        var header: [UInt8] = [TermFrequenciesView.version]
        var body: [UInt8] = []
        for field in SearchField.allCases {
            if field == kept, let known {
                known.withView { view in
                    header.append(integer: UInt32(view.lengths[field.rawValue]))
                    header.append(integer: UInt32(view.counts[field.rawValue]))
                    body.append(contentsOf: view.section(of: field))
                }
                continue
            }
            let text = fields[field] ?? AnalyzedText()
            let sorted = text.frequencies.sorted { $0.key < $1.key }
            header.append(integer: UInt32(text.length))
            header.append(integer: UInt32(sorted.count))
            for (hash, _) in sorted { body.append(integer: hash) }
            body.append(contentsOf: sorted.lazy.map { UInt8(min($0.value, 255)) })
        }
        bytes = header + body
    }

    /// The distinct terms of all fields.
    public var terms: [UInt32] {
        withView { view in
            Array(Set(SearchField.allCases.flatMap { field in view.hashes(of: field) }))
        }
    }

    /// Words in a field.
    public func length(of field: SearchField) -> Int { withView { Int($0.lengths[field.rawValue]) } }

    /// How often a term occurs in a field, at most 255.
    public func frequency(of term: UInt32, in field: SearchField) -> Int {
        withView { $0.frequency(of: term, inField: field.rawValue) }
    }

    func withView<R>(_ body: (TermFrequenciesView) -> R) -> R {
        bytes.withUnsafeBytes { body(TermFrequenciesView($0)) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(integer: UInt32) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
