import CVectorKernels

/// A float vector as int8 codes with one scale: `x[i] ≈ codes[i] × scale`.
///
/// With 384 dimensions the error of a dot product of unit vectors stays near 0.003, far below the
/// distance between the 10th and the 40th neighbour; rescoring in float restores the exact order.
struct QuantizedVector: Sendable {
    /// −127…127, padded with zeros to the stride.
    let codes: [Int8]
    let scale: Float

    init(_ vector: [Float], stride: Int) {
        var largest: Float = 0
        var isFinite = true
        for value in vector {
            largest = max(largest, abs(value))
            isFinite = isFinite && value.isFinite
        }
        let scale = largest / 127
        // A subnormal scale has no finite inverse; such a vector, and one with a NaN or an
        // infinity, has no direction to compare and scores zero.
        let hasDirection = isFinite && scale.isNormal
        self.scale = hasDirection ? scale : 0
        let inverse = 1 / scale
        codes = [Int8](unsafeUninitializedCapacity: stride) { buffer, count in
            buffer.initialize(repeating: 0)
            count = stride
            guard hasDirection else { return }
            fuze_quantize(vector, vector.count, inverse, buffer.baseAddress)
        }
    }

    /// Bytes a row: whole 64-byte registers.
    static func stride(dimensions: Int) -> Int { (dimensions + 63) / 64 * 64 }
}
