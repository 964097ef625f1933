import COpenVINO

/// The model compiled by OpenVINO's CPU plugin in f32; the weights stay where the file is mapped.
final class OpenVINOModel: EncodingModel {
    fileprivate let library: OpenVINOLibrary
    private let weights: MappedFile
    /// OpenVINO's core and compiled model may be used from any thread.
    nonisolated(unsafe) private let core: UnsafeMutableRawPointer
    nonisolated(unsafe) fileprivate let compiled: UnsafeMutableRawPointer

    /// - Parameter threads: how many sessions will compute at once, each on one thread.
    init(_ files: EmbeddingModelFiles, threads: Int) throws(EmbeddingFailure) {
        let library = try OpenVINOLibrary(folder: files.libraries)
        let file = try MappedFile(path: files.weights)
        let described = try MiniLMGraph(
            tensors: try Safetensors(file, file: files.weights), weightBytes: file.fileSize)
        let weights = try MappedFile(path: files.weights, appending: described.graph.constants)
        let core = try library.object { library.api.core_create($0) }
        do throws(EmbeddingFailure) {
            compiled = try Self.compile(described.graph.xml, weights, threads, core, library)
        } catch {
            library.api.core_free(core)
            throw error
        }
        self.library = library
        self.weights = weights
        self.core = core
    }

    func settle() {
        weights.forgetPages()
        heap_trim()
    }

    deinit {
        library.api.compiled_model_free(compiled)
        library.api.core_free(core)
    }

    private static func compile(
        _ xml: String, _ weights: MappedFile, _ threads: Int, _ core: UnsafeMutableRawPointer,
        _ library: OpenVINOLibrary
    ) throws(EmbeddingFailure) -> UnsafeMutableRawPointer {
        guard let start = UnsafeMutableRawPointer(mutating: weights.bytes.baseAddress) else {
            throw .library(reason: "no weights")
        }
        let buffer = try library.tensor(
            UInt32(OV_ELEMENT_U8), [Int64(weights.bytes.count)], over: start)
        defer { library.api.tensor_free(buffer) }
        let model = try library.object {
            library.api.core_read_model_from_memory_buffer(core, xml, xml.utf8.count, buffer, $0)
        }
        defer { library.api.model_free(model) }
        return try withProperties([
            ("INFERENCE_PRECISION_HINT", "f32"),
            ("NUM_STREAMS", String(threads)),
            ("INFERENCE_NUM_THREADS", String(threads)),
            // Other work runs on these cores too.
            ("ENABLE_CPU_PINNING", "NO"),
        ]) { (properties) throws(EmbeddingFailure) in
            try library.object {
                library.api.core_compile_model_props(
                    core, model, "CPU", properties.count, properties.baseAddress, $0)
            }
        }
    }

    private static func withProperties<Value>(
        _ pairs: [(String, String)],
        _ body: (UnsafeBufferPointer<ov_property>) throws(EmbeddingFailure) -> Value
    ) throws(EmbeddingFailure) -> Value {
        let copies = pairs.map { (copy($0.0), copy($0.1)) }
        defer {
            for (key, value) in copies {
                key.deallocate()
                value.deallocate()
            }
        }
        let properties = copies.map { ov_property(key: $0.0, value: UnsafeRawPointer($0.1)) }
        return try properties.withUnsafeBufferPointer { (buffer) throws(EmbeddingFailure) in
            try body(buffer)
        }
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { copy[index] = byte }
        return copy
    }
}

/// One inference request; used by one thread at a time.
final class OpenVINOSession: EncodingSession {
    private let model: OpenVINOModel
    private let request: UnsafeMutableRawPointer
    private var library: OpenVINOLibrary { model.library }

    init(_ model: OpenVINOModel) throws(EmbeddingFailure) {
        self.model = model
        request = try model.library.object {
            model.library.api.compiled_model_create_infer_request(model.compiled, $0)
        }
        // The first inference brings the weights into the processor's order; no caller should wait for it.
        _ = try encode(TokenBatch([[0]]))
    }

    deinit { library.api.infer_request_free(request) }

    func encode(_ batch: TokenBatch) throws(EmbeddingFailure) -> [[Float]] {
        var inputs = PaddedBatch(batch)
        let sums: [Float]
        do throws(EmbeddingFailure) {
            sums = try run(&inputs)
        } catch {
            throw .inference(reason: error.description)
        }
        // The sum of a text's token vectors has the direction of their mean.
        return sums.rows(of: MiniLM.width).map(\.normalized)
    }

    private func run(_ inputs: inout PaddedBatch) throws(EmbeddingFailure) -> [Float] {
        let (texts, tokens) = (Int64(inputs.texts), Int64(inputs.tokens))
        var held: [UnsafeMutableRawPointer] = []
        defer { held.forEach(library.api.tensor_free) }
        func set<Value>(_ index: Int, _ values: inout [Value], _ type: UInt32, _ shape: [Int64])
            throws(EmbeddingFailure)
        {
            let data = values.withUnsafeMutableBytes { $0.baseAddress }
            guard let data else { throw .inference(reason: "an empty batch") }
            let tensor = try library.tensor(type, shape, over: data)
            held.append(tensor)
            try library.check(
                library.api.infer_request_set_input_tensor_by_index(request, index, tensor))
        }
        let (integers, floats) = (UInt32(OV_ELEMENT_I32), UInt32(OV_ELEMENT_F32))
        try set(0, &inputs.ids, integers, [texts, tokens])
        try set(1, &inputs.positions, integers, [1, tokens])
        try set(2, &inputs.bias, floats, [texts, 1, 1, tokens])
        try set(3, &inputs.mask, floats, [texts, 1, tokens])
        try library.check(library.api.infer_request_infer(request))
        let output = try library.object {
            library.api.infer_request_get_output_tensor_by_index(request, 0, $0)
        }
        held.append(output)
        return try copy(output, count: inputs.texts * MiniLM.width)
    }

    private func copy(_ tensor: UnsafeMutableRawPointer, count: Int)
        throws(EmbeddingFailure) -> [Float]
    {
        var size = 0
        try library.check(library.api.tensor_get_byte_size(tensor, &size))
        guard size == count * MemoryLayout<Float>.stride else {
            throw .inference(reason: "the output has \(size) bytes")
        }
        let data = try library.object { library.api.tensor_data(tensor, $0) }
        return Array(
            UnsafeBufferPointer(start: data.assumingMemoryBound(to: Float.self), count: count))
    }
}
