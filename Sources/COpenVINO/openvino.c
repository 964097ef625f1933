#include "COpenVINO.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const ov_api *fail(char *reason, size_t reason_size) {
    const char *message = dlerror();
    snprintf(reason, reason_size, "%s", message ? message : "unknown loader error");
    return NULL;
}

struct symbol {
    const char *name;
    size_t offset;
};

#define SYMBOL(field) {"ov_" #field, offsetof(ov_api, field)}

static const struct symbol symbols[] = {
    SYMBOL(get_openvino_version),
    SYMBOL(version_free),
    SYMBOL(get_last_err_msg),
    {"ov_free", offsetof(ov_api, free_text)},
    SYMBOL(core_create),
    SYMBOL(core_free),
    SYMBOL(core_get_property),
    SYMBOL(core_read_model_from_memory_buffer),
    SYMBOL(core_compile_model_props),
    SYMBOL(model_free),
    SYMBOL(compiled_model_create_infer_request),
    SYMBOL(compiled_model_free),
    SYMBOL(infer_request_set_input_tensor_by_index),
    SYMBOL(infer_request_get_output_tensor_by_index),
    SYMBOL(infer_request_infer),
    SYMBOL(infer_request_free),
    SYMBOL(tensor_create_from_host_ptr),
    SYMBOL(tensor_get_byte_size),
    SYMBOL(tensor_data),
    SYMBOL(tensor_free),
};

const ov_api *ov_api_open(const char *path, char *reason, size_t reason_size) {
    // Local: its copies of TBB and of the C++ runtime's symbols must not reach other libraries.
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) return fail(reason, reason_size);
    ov_api *api = malloc(sizeof *api);
    for (size_t i = 0; api && i < sizeof symbols / sizeof symbols[0]; i++) {
        void *address = dlsym(library, symbols[i].name);
        if (!address) {
            fail(reason, reason_size);
            free(api);
            dlclose(library);
            return NULL;
        }
        memcpy((char *)api + symbols[i].offset, &address, sizeof address);
    }
    return api;
}

void ov_api_free(const ov_api *api) { free((void *)api); }

void heap_trim(void) {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
