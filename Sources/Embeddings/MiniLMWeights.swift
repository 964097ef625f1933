/// The names and shapes of all-MiniLM-L6-v2's tensors (`BertModel` of HuggingFace).
enum MiniLM {
    static let width = 384
    static let layers = 6
    static let heads = 12
    static let inner = 1536
    static let vocabulary = 30522
    static let positions = 512
    static let normEpsilon = 1e-12

    static let words = (name: "embeddings.word_embeddings.weight", shape: [vocabulary, width])
    static let places = (name: "embeddings.position_embeddings.weight", shape: [positions, width])
    static let types = (name: "embeddings.token_type_embeddings.weight", shape: [2, width])
    static let embeddingNorm = "embeddings.LayerNorm"

    static func layer(_ index: Int, _ part: String) -> String { "encoder.layer.\(index).\(part)" }
}
