#include "kernels.h"

void fuze_dot_rows_portable(
    const uint8_t *codes, size_t rows, size_t stride, const int8_t *query, int32_t *sums) {
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *code = codes + row * stride;
        int32_t sum = 0;
        for (size_t i = 0; i < stride; i++) sum += (int32_t)code[i] * (int32_t)query[i];
        sums[row] = sum;
    }
}
