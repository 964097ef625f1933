#include "kernels.h"

bool fuze_kernel_is_available(enum fuze_kernel kernel) {
    switch (kernel) {
    case FUZE_KERNEL_PORTABLE:
        return true;
#if defined(__x86_64__)
    case FUZE_KERNEL_AVX2:
        return __builtin_cpu_supports("avx2");
    case FUZE_KERNEL_AVX512_VNNI:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni");
#endif
    default:
        return false;
    }
}

static fuze_dot_rows *dot_rows(enum fuze_kernel kernel) {
    switch (kernel) {
#if defined(__x86_64__)
    case FUZE_KERNEL_AVX2:
        return fuze_dot_rows_avx2;
    case FUZE_KERNEL_AVX512_VNNI:
        return fuze_dot_rows_avx512_vnni;
#endif
    default:
        return fuze_dot_rows_portable;
    }
}

/// Rows scored between two conversions to float; the sums stay in the first-level cache.
#define TILE 256

void fuze_score_rows(
    enum fuze_kernel kernel, const uint8_t *codes, const float *scales, size_t rows, size_t stride,
    const int8_t *query, float query_scale, float *scores) {
    fuze_dot_rows *dot = dot_rows(kernel);
    int32_t bias = 0;
    for (size_t i = 0; i < stride; i++) bias += query[i];
    bias *= 128;

    int32_t sums[TILE];
    for (size_t start = 0; start < rows; start += TILE) {
        size_t count = rows - start < TILE ? rows - start : TILE;
        dot(codes + start * stride, count, stride, query, sums);
        for (size_t i = 0; i < count; i++)
            scores[start + i] = (float)(sums[i] - bias) * scales[start + i] * query_scale;
    }
}

void fuze_quantize(const float *vector, size_t count, float inverse_scale, int8_t *codes) {
    for (size_t i = 0; i < count; i++) {
        float value = vector[i] * inverse_scale;
        codes[i] = (int8_t)(int32_t)(value + (value < 0 ? -0.5f : 0.5f));
    }
}

float fuze_dot(const float *a, const float *b, size_t count) {
    float lanes[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t lane = 0; lane < 8; lane++) lanes[lane] += a[i + lane] * b[i + lane];
    float sum = 0;
    for (; i < count; i++) sum += a[i] * b[i];
    for (size_t lane = 0; lane < 8; lane++) sum += lanes[lane];
    return sum;
}
