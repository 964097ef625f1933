import CVectorKernels

/// The dot product of two vectors: of unit vectors, their cosine. Where one is longer, its rest does
/// not count.
public func dotProduct(_ a: [Float], _ b: [Float]) -> Float { fuze_dot(a, b, min(a.count, b.count)) }
