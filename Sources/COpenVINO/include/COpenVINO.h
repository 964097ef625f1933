#pragma once

#include <stddef.h>
#include <stdint.h>

/// The part of OpenVINO's C API that sentence embedding uses, found at run time with dlopen, so that
/// neither building nor starting needs the library.
///
/// Types, argument order and enumeration values follow the headers `openvino/c/ov_*.h` of 2026.4.
/// Every opaque `ov_…_t *` is a `void *` here; a status of 0 is success.

typedef int ov_status;

enum { OV_ELEMENT_F32 = 4, OV_ELEMENT_I32 = 9, OV_ELEMENT_U8 = 16 };

/// Dimensions belong to the caller and are copied during each call.
typedef struct {
    int64_t rank;
    int64_t *_Nullable dims;
} ov_shape;

/// A property of a device or a compiled model; both strings are NUL-terminated.
typedef struct {
    const char *_Nonnull key;
    const void *_Nonnull value;
} ov_property;

typedef struct {
    const char *_Nullable build_number;
    const char *_Nullable description;
} ov_version;

typedef struct {
    ov_status (*_Nonnull get_openvino_version)(ov_version *_Nonnull version);
    void (*_Nonnull version_free)(ov_version *_Nonnull version);
    const char *_Nullable (*_Nonnull get_last_err_msg)(void);
    void (*_Nonnull free_text)(const char *_Nullable text);

    ov_status (*_Nonnull core_create)(void *_Nullable *_Nonnull core);
    void (*_Nonnull core_free)(void *_Nullable core);
    ov_status (*_Nonnull core_get_property)(
        const void *_Nonnull core, const char *_Nonnull device, const char *_Nonnull key,
        char *_Nullable *_Nonnull value);
    ov_status (*_Nonnull core_read_model_from_memory_buffer)(
        const void *_Nonnull core, const char *_Nonnull text, size_t text_size,
        const void *_Nullable weights, void *_Nullable *_Nonnull model);
    ov_status (*_Nonnull core_compile_model_props)(
        const void *_Nonnull core, const void *_Nonnull model, const char *_Nonnull device,
        size_t property_count, const ov_property *_Nullable properties,
        void *_Nullable *_Nonnull compiled);
    void (*_Nonnull model_free)(void *_Nullable model);

    ov_status (*_Nonnull compiled_model_create_infer_request)(
        const void *_Nonnull compiled, void *_Nullable *_Nonnull request);
    void (*_Nonnull compiled_model_free)(void *_Nullable compiled);

    ov_status (*_Nonnull infer_request_set_input_tensor_by_index)(
        void *_Nonnull request, size_t index, const void *_Nonnull tensor);
    ov_status (*_Nonnull infer_request_get_output_tensor_by_index)(
        const void *_Nonnull request, size_t index, void *_Nullable *_Nonnull tensor);
    ov_status (*_Nonnull infer_request_infer)(void *_Nonnull request);
    void (*_Nonnull infer_request_free)(void *_Nullable request);

    ov_status (*_Nonnull tensor_create_from_host_ptr)(
        unsigned int element_type, ov_shape shape, void *_Nonnull data,
        void *_Nullable *_Nonnull tensor);
    ov_status (*_Nonnull tensor_get_byte_size)(const void *_Nonnull tensor, size_t *_Nonnull size);
    ov_status (*_Nonnull tensor_data)(
        const void *_Nonnull tensor, void *_Nullable *_Nonnull data);
    void (*_Nonnull tensor_free)(void *_Nullable tensor);
} ov_api;

/// Opens the library at `path` (absolute) and finds its functions. NULL on failure, with the reason as
/// text in `reason`. The library itself stays loaded for the life of the process, because it runs
/// threads of its own.
const ov_api *_Nullable ov_api_open(
    const char *_Nonnull path, char *_Nonnull reason, size_t reason_size);
void ov_api_free(const ov_api *_Nullable api);

/// Gives freed heap memory back to the system where the C library can (glibc); else does nothing.
void heap_trim(void);
