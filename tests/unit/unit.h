/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test needs: cmocka with the headers that it wants before itself, and a few words of ours.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

/* A slice and the text that it should be. */
#define assert_str(slice, expected) assert_str_at((slice), str_from(expected), __FILE__, __LINE__)

static inline void assert_str_at(struct str given, struct str expected, const char *file, int line) {
    if (!str_equal(given, expected))
        print_error("got \"%.*s\", expected \"%.*s\"\n", (int)given.len, given.at == NULL ? "" : given.at,
                    (int)expected.len, expected.at == NULL ? "" : expected.at);
    _assert_true(str_equal(given, expected), "the texts are equal", file, line);
}

/* The whole of a file, in the arena. The test fails where it cannot be read. */
static inline struct str read_whole_file(struct arena *arena, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    if (fseek(file, 0, SEEK_END) != 0)
        fail_msg("cannot seek in %s", path);
    long size = ftell(file);
    rewind(file);
    char *text = arena_alloc(arena, (size_t)size + 1);
    size_t len = fread(text, 1, (size_t)size, file);
    fclose(file);
    return str_of(text, len);
}
