/// all-MiniLM-L6-v2 as an OpenVINO graph whose weights are used where they lie in the safetensors file.
///
/// Inputs: token ids i32 [texts, tokens]; positions i32 [1, tokens]; what attention adds to each token's
/// score f32 [texts, 1, 1, tokens]; 1 for tokens and 0 for padding f32 [texts, 1, tokens].
/// Output: the sum of each text's token vectors, f32 [texts, 1, 384].
struct MiniLMGraph {
    private(set) var graph: ModelGraph
    private let tensors: Safetensors
    private let hidden = [-1, -1, MiniLM.width]
    private let split = [-1, -1, MiniLM.heads, MiniLM.width / MiniLM.heads]
    private let byHead = [-1, MiniLM.heads, -1, MiniLM.width / MiniLM.heads]

    init(tensors: Safetensors, weightBytes: Int) throws(EmbeddingFailure) {
        self.tensors = tensors
        graph = ModelGraph(weightBytes: weightBytes)
        let ids = graph.parameter([-1, -1], .i32)
        let positions = graph.parameter([1, -1], .i32)
        let bias = graph.parameter([-1, 1, 1, -1], .f32)
        let tokens = graph.parameter([-1, 1, -1], .f32)
        var x = try embeddings(ids, positions)
        for layer in 0..<MiniLM.layers {
            let attended = try attention(x, bias, layer)
            x = try norm(add(attended, x), MiniLM.layer(layer, "attention.output.LayerNorm"))
            let transformed = try feedForward(x, layer)
            x = try norm(add(transformed, x), MiniLM.layer(layer, "output.LayerNorm"))
        }
        graph.result(multiply(tokens, x, transposed: false, [-1, 1, MiniLM.width]))
    }

    private mutating func embeddings(_ ids: ModelGraph.Node, _ positions: ModelGraph.Node)
        throws(EmbeddingFailure) -> ModelGraph.Node
    {
        let words = try look(up: ids, in: MiniLM.words)
        let places = try look(up: positions, in: MiniLM.places)
        let types = try tensors.tensor(MiniLM.types.name, MiniLM.types.shape)
        let sum = add(add(words, places), graph.weight(types, as: [1, 1, MiniLM.width]))
        return try norm(sum, MiniLM.embeddingNorm)
    }

    private mutating func look(up ids: ModelGraph.Node, in table: (name: String, shape: [Int]))
        throws(EmbeddingFailure) -> ModelGraph.Node
    {
        let table = graph.weight(try tensors.tensor(table.name, table.shape))
        let rows = graph.integers([0], shape: [])
        return graph.operation(
            "Gather", [("batch_dims", "0")], [table, ids, rows], hidden, opset: "opset8")
    }

    private mutating func attention(
        _ x: ModelGraph.Node, _ bias: ModelGraph.Node, _ layer: Int
    ) throws(EmbeddingFailure) -> ModelGraph.Node {
        let query = heads(try dense(x, MiniLM.layer(layer, "attention.self.query")))
        let key = heads(try dense(x, MiniLM.layer(layer, "attention.self.key")))
        let value = heads(try dense(x, MiniLM.layer(layer, "attention.self.value")))
        let context = graph.operation(
            "ScaledDotProductAttention", [("causal", "false")], [query, key, value, bias], byHead,
            opset: "opset13")
        let rows = graph.operation(
            "Transpose", [], [context, graph.integers([0, 2, 1, 3])], split)
        let joined = graph.operation(
            "Reshape", [("special_zero", "true")],
            [rows, graph.integers([0, 0, Int32(MiniLM.width)])], hidden)
        return try dense(joined, MiniLM.layer(layer, "attention.output.dense"))
    }

    private mutating func heads(_ x: ModelGraph.Node) -> ModelGraph.Node {
        let shape = graph.integers([0, 0, Int32(split[2]), Int32(split[3])])
        let parts = graph.operation("Reshape", [("special_zero", "true")], [x, shape], split)
        return graph.operation("Transpose", [], [parts, graph.integers([0, 2, 1, 3])], byHead)
    }

    private mutating func feedForward(_ x: ModelGraph.Node, _ layer: Int)
        throws(EmbeddingFailure) -> ModelGraph.Node
    {
        let inner = try dense(
            x, MiniLM.layer(layer, "intermediate.dense"), to: MiniLM.inner)
        let activated = graph.operation(
            "Gelu", [("approximation_mode", "ERF")], [inner], [-1, -1, MiniLM.inner], opset: "opset7")
        return try dense(activated, MiniLM.layer(layer, "output.dense"), from: MiniLM.inner)
    }

    private mutating func dense(
        _ x: ModelGraph.Node, _ name: String, from: Int = MiniLM.width, to: Int = MiniLM.width
    ) throws(EmbeddingFailure) -> ModelGraph.Node {
        let weight = graph.weight(try tensors.tensor(name + ".weight", [to, from]))
        let bias = graph.weight(try tensors.tensor(name + ".bias", [to]), as: [1, 1, to])
        return add(multiply(x, weight, transposed: true, [-1, -1, to]), bias, [-1, -1, to])
    }

    private mutating func norm(_ x: ModelGraph.Node, _ name: String)
        throws(EmbeddingFailure) -> ModelGraph.Node
    {
        let row = [1, 1, MiniLM.width]
        let gain = graph.weight(try tensors.tensor(name + ".weight", [MiniLM.width]), as: row)
        let bias = graph.weight(try tensors.tensor(name + ".bias", [MiniLM.width]), as: row)
        let centred = graph.operation(
            "MVN",
            [
                ("eps", "\(MiniLM.normEpsilon)"), ("normalize_variance", "true"),
                ("eps_mode", "inside_sqrt"),
            ], [x, graph.integers([-1])], hidden, opset: "opset6")
        let scaled = graph.operation(
            "Multiply", [("auto_broadcast", "numpy")], [centred, gain], hidden)
        return add(scaled, bias)
    }

    private mutating func add(
        _ a: ModelGraph.Node, _ b: ModelGraph.Node, _ shape: [Int]? = nil
    ) -> ModelGraph.Node {
        graph.operation("Add", [("auto_broadcast", "numpy")], [a, b], shape ?? hidden)
    }

    private mutating func multiply(
        _ a: ModelGraph.Node, _ b: ModelGraph.Node, transposed: Bool, _ shape: [Int]
    ) -> ModelGraph.Node {
        graph.operation(
            "MatMul", [("transpose_a", "false"), ("transpose_b", transposed ? "true" : "false")],
            [a, b], shape)
    }
}
