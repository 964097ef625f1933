/// What one thread needs to compute batches; two exist: AMX tiles and OpenVINO.
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
