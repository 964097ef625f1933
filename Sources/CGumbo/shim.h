#ifndef FUZE_CGUMBO_SHIM_H
#define FUZE_CGUMBO_SHIM_H

#include <gumbo.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/// A parse whose memory comes from one arena, so that
/// - freeing it never recurses into the tree (gumbo's own destructor would overflow the stack
///   on deeply nested markup), and
/// - a page that makes the parser build far more than it sent (the adoption agency can) is
///   stopped at `limit` bytes or at `deadline` (processor time of this thread) instead of
///   exhausting the machine.
typedef struct FuzeGumboBlock {
    struct FuzeGumboBlock *next;
} FuzeGumboBlock;

typedef struct {
    FuzeGumboBlock *blocks;
    char *cursor;
    size_t left;
    size_t used;
    size_t limit;
    uint64_t deadline;
    uint32_t calls;
    jmp_buf exhausted;
} FuzeGumboArena;

static inline uint64_t fuze_gumbo_cpu_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void *fuze_gumbo_allocate(void *userdata, size_t size) {
    FuzeGumboArena *arena = (FuzeGumboArena *)userdata;
    if ((++arena->calls & 1023) == 0 && fuze_gumbo_cpu_nanoseconds() > arena->deadline)
        longjmp(arena->exhausted, 1);
    size = (size + 15) & ~(size_t)15;
    if (size > arena->left) {
        const size_t header = 16, usual = 1 << 18;
        size_t capacity = size > usual / 4 ? size : usual;
        arena->used += capacity;
        if (arena->used > arena->limit) longjmp(arena->exhausted, 1);
        FuzeGumboBlock *block = (FuzeGumboBlock *)malloc(header + capacity);
        if (block == NULL) longjmp(arena->exhausted, 1);
        block->next = arena->blocks;
        arena->blocks = block;
        if (capacity == size) return (char *)block + header;
        arena->cursor = (char *)block + header;
        arena->left = capacity;
    }
    void *memory = arena->cursor;
    arena->cursor += size;
    arena->left -= size;
    return memory;
}

static inline void fuze_gumbo_release(void *userdata, void *memory) {
    (void)userdata;
    (void)memory;
}

/// NULL when the arena was exhausted. Release the arena in either case.
static inline GumboOutput *fuze_gumbo_parse(
    FuzeGumboArena *arena, const char *html, size_t length, bool as_fragment) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = fuze_gumbo_allocate;
    options.deallocator = fuze_gumbo_release;
    options.userdata = arena;
    options.max_errors = 0;
    if (as_fragment) options.fragment_context = GUMBO_TAG_BODY;
    if (setjmp(arena->exhausted) != 0) return NULL;
    return gumbo_parse_with_options(&options, html, length);
}

static inline FuzeGumboArena *fuze_gumbo_arena(size_t limit, uint64_t cpu_nanoseconds) {
    FuzeGumboArena *arena = (FuzeGumboArena *)calloc(1, sizeof(FuzeGumboArena));
    if (arena == NULL) return NULL;
    arena->limit = limit;
    arena->deadline = fuze_gumbo_cpu_nanoseconds() + cpu_nanoseconds;
    return arena;
}

static inline void fuze_gumbo_arena_free(FuzeGumboArena *arena) {
    FuzeGumboBlock *block = arena->blocks;
    while (block != NULL) {
        FuzeGumboBlock *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

/// The parts of a node's union, which Swift cannot reach without copying it.
static inline GumboVector *fuze_gumbo_children(GumboNode *node) {
    return node->type == GUMBO_NODE_DOCUMENT ? &node->v.document.children : &node->v.element.children;
}

static inline GumboElement *fuze_gumbo_element(GumboNode *node) { return &node->v.element; }

static inline const char *fuze_gumbo_text(GumboNode *node) { return node->v.text.text; }

/// Offset of the first `byte`, or -1.
static inline ptrdiff_t fuze_find_byte(const uint8_t *bytes, uint8_t byte, size_t length) {
    const uint8_t *found = (const uint8_t *)memchr(bytes, byte, length);
    return found == NULL ? -1 : found - bytes;
}

static inline size_t fuze_gumbo_length(const char *text) { return strlen(text); }

#endif
