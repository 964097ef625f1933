#include "kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define VNNI __attribute__((target("avx512f,avx512vnni")))

/// Far enough ahead to cover the way to memory, in bytes.
#define PREFETCH 2048

VNNI static inline __m512i load(const void *bytes) { return _mm512_loadu_si512(bytes); }

/// Four rows at a time: each part of the query is loaded once, and the four chains of
/// accumulation hide the latency of the instruction.
VNNI static void dot_four_rows(
    const uint8_t *codes, size_t stride, const int8_t *query, int32_t *sums) {
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 64) {
        __m512i q = load(query + i);
        const uint8_t *code = codes + i;
        for (size_t row = 0; row < 4; row++)
            _mm_prefetch((const char *)(code + row * stride + PREFETCH), _MM_HINT_T0);
        a = _mm512_dpbusd_epi32(a, load(code), q);
        b = _mm512_dpbusd_epi32(b, load(code + stride), q);
        c = _mm512_dpbusd_epi32(c, load(code + 2 * stride), q);
        d = _mm512_dpbusd_epi32(d, load(code + 3 * stride), q);
    }
    sums[0] = _mm512_reduce_add_epi32(a);
    sums[1] = _mm512_reduce_add_epi32(b);
    sums[2] = _mm512_reduce_add_epi32(c);
    sums[3] = _mm512_reduce_add_epi32(d);
}

VNNI void fuze_dot_rows_avx512_vnni(
    const uint8_t *codes, size_t rows, size_t stride, const int8_t *query, int32_t *sums) {
    size_t row = 0;
    for (; row + 4 <= rows; row += 4)
        dot_four_rows(codes + row * stride, stride, query, sums + row);
    for (; row < rows; row++) {
        __m512i sum = _mm512_setzero_si512();
        for (size_t i = 0; i < stride; i += 64)
            sum = _mm512_dpbusd_epi32(sum, load(codes + row * stride + i), load(query + i));
        sums[row] = _mm512_reduce_add_epi32(sum);
    }
}
#endif
