#include "internal.h"

#include <string.h>

#if defined(__x86_64__)

AMX_BEGIN

/// Brings one head's keys (as the transposed right factor of Q·Kᵀ) and values (right factor of P·V)
/// into the order in which AMX reads a right factor: pairs of rows side by side.
static void pack(
    minilm_session *s, const bf16 *keys, const bf16 *values, size_t length, size_t padded) {
    for (size_t k = 0; k < padded; k++) {
        size_t tile = k / TILE * TILE * HEAD;
        for (size_t pair = 0; pair < HEAD / 2; pair++) {
            uint32_t two = 0;
            if (k < length) memcpy(&two, keys + k * QKV + 2 * pair, sizeof two);
            memcpy(s->keys + tile + pair * 32 + k % TILE * 2, &two, sizeof two);
        }
    }
    const __m256i zero = _mm256_setzero_si256();
    for (size_t k = 0; k < padded; k += 2) {
        for (size_t half = 0; half < HEAD / TILE; half++) {
            const bf16 *from = values + k * QKV + half * TILE;
            __m256i even = k < length ? _mm256_loadu_si256((const __m256i *)from) : zero;
            __m256i odd = k + 1 < length ? _mm256_loadu_si256((const __m256i *)(from + QKV)) : zero;
            __m512i pairs = _mm512_or_si512(
                _mm512_cvtepu16_epi32(even), _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16));
            size_t tile = (k / 32 * 2 + half) * 512;
            _mm512_storeu_si512(s->values + tile + k % 32 / 2 * 32, pairs);
        }
    }
}

/// Turns a row of scores into bf16 e^(score - maximum), zero beyond `length`; returns 1 / their sum.
static float soften(const float *scores, bf16 *shares, size_t length, size_t padded) {
    __m512 top = _mm512_set1_ps(-3e38f), sum = _mm512_setzero_ps();
    for (size_t k = 0; k < length; k += TILE) {
        __mmask16 valid = length - k < TILE ? (__mmask16)((1u << (length - k)) - 1) : 0xffff;
        top = _mm512_mask_max_ps(top, valid, top, _mm512_loadu_ps(scores + k));
    }
    top = _mm512_set1_ps(_mm512_reduce_max_ps(top));
    for (size_t k = 0; k < padded; k += TILE) {
        __mmask16 valid = k >= length ? 0
            : length - k < TILE ? (__mmask16)((1u << (length - k)) - 1) : 0xffff;
        __m512 e = _mm512_maskz_mov_ps(
            valid, exp512(_mm512_sub_ps(_mm512_loadu_ps(scores + k), top)));
        sum = _mm512_add_ps(sum, e);
        store_bf16(shares + k, e);
    }
    return 1 / _mm512_reduce_add_ps(sum);
}

static void attend(
    minilm_session *s, const bf16 *queries, bf16 *context, size_t rows, size_t length,
    size_t padded) {
    _tile_loadd(4, queries, QKV * sizeof(bf16));
    for (size_t k = 0; k < padded; k += 32) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_loadd(6, s->keys + k * HEAD, 64);
        _tile_loadd(7, s->keys + (k + TILE) * HEAD, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_stored(0, s->scores + k, padded * sizeof(float));
        _tile_stored(1, s->scores + k + TILE, padded * sizeof(float));
    }
    float scale[TILE];
    for (size_t r = 0; r < TILE; r++)
        scale[r] = soften(s->scores + r * padded, s->shares + r * padded, length, padded);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t k = 0; k < padded; k += 32) {
        _tile_loadd(5, s->shares + k, padded * sizeof(bf16));
        _tile_loadd(6, s->values + k * HEAD, 64);
        _tile_loadd(7, s->values + k * HEAD + 512, 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(2, s->block, 128);
    _tile_stored(3, s->block + TILE, 128);
    for (size_t r = 0; r < rows; r++) {
        for (size_t half = 0; half < HEAD; half += TILE) {
            __m512 v = _mm512_loadu_ps(s->block + r * 32 + half);
            store_bf16(
                context + r * MINILM_WIDTH + half, _mm512_mul_ps(v, _mm512_set1_ps(scale[r])));
        }
    }
}

void minilm_attention(minilm_session *s, size_t start, size_t length) {
    size_t padded = (length + 31) / 32 * 32;
    for (size_t head = 0; head < MINILM_HEADS; head++) {
        const bf16 *rows = s->qkv + start * QKV + head * HEAD;
        pack(s, rows + MINILM_WIDTH, rows + 2 * MINILM_WIDTH, length, padded);
        for (size_t row = 0; row < length; row += TILE) {
            size_t count = length - row < TILE ? length - row : TILE;
            attend(
                s, rows + row * QKV, s->context + (start + row) * MINILM_WIDTH + head * HEAD, count,
                length, padded);
        }
    }
}

AMX_END

#endif
