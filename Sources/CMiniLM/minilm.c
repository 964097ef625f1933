#include "internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

int minilm_supported(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    // AVX-512 F, DQ, BW, VL; AMX-BF16 and AMX-TILE; AVX512-BF16 (CPUID leaf 7).
    const unsigned wide = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31, tiles = 1u << 22 | 1u << 24;
    if ((b & wide) != wide || (d & tiles) != tiles) return 0;
    __cpuid_count(7, 1, a, b, c, d);
    if (!(a & 1u << 5)) return 0;
    __cpuid(1, a, b, c, d);
    if (!(c & 1u << 27)) return 0;
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    // State kept by the system: SSE, AVX, AVX-512 (three parts), tile configuration and data.
    if ((low & 0x600e6) != 0x600e6) return 0;
#if defined(__linux__)
    const long request_permission = 0x1023, tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return 0;
#endif
}

AMX_BEGIN

static bf16 narrow(float v) {
    return (bf16)_mm_cvtsi128_si32((__m128i)_mm_cvtneps_pbh(_mm_set_ss(v)));
}

/// Packs rows (outputs) into tiles of 16 outputs × 32 inputs, input pairs side by side.
static void pack(bf16 *packed, const float *weight, size_t width, size_t depth, float scale) {
    for (size_t n = 0; n < width; n += TILE)
        for (size_t k = 0; k < depth; k += 32)
            for (size_t pair = 0; pair < TILE; pair++)
                for (size_t column = 0; column < TILE; column++, packed += 2) {
                    const float *from = weight + (n + column) * depth + k + 2 * pair;
                    packed[0] = narrow(from[0] * scale);
                    packed[1] = narrow(from[1] * scale);
                }
}

static norm norm_from(const float *gain, const float *bias) {
    norm n;
    memcpy(n.gain, gain, sizeof n.gain);
    memcpy(n.bias, bias, sizeof n.bias);
    return n;
}

/// Takes the next `width` × `depth` weight and its bias from the model's one block of memory.
static linear carve(char **memory, size_t width, size_t depth) {
    linear l = {.weight = (bf16 *)*memory};
    *memory += width * depth * sizeof(bf16);
    l.bias = (float *)*memory;
    *memory += width * sizeof(float);
    return l;
}

static void fill(
    linear l, const float *weight, const float *bias, size_t width, size_t depth, size_t at,
    float scale) {
    pack(l.weight + at * depth, weight, width, depth, scale);
    for (size_t i = 0; i < width; i++) l.bias[at + i] = bias[i] * scale;
}

static layer layer_from(const minilm_layer *from, char **memory) {
    layer l = {
        .qkv = carve(memory, QKV, MINILM_WIDTH),
        .output = carve(memory, MINILM_WIDTH, MINILM_WIDTH),
        .expand = carve(memory, MINILM_INNER, MINILM_WIDTH),
        .contract = carve(memory, MINILM_WIDTH, MINILM_INNER),
        .output_norm = norm_from(from->output_norm, from->output_norm_bias),
        .final_norm = norm_from(from->final_norm, from->final_norm_bias),
    };
    const size_t w = MINILM_WIDTH;
    // Attention divides its scores by √HEAD; the queries carry that already.
    fill(l.qkv, from->query, from->query_bias, w, w, 0, 1 / sqrtf(HEAD));
    fill(l.qkv, from->key, from->key_bias, w, w, w, 1);
    fill(l.qkv, from->value, from->value_bias, w, w, 2 * w, 1);
    fill(l.output, from->output, from->output_bias, w, w, 0, 1);
    fill(l.expand, from->expand, from->expand_bias, MINILM_INNER, w, 0, 1);
    fill(l.contract, from->contract, from->contract_bias, w, MINILM_INNER, 0, 1);
    return l;
}

minilm *minilm_create(minilm_embeddings embeddings, const minilm_layer *layers) {
    const size_t w = MINILM_WIDTH, columns = QKV + w + MINILM_INNER + w;
    const size_t weights = (QKV * w + w * w + 2 * MINILM_INNER * w) * sizeof(bf16);
    minilm *model = calloc(1, sizeof *model);
    if (!model) return NULL;
    model->memory = aligned_alloc(64, MINILM_LAYERS * (weights + columns * sizeof(float)));
    if (!model->memory) {
        free(model);
        return NULL;
    }
    model->tables = embeddings;
    model->norm = norm_from(embeddings.norm, embeddings.norm_bias);
    char *memory = model->memory;
    for (int i = 0; i < MINILM_LAYERS; i++) model->layers[i] = layer_from(layers + i, &memory);
    return model;
}

void minilm_free(minilm *model) {
    if (!model) return;
    free(model->memory);
    free(model);
}

minilm_session *minilm_session_create(void) { return calloc(1, sizeof(minilm_session)); }

void minilm_session_free(minilm_session *session) { free(session); }

/// Layer normalisation of one residual row in place, with a bf16 copy for the next product.
static void normalise(float *residual, bf16 *copy, const norm *n) {
    const __m512 zero = _mm512_setzero_ps();
    __m512 sum = zero, squares = zero;
    for (size_t i = 0; i < MINILM_WIDTH; i += TILE)
        sum = _mm512_add_ps(sum, _mm512_loadu_ps(residual + i));
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(sum) / MINILM_WIDTH);
    for (size_t i = 0; i < MINILM_WIDTH; i += TILE) {
        __m512 v = _mm512_sub_ps(_mm512_loadu_ps(residual + i), mean);
        squares = _mm512_fmadd_ps(v, v, squares);
    }
    const float variance = _mm512_reduce_add_ps(squares) / MINILM_WIDTH;
    const __m512 scale = _mm512_set1_ps(1 / sqrtf(variance + 1e-12f));
    for (size_t i = 0; i < MINILM_WIDTH; i += TILE) {
        __m512 v = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(residual + i), mean), scale);
        v = _mm512_fmadd_ps(v, _mm512_loadu_ps(n->gain + i), _mm512_loadu_ps(n->bias + i));
        _mm512_storeu_ps(residual + i, v);
        store_bf16(copy + i, v);
    }
}

static void normalise_rows(minilm_session *s, size_t rows, const norm *n) {
    for (size_t row = 0; row < rows; row++)
        normalise(s->residual + row * MINILM_WIDTH, s->input + row * MINILM_WIDTH, n);
}

static void look_up(
    const minilm *m, minilm_session *s, const int32_t *ids, const int32_t *lengths, size_t count) {
    float *row = s->residual;
    for (size_t i = 0; i < count; i++)
        for (int32_t position = 0; position < lengths[i]; position++, row += MINILM_WIDTH) {
            const float *word = m->tables.words + (size_t)*ids++ * MINILM_WIDTH;
            const float *place = m->tables.positions + (size_t)position * MINILM_WIDTH;
            for (size_t c = 0; c < MINILM_WIDTH; c++) row[c] = word[c] + place[c] + m->tables.type[c];
        }
}

static void apply(
    const layer *l, minilm_session *s, const int32_t *lengths, size_t count, size_t rows) {
    const size_t w = MINILM_WIDTH;
    minilm_linear(s, s->input, &l->qkv, rows, w, QKV, STORE, s->qkv);
    for (size_t i = 0, start = 0; i < count; start += (size_t)lengths[i++])
        minilm_attention(s, start, (size_t)lengths[i]);
    minilm_linear(s, s->context, &l->output, rows, w, w, ADD_TO_RESIDUAL, NULL);
    normalise_rows(s, rows, &l->output_norm);
    minilm_linear(s, s->input, &l->expand, rows, w, MINILM_INNER, STORE_GELU, s->inner);
    minilm_linear(s, s->inner, &l->contract, rows, MINILM_INNER, w, ADD_TO_RESIDUAL, NULL);
    normalise_rows(s, rows, &l->final_norm);
}

/// The mean of a sequence's rows, brought to length one.
static void pool(const float *rows, size_t length, float *vector) {
    memset(vector, 0, MINILM_WIDTH * sizeof *vector);
    for (size_t r = 0; r < length; r++)
        for (size_t c = 0; c < MINILM_WIDTH; c++) vector[c] += rows[r * MINILM_WIDTH + c];
    float squares = 0;
    for (size_t c = 0; c < MINILM_WIDTH; c++) squares += vector[c] * vector[c];
    const float scale = squares > 0 ? 1 / sqrtf(squares) : 0;
    for (size_t c = 0; c < MINILM_WIDTH; c++) vector[c] *= scale;
}

void minilm_encode(
    const minilm *model, minilm_session *s, const int32_t *ids, const int32_t *lengths,
    size_t count, float *vectors) {
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) rows += (size_t)lengths[i];
    const size_t padded = (rows + 31) / 32 * 32;
    // Rows of an earlier batch must not carry into this one, not even as padding.
    memset(s->residual + rows * MINILM_WIDTH, 0, (padded - rows) * MINILM_WIDTH * sizeof(float));
    memset(s->context + rows * MINILM_WIDTH, 0, (padded - rows) * MINILM_WIDTH * sizeof(bf16));
    look_up(model, s, ids, lengths, count);
    normalise_rows(s, padded, &model->norm);
    minilm_tiles_begin();
    for (int i = 0; i < MINILM_LAYERS; i++) apply(model->layers + i, s, lengths, count, padded);
    minilm_tiles_end();
    for (size_t i = 0, start = 0; i < count; start += (size_t)lengths[i++])
        pool(s->residual + start * MINILM_WIDTH, (size_t)lengths[i], vectors + i * MINILM_WIDTH);
}

AMX_END

#else

int minilm_supported(void) { return 0; }
minilm *minilm_create(minilm_embeddings embeddings, const minilm_layer *layers) { return NULL; }
void minilm_free(minilm *model) {}
minilm_session *minilm_session_create(void) { return NULL; }
void minilm_session_free(minilm_session *session) {}
void minilm_encode(
    const minilm *model, minilm_session *session, const int32_t *ids, const int32_t *lengths,
    size_t count, float *vectors) {}

#endif
