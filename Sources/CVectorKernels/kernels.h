#ifndef FUZE_KERNELS_H
#define FUZE_KERNELS_H

#include "CVectorKernels.h"

/// The inner loop of one instruction set: `sums[i]` = stored (biased) codes of row i · query.
typedef void fuze_dot_rows(
    const uint8_t *codes, size_t rows, size_t stride, const int8_t *query, int32_t *sums);

fuze_dot_rows fuze_dot_rows_portable;

#if defined(__x86_64__)
fuze_dot_rows fuze_dot_rows_avx2;
fuze_dot_rows fuze_dot_rows_avx512_vnni;
#endif

#endif
