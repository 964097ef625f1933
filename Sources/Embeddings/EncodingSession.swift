/// A loaded model; two exist: on AMX tiles and in OpenVINO.
protocol EncodingModel: Sendable {
    /// Gives back pages of the weights' file and scratch memory that return when needed.
    func settle()
}

/// What one thread needs to compute batches with a model.
protocol EncodingSession {
    /// Unit vectors of `SentenceEncoder.dimensions`, one for each text of the batch.
    func encode(_ batch: TokenBatch) throws(EmbeddingFailure) -> [[Float]]
}

extension [Float] {
    /// Cuts a row-major matrix into its rows.
    func rows(of width: Int) -> [[Float]] {
        stride(from: 0, to: count, by: width).map { Array(self[$0..<$0 + width]) }
    }
}
