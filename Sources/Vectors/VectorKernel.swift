import CVectorKernels

/// The instruction set that scans codes; all give the same sums, only the speed differs.
public enum VectorKernel: String, CaseIterable, Sendable {
    case portable, avx2, avx512vnni

    /// The fastest that this processor can run, asked once.
    public static let best = allCases.last(where: \.isAvailable) ?? .portable

    public var isAvailable: Bool { fuze_kernel_is_available(code) }

    private var code: fuze_kernel {
        switch self {
        case .portable: FUZE_KERNEL_PORTABLE
        case .avx2: FUZE_KERNEL_AVX2
        case .avx512vnni: FUZE_KERNEL_AVX512_VNNI
        }
    }

    /// Scores `scores.count` rows of a block from `row` on against the query.
    func score(
        _ block: CodeBlock, from row: Int = 0, against query: QuantizedVector,
        into scores: UnsafeMutableBufferPointer<Float>
    ) {
        let stride = query.codes.count
        block.codes.withUnsafeBufferPointer { codes in
            block.scales.withUnsafeBufferPointer { scales in
                guard let codes = codes.baseAddress, let scales = scales.baseAddress,
                    let scores = scores.baseAddress.map({ ($0, scores.count) })
                else { return }
                fuze_score_rows(
                    code, codes + row * stride, scales + row, scores.1, stride, query.codes,
                    query.scale, scores.0)
            }
        }
    }
}
