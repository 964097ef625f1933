#pragma once

#include "CMiniLM.h"

#if defined(__x86_64__)
#include <immintrin.h>

/// All code between AMX_BEGIN and AMX_END is compiled for processors with AMX; `minilm_supported` guards
/// its callers.
#define AMX_BEGIN                                                                                  \
    _Pragma("clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma,amx-tile,amx-bf16\"))), apply_to = function)")
#define AMX_END _Pragma("clang attribute pop")

typedef uint16_t bf16;

enum {
    HEAD = MINILM_WIDTH / MINILM_HEADS,
    QKV = 3 * MINILM_WIDTH,
    TILE = 16,
    /// Rows a tile load may read beyond the last token.
    ROWS = MINILM_MAX_TOKENS + 32,
};

typedef struct {
    bf16 *weight;
    float *bias;
} linear;

typedef struct {
    float gain[MINILM_WIDTH], bias[MINILM_WIDTH];
} norm;

typedef struct {
    linear qkv, output, expand, contract;
    norm output_norm, final_norm;
} layer;

struct minilm {
    minilm_embeddings tables;
    norm norm;
    layer layers[MINILM_LAYERS];
    void *memory;
};

/// Activations; every row is one token.
struct minilm_session {
    float residual[ROWS * MINILM_WIDTH];
    bf16 input[ROWS * MINILM_WIDTH];
    bf16 qkv[ROWS * QKV];
    bf16 context[ROWS * MINILM_WIDTH];
    bf16 inner[ROWS * MINILM_INNER];

    // One head of one sequence: keys and values in tile order, a block of 16 queries against all keys.
    bf16 keys[MINILM_MAX_LENGTH * HEAD];
    bf16 values[MINILM_MAX_LENGTH * HEAD];
    float scores[TILE * MINILM_MAX_LENGTH];
    bf16 shares[TILE * MINILM_MAX_LENGTH];
    float block[32 * 32];
};

void minilm_tiles_begin(void);
void minilm_tiles_end(void);

/// What becomes of `input · weight + bias`.
typedef enum { STORE, STORE_GELU, ADD_TO_RESIDUAL } epilogue;

/// `rows` (rounded up to 32) × `depth` times the packed weight; `output` has `width` columns.
void minilm_linear(
    minilm_session *s, const bf16 *input, const linear *l, size_t rows, size_t depth, size_t width,
    epilogue then, bf16 *output);

/// Self-attention within one sequence of `length` tokens starting at row `start`.
void minilm_attention(minilm_session *s, size_t start, size_t length);

AMX_BEGIN

static inline __m512 load_bf16(const bf16 *p) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
}

static inline void store_bf16(bf16 *p, __m512 v) {
    _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(v));
}

/// e^x by 2^n · 2^f with a fourth-degree Taylor polynomial in f·ln 2, |f| ≤ ½ (relative error below 5e-5,
/// a hundredth of what bf16 resolves).
static inline __m512 exp512(__m512 x) {
    __m512 t = _mm512_mul_ps(_mm512_max_ps(x, _mm512_set1_ps(-87)), _mm512_set1_ps(1.44269504f));
    __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 f = _mm512_mul_ps(_mm512_sub_ps(t, n), _mm512_set1_ps(0.69314718f));
    __m512 p = _mm512_set1_ps(1.f / 24);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.f / 6));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, n);
}

/// x · Φ(x), with Φ(x) - ½ as an odd polynomial fitted to least greatest error over |x| ≤ 4 (4e-5, a
/// hundredth of what bf16 resolves near 1) and constant beyond.
static inline __m512 gelu512(__m512 x) {
    __m512 z = _mm512_min_ps(_mm512_max_ps(x, _mm512_set1_ps(-4)), _mm512_set1_ps(4));
    __m512 u = _mm512_mul_ps(z, z);
    __m512 p = _mm512_set1_ps(-1.3012823e-9f);
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(1.0419530e-7f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(-3.6571141e-6f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(7.4854803e-5f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(-1.0064887e-3f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(9.5053917e-3f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(-6.5887831e-2f));
    p = _mm512_fmadd_ps(p, u, _mm512_set1_ps(3.9867339e-1f));
    return _mm512_mul_ps(x, _mm512_fmadd_ps(p, z, _mm512_set1_ps(0.5f)));
}

AMX_END

#endif
