import CMiniLM

/// The model in bfloat16 on AMX tiles, packed once and shared by every session.
final class TileModel: EncodingModel {
    static var isSupported: Bool { minilm_supported() == 1 }

    /// Points into `MappedFile`, which lives as long as the model.
    private let weights: MappedFile
    /// Read-only once made.
    nonisolated(unsafe) fileprivate let model: OpaquePointer

    init(_ weights: MappedFile, file: String) throws(EmbeddingFailure) {
        guard Self.isSupported else { throw .unsupportedPrecision }
        let parameters = TileParameters(tensors: try Safetensors(weights, file: file), base: weights)
        var layers: [minilm_layer] = []
        for index in 0..<MiniLM.layers { layers.append(try parameters.layer(index)) }
        guard let model = minilm_create(try parameters.embeddings(), layers) else {
            throw .inference(reason: "no memory for the model")
        }
        self.model = model
        self.weights = weights
    }

    deinit { minilm_free(model) }

    func settle() { weights.forgetPages() }
}

/// Finds parameters in the mapped file.
private struct TileParameters {
    let tensors: Safetensors
    let base: MappedFile

    func embeddings() throws(EmbeddingFailure) -> minilm_embeddings {
        let norm = try pair(MiniLM.embeddingNorm, [MiniLM.width])
        return minilm_embeddings(
            words: try pointer(MiniLM.words.name, MiniLM.words.shape),
            positions: try pointer(MiniLM.places.name, MiniLM.places.shape),
            type: try pointer(MiniLM.types.name, MiniLM.types.shape),
            norm: norm.weight, norm_bias: norm.bias)
    }

    func layer(_ index: Int) throws(EmbeddingFailure) -> minilm_layer {
        let square = [MiniLM.width, MiniLM.width]
        func part(_ name: String, _ shape: [Int]) throws(EmbeddingFailure) -> Pair {
            try pair(MiniLM.layer(index, name), shape)
        }
        let query = try part("attention.self.query", square)
        let key = try part("attention.self.key", square)
        let value = try part("attention.self.value", square)
        let output = try part("attention.output.dense", square)
        let outputNorm = try part("attention.output.LayerNorm", [MiniLM.width])
        let expand = try part("intermediate.dense", [MiniLM.inner, MiniLM.width])
        let contract = try part("output.dense", [MiniLM.width, MiniLM.inner])
        let finalNorm = try part("output.LayerNorm", [MiniLM.width])
        return minilm_layer(
            query: query.weight, query_bias: query.bias, key: key.weight, key_bias: key.bias,
            value: value.weight, value_bias: value.bias,
            output: output.weight, output_bias: output.bias,
            output_norm: outputNorm.weight, output_norm_bias: outputNorm.bias,
            expand: expand.weight, expand_bias: expand.bias,
            contract: contract.weight, contract_bias: contract.bias,
            final_norm: finalNorm.weight, final_norm_bias: finalNorm.bias)
    }

    private typealias Pair = (weight: UnsafePointer<Float>, bias: UnsafePointer<Float>)

    private func pair(_ name: String, _ shape: [Int]) throws(EmbeddingFailure) -> Pair {
        (try pointer(name + ".weight", shape), try pointer(name + ".bias", [shape[0]]))
    }

    private func pointer(_ name: String, _ shape: [Int]) throws(EmbeddingFailure)
        -> UnsafePointer<Float>
    {
        let tensor = try tensors.tensor(name, shape)
        guard let start = base.bytes.baseAddress else {
            throw .damaged(file: tensors.file, reason: "it is empty")
        }
        return (start + tensor.offset).assumingMemoryBound(to: Float.self)
    }
}

/// One thread's working memory for a `TileModel`.
final class TileSession: EncodingSession {
    private let model: TileModel
    private let session: OpaquePointer

    init(_ model: TileModel) throws(EmbeddingFailure) {
        guard let session = minilm_session_create() else {
            throw .inference(reason: "no memory for a session")
        }
        self.model = model
        self.session = session
    }

    deinit { minilm_session_free(session) }

    func encode(_ batch: TokenBatch) throws(EmbeddingFailure) -> [[Float]] {
        let width = MiniLM.width
        let vectors = [Float](unsafeUninitializedCapacity: batch.count * width) { vectors, count in
            if let start = vectors.baseAddress {
                minilm_encode(model.model, session, batch.ids, batch.lengths, batch.count, start)
            }
            count = batch.count * width
        }
        return vectors.rows(of: width)
    }
}
