import Foundation

/// What ranking knows of a space as a whole.
public struct SpaceStatistics: Sendable {
    /// Entries in the space.
    public let documents: Int
    /// Words in each field of all entries together, in the order of the fields.
    public let fieldLengths: [Int]
    /// Entries that hold the term in any field; a term that is left out is in none.
    public let documentFrequencies: [UInt32: Int]

    public init(documents: Int, fieldLengths: [Int], documentFrequencies: [UInt32: Int]) {
        self.documents = documents
        self.fieldLengths = fieldLengths
        self.documentFrequencies = documentFrequencies
    }

    func averageLength(of field: SearchField) -> Double {
        guard documents > 0, fieldLengths.indices.contains(field.rawValue) else { return 0 }
        return Double(fieldLengths[field.rawValue]) / Double(documents)
    }

    /// How much it says that an entry holds the term: log(1 + (N − n + ½) / (n + ½)), never negative.
    func inverseDocumentFrequency(of term: UInt32) -> Double {
        let holding = Double(min(documentFrequencies[term] ?? 0, documents))
        return log(1 + (Double(documents) - holding + 0.5) / (holding + 0.5))
    }
}
