#ifndef CVECTORKERNELS_H
#define CVECTORKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The instruction sets the scan is written for, slowest first.
enum fuze_kernel {
    FUZE_KERNEL_PORTABLE = 0,
    FUZE_KERNEL_AVX2 = 1,
    FUZE_KERNEL_AVX512_VNNI = 2,
};

/// Whether this processor and operating system can run the kernel.
bool fuze_kernel_is_available(enum fuze_kernel kernel);

/// Scores rows of int8 codes against one int8 query.
///
/// A code is stored as an unsigned byte, its value plus 128, because the dot product instruction
/// takes unsigned × signed; the bias is then one constant for each query (128 × the sum of its
/// codes). `scores[i] = (code · query) × scales[i] × query_scale`, so a NaN scale gives a NaN score.
///
/// - codes: rows × stride bytes, any alignment
/// - stride: bytes a row, a multiple of 64; the query is padded with zeros to that length
/// - scores: room for `rows` results
void fuze_score_rows(
    enum fuze_kernel kernel, const uint8_t *codes, const float *scales, size_t rows, size_t stride,
    const int8_t *query, float query_scale, float *scores);

/// `codes[i] = round(vector[i] × inverse_scale)`; the products must lie within ±127.
void fuze_quantize(const float *vector, size_t count, float inverse_scale, int8_t *codes);

/// The dot product of two float vectors, summed in eight lanes.
float fuze_dot(const float *a, const float *b, size_t count);

#endif
