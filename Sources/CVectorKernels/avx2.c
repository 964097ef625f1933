#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i widen_codes(const uint8_t *codes) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)codes));
}

AVX2 static inline __m256i widen_query(const int8_t *query) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)query));
}

AVX2 static inline __m256i accumulate(__m256i sum, const uint8_t *codes, __m256i query) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(widen_codes(codes), query));
}

AVX2 static inline int32_t horizontal_sum(__m256i v) {
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
    return _mm_cvtsi128_si32(sum);
}

/// `vpmaddubsw` would saturate at 16 bits (255 × 127 × 2), so both sides are widened first; four
/// rows share the widened query.
AVX2 static void dot_four_rows(
    const uint8_t *codes, size_t stride, const int8_t *query, int32_t *sums) {
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 16) {
        __m256i q = widen_query(query + i);
        a = accumulate(a, codes + i, q);
        b = accumulate(b, codes + stride + i, q);
        c = accumulate(c, codes + 2 * stride + i, q);
        d = accumulate(d, codes + 3 * stride + i, q);
    }
    sums[0] = horizontal_sum(a);
    sums[1] = horizontal_sum(b);
    sums[2] = horizontal_sum(c);
    sums[3] = horizontal_sum(d);
}

AVX2 void fuze_dot_rows_avx2(
    const uint8_t *codes, size_t rows, size_t stride, const int8_t *query, int32_t *sums) {
    size_t row = 0;
    for (; row + 4 <= rows; row += 4)
        dot_four_rows(codes + row * stride, stride, query, sums + row);
    for (; row < rows; row++) {
        __m256i sum = _mm256_setzero_si256();
        for (size_t i = 0; i < stride; i += 16)
            sum = accumulate(sum, codes + row * stride + i, widen_query(query + i));
        sums[row] = horizontal_sum(sum);
    }
}
#endif
