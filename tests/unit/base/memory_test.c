/* SPDX-License-Identifier: Apache-2.0 */
/* Arena and buffer. */
#include "base/buffer.h"
#include "base/memory.h"
#include "base/settle.h"
#include "unit/unit.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void test_arena_gives_zeroed_aligned_memory(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    for (size_t size = 0; size < 40000; size = size * 2 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, size);
    }
    arena_reset(arena);
    unsigned char *again = arena_alloc(arena, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(again[i], 0);
}

static void count_up(void *what) {
    int *order = what;
    order[1 + order[0]] = order[0];
    order[0]++;
}

static void test_arena_endings(void **state) {
    (void)state;
    int count[3] = {0, 0, 0};
    struct arena *arena = arena_new();
    arena_at_end(arena, count_up, count);
    arena_at_end(arena, count_up, count);
    assert_int_equal(count[0], 0);
    arena_reset(arena);
    assert_int_equal(count[0], 2);
    assert_int_equal(count[2], 1);
    arena_reset(arena); /* once only */
    assert_int_equal(count[0], 2);
    count[0] = 0;
    arena_at_end(arena, count_up, count);
    arena_free(arena);
    assert_int_equal(count[0], 1);
}

static void test_arena_pieces_do_not_overlap(void **state) {
    (void)state;
    enum { COUNT = 500 };
    AUTO_ARENA arena = arena_new();
    unsigned char *pieces[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i] = arena_alloc(arena, i);
        memset(pieces[i], (int)(i & 0xFF), i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < i; j++)
            assert_int_equal(pieces[i][j], i & 0xFF);
    }
}

static void test_arena_text(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    struct str copy = arena_copy(arena, STR("a\0b"));
    assert_int_equal(copy.len, 3);
    assert_int_equal(copy.at[3], 0);
    assert_string_equal(arena_terminated(arena, STR_NONE), "");
    assert_str(arena_join(arena, 3, (struct str[]){STR("a"), STR_NONE, STR("bc")}), "abc");
    assert_str(arena_join(arena, 0, NULL), "");
    assert_str(arena_print(arena, "%s-%d", "x", 7), "x-7");
    struct str *slices = arena_alloc_array(arena, 10, sizeof *slices);
    assert_null(slices[9].at);
    arena_free(NULL);
}

static void test_buffer(void **state) {
    (void)state;
    struct buffer buffer = BUFFER_EMPTY;
    for (unsigned i = 0; i < 10000; i++)
        buffer_append_byte(&buffer, (char)('a' + i % 26));
    assert_int_equal(buffer.len, 10000);
    buffer_drop_front(&buffer, 9998);
    assert_str(buffer_text(&buffer), "op");
    buffer_append(&buffer, STR_NONE);
    buffer_append(&buffer, STR("!"));
    buffer_print(&buffer, "%05d%s", 42, "");
    assert_str(buffer_text(&buffer), "op!00042");
    buffer_drop_front(&buffer, 100);
    assert_int_equal(buffer.len, 0);
    buffer_append(&buffer, STR("x"));
    buffer_clear(&buffer);
    assert_true(buffer.capacity > 0);
    buffer_free(&buffer);
    assert_null(buffer.at);
    buffer_append(&buffer, STR("secret"));
    buffer_wipe(&buffer);
    assert_null(buffer.at);
}

static void test_heap(void **state) {
    (void)state;
    unsigned *numbers = mem_alloc_array(5, sizeof *numbers);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(numbers[i], 0);
    numbers[0] = 7;
    numbers = mem_resize(numbers, 100 * sizeof *numbers);
    assert_int_equal(numbers[0], 7);
    mem_wipe(numbers, sizeof *numbers);
    assert_int_equal(numbers[0], 0);
    mem_free(numbers);
    mem_free(mem_alloc(0));
    mem_free(mem_alloc_zero(0));
    mem_free(NULL);
    mem_wipe(NULL, 0);
}

static long file_pages(void) {
    long size = 0;
    long resident = 0;
    long of_files = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    /* NOLINTNEXTLINE(cert-err34-c): the kernel writes these numbers */
    assert_int_equal(fscanf(statm, "%ld %ld %ld", &size, &resident, &of_files), 3);
    fclose(statm);
    return of_files;
}

/* What a debugger or a preloaded agent has written into code is not what stands in the file. */
static void test_settling_keeps_what_was_patched(void **state) {
    (void)state;
    enum { SIZE = 65536 };
    static const unsigned char constant[SIZE] __attribute__((aligned(SIZE))) = {'a'};
    unsigned char *patched = (unsigned char *)(uintptr_t)constant;
    assert_int_equal(mprotect(patched, SIZE, PROT_READ | PROT_WRITE), 0);
    patched[1] = 'b';
    assert_int_equal(mprotect(patched, SIZE, PROT_READ), 0);
    settling_run(settling_plan());
    assert_int_equal(*(volatile unsigned char *)&patched[1], 'b');
}

/* What was only read is given back, what was written stays: in data, in constants behind relocations, on the
 * heap. */
static void test_settling(void **state) {
    (void)state;
    static int written[2000];
    static const char *const relocated[] = {"first", "second"};
    char *kept = mem_alloc(100000);
    memset(kept, 'k', 100000);
    for (size_t i = 0; i < 2000; i++)
        written[i] = (int)i;
    long before = file_pages();
    settling_run(settling_plan());
    if (getenv("UNIT_SMALL") == NULL) /* valgrind's own pages are counted with ours */
        assert_true(file_pages() < before);
    settling_run(settling_plan());
    for (size_t i = 0; i < 2000; i++)
        assert_int_equal(written[i], (int)i);
    assert_string_equal(relocated[1], "second");
    assert_int_equal(kept[99999], 'k');
    mem_free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test(test_arena_endings),
        cmocka_unit_test(test_arena_pieces_do_not_overlap),
        cmocka_unit_test(test_arena_text),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_heap),
        cmocka_unit_test(test_settling),
        cmocka_unit_test(test_settling_keeps_what_was_patched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
