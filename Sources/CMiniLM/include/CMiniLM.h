#pragma once

#include <stddef.h>
#include <stdint.h>

/// all-MiniLM-L6-v2 in bfloat16 on Intel AMX tiles: a six-layer BERT with 384 dimensions and 12 heads,
/// whose sequences lie one after the other without padding.
///
/// Written for this one architecture because general runtimes read the tile palette from CPUID leaf
/// 0x1D, which some virtual machines hide, and then die of an illegal instruction.

enum {
    MINILM_WIDTH = 384,
    MINILM_LAYERS = 6,
    MINILM_HEADS = 12,
    MINILM_INNER = 1536,
    MINILM_MAX_TOKENS = 512,
    MINILM_MAX_LENGTH = 256,
};

/// The f32 parameters of one layer; matrices are row-major, one row per output.
typedef struct {
    const float *_Nonnull query, *_Nonnull query_bias;
    const float *_Nonnull key, *_Nonnull key_bias;
    const float *_Nonnull value, *_Nonnull value_bias;
    const float *_Nonnull output, *_Nonnull output_bias;
    const float *_Nonnull output_norm, *_Nonnull output_norm_bias;
    const float *_Nonnull expand, *_Nonnull expand_bias;
    const float *_Nonnull contract, *_Nonnull contract_bias;
    const float *_Nonnull final_norm, *_Nonnull final_norm_bias;
} minilm_layer;

/// The model's f32 parameters. The three embedding tables are read during every encoding and must
/// outlive the model; everything else is copied.
typedef struct {
    const float *_Nonnull words, *_Nonnull positions, *_Nonnull type;
    const float *_Nonnull norm, *_Nonnull norm_bias;
} minilm_embeddings;

typedef struct minilm minilm;
typedef struct minilm_session minilm_session;

/// 1 where this process may use AMX bfloat16 tiles (asks the kernel for the permission), else 0.
int minilm_supported(void);

/// Packs the parameters (21 MB). NULL without memory. Only where `minilm_supported`.
minilm *_Nullable minilm_create(
    minilm_embeddings embeddings, const minilm_layer *_Nonnull layers);
void minilm_free(minilm *_Nullable model);

/// The working memory of one thread (about 5 MB, touched as needed). NULL without memory.
minilm_session *_Nullable minilm_session_create(void);
void minilm_session_free(minilm_session *_Nullable session);

/// Writes `count` unit vectors of 384 floats. `ids` holds the sequences one after the other; their
/// `lengths` are 1...256 and sum to at most 512, ids must lie within the vocabulary.
void minilm_encode(
    const minilm *_Nonnull model, minilm_session *_Nonnull session, const int32_t *_Nonnull ids,
    const int32_t *_Nonnull lengths, size_t count, float *_Nonnull vectors);
