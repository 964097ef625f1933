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

/// e^x by 2^n · 2^f with a fifth-degree Taylor polynomial in f·ln 2, |f| ≤ ½ (error below 3e-6).
static inline __m512 exp512(__m512 x) {
    __m512 t = _mm512_mul_ps(_mm512_max_ps(x, _mm512_set1_ps(-87)), _mm512_set1_ps(1.44269504f));
    __m512 n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 f = _mm512_mul_ps(_mm512_sub_ps(t, n), _mm512_set1_ps(0.69314718f));
    __m512 p = _mm512_set1_ps(1.f / 120);
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.f / 24));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1.f / 6));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(0.5f));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
    p = _mm512_fmadd_ps(p, f, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, n);
}

/// x/2 · (1 + erf(x/√2)); erf by Abramowitz & Stegun 7.1.26 (error below 1.5e-7).
static inline __m512 gelu512(__m512 x) {
    __m512 z = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.70710678f));
    __m512 d = _mm512_fmadd_ps(z, _mm512_set1_ps(0.3275911f), _mm512_set1_ps(1));
    __m512 t = _mm512_rcp14_ps(d);
    t = _mm512_mul_ps(t, _mm512_fnmadd_ps(d, t, _mm512_set1_ps(2)));
    __m512 p = _mm512_set1_ps(1.061405429f);
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-1.453152027f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(1.421413741f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(-0.284496736f));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(0.254829592f));
    __m512 tail = _mm512_mul_ps(
        _mm512_mul_ps(p, t), exp512(_mm512_sub_ps(_mm512_setzero_ps(), _mm512_mul_ps(z, z))));
    // x/2 · (1 + sign(x) · (1 - tail)) = max(x, 0) - |x|/2 · tail
    __m512 half = _mm512_mul_ps(_mm512_abs_ps(x), _mm512_set1_ps(0.5f));
    return _mm512_fnmadd_ps(half, tail, _mm512_max_ps(x, _mm512_setzero_ps()));
}

AMX_END

#endif
