#include "internal.h"

#if defined(__x86_64__)

AMX_BEGIN

void minilm_tiles_begin(void) {
    // Palette 1: eight tiles of 16 rows of 64 bytes.
    struct {
        uint8_t palette, start_row, reserved[14];
        uint16_t bytes[16];
        uint8_t rows[16];
    } __attribute__((aligned(64))) configuration = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        configuration.bytes[tile] = 64;
        configuration.rows[tile] = 16;
    }
    _tile_loadconfig(&configuration);
}

void minilm_tiles_end(void) { _tile_release(); }

/// Four tiles: 32 rows of `input` times 32 columns of the weight, summed in f32.
static void product(
    const bf16 *input, const bf16 *weight, size_t depth, float block[static 32 * 32]) {
    const bf16 *low = input + TILE * depth, *right = weight + TILE * depth;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t k = 0; k < depth; k += 32) {
        _tile_loadd(4, input + k, depth * sizeof(bf16));
        _tile_loadd(6, weight + k * TILE, 64);
        _tile_loadd(7, right + k * TILE, 64);
        _tile_loadd(5, low + k, depth * sizeof(bf16));
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, block, 128);
    _tile_stored(1, block + TILE, 128);
    _tile_stored(2, block + TILE * 32, 128);
    _tile_stored(3, block + TILE * 32 + TILE, 128);
}

/// Adds the bias, does what comes then, and puts the block in its place.
static inline void finish(
    minilm_session *s, const float *bias, size_t at, size_t width, epilogue then, bf16 *output) {
    const __m512 biases[2] = {_mm512_loadu_ps(bias), _mm512_loadu_ps(bias + TILE)};
    for (size_t r = 0; r < 32; r++, at += width) {
        for (size_t half = 0; half < 2; half++) {
            __m512 v = _mm512_loadu_ps(s->block + r * 32 + half * TILE);
            v = _mm512_add_ps(v, biases[half]);
            if (then == ADD_TO_RESIDUAL) {
                float *target = s->residual + at + half * TILE;
                _mm512_storeu_ps(target, _mm512_add_ps(v, _mm512_loadu_ps(target)));
            } else {
                store_bf16(output + at + half * TILE, then == STORE_GELU ? gelu512(v) : v);
            }
        }
    }
}

void minilm_linear(
    minilm_session *s, const bf16 *input, const linear *l, size_t rows, size_t depth, size_t width,
    epilogue then, bf16 *output) {
    for (size_t column = 0; column < width; column += 32) {
        for (size_t row = 0; row < rows; row += 32) {
            product(input + row * depth, l->weight + column * depth, depth, s->block);
            finish(s, l->bias + column, row * width + column, width, then, output);
        }
    }
}

AMX_END

#endif
