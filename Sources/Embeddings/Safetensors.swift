import FoundationEssentials

/// The table of contents of a `.safetensors` file: an 8-byte little-endian length, that many bytes of
/// JSON, then the tensors.
struct Safetensors: Sendable {
    struct Tensor: Sendable, Equatable {
        var shape: [Int]
        /// Bytes from the beginning of the file.
        var offset: Int
        var byteCount: Int
    }

    let file: String
    private let tensors: [String: Tensor]

    private struct Entry: Decodable {
        var dtype: String?
        var shape: [Int]?
        var data_offsets: [Int]?
    }

    init(_ mapped: MappedFile, file: String) throws(EmbeddingFailure) {
        self.file = file
        let size = mapped.fileSize
        guard size > 8 else { throw .damaged(file: file, reason: "it is too short") }
        let length = mapped.bytes.loadUnaligned(as: UInt64.self).littleEndian
        guard length <= UInt64(size - 8) else {
            throw .damaged(file: file, reason: "its header is longer than the file")
        }
        let start = 8 + Int(length)
        let header = Data(mapped.bytes[8..<start])
        guard let entries = try? JSONDecoder().decode([String: Entry].self, from: header) else {
            throw .damaged(file: file, reason: "its header is not JSON")
        }
        var tensors: [String: Tensor] = [:]
        for (name, entry) in entries {
            guard entry.dtype == "F32", let shape = entry.shape, let range = entry.data_offsets,
                range.count == 2, range[0] >= 0, range[1] >= range[0], range[1] <= size - start,
                range[0] % 4 == 0, start % 4 == 0
            else { continue }
            tensors[name] = Tensor(
                shape: shape, offset: start + range[0], byteCount: range[1] - range[0])
        }
        self.tensors = tensors
    }

    /// The f32 tensor of that name, which must have exactly this shape.
    func tensor(_ name: String, _ shape: [Int]) throws(EmbeddingFailure) -> Tensor {
        guard let tensor = tensors[name], tensor.shape == shape,
            tensor.byteCount == shape.reduce(4, *)
        else {
            throw .damaged(file: file, reason: "it has no f32 tensor \(name) of shape \(shape)")
        }
        return tensor
    }
}
