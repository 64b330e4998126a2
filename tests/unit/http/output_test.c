/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of bytes to be sent, and the count of connections by address. */
#include "http/output.h"
#include "http/peers.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pool pool;
static struct output output;

static int begin(void **state) {
    (void)state;
    pool_init(&pool, 0);
    output = (struct output){0};
    return 0;
}

static int end(void **state) {
    (void)state;
    output_clear(&output, &pool);
    pool_free(&pool);
    return 0;
}

static void assert_queued(struct str expected) {
    AUTO_BUFFER all = BUFFER_EMPTY;
    for (const struct block *block = output.first; block != NULL; block = block->next)
        buffer_append(&all, block_text(block));
    assert_int_equal(output.queued, expected.len);
    assert_true(str_equal(buffer_text(&all), expected));
}

static void bytes_leave_in_the_order_they_came(void **state) {
    (void)state;
    output_append(&output, &pool, STR("hello "));
    output_append_static(&output, STR("static "));
    char *room = output_reserve(&output, &pool, 100);
    for (size_t i = 0; i < 4; i++)
        room[i] = "room"[i];
    output_commit(&output, 4);
    assert_queued(STR("hello static room"));
    output_drop_front(&output, &pool, 3);
    assert_queued(STR("lo static room"));
    output_drop_front(&output, &pool, 6);
    assert_queued(STR("tic room"));
    output_settle(&output, &pool);
    assert_queued(STR("tic room"));
    output_drop_front(&output, &pool, 4);
    output_settle(&output, &pool);
    assert_queued(STR("room"));
    output_append(&output, &pool, STR("!"));
    assert_queued(STR("room!"));
    output_drop_front(&output, &pool, 5);
    assert_null(output.first);
    assert_null(output.last);
    assert_null(output_reserve(&output, &pool, pool.block_size + 1));
}

/* Any mixture of appending and dropping gives what one plain buffer gives. */
static void queues_agree_with_a_buffer(void **state) {
    (void)state;
    AUTO_BUFFER model = BUFFER_EMPTY;
    static char text[40000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 26);
    srand(1);
    for (int i = 0; i < 3000; i++) {
        struct str piece = str_of(text, (size_t)rand() % (i % 10 == 0 ? sizeof text : 300));
        switch (rand() % 5) {
        case 0:
            output_append_static(&output, piece);
            buffer_append(&model, piece);
            break;
        case 1:
        case 2:
            output_append(&output, &pool, piece);
            buffer_append(&model, piece);
            break;
        case 3:
            output_settle(&output, &pool);
            break;
        default: {
            size_t count = model.len == 0 ? 0 : (size_t)rand() % (model.len + 1);
            output_drop_front(&output, &pool, count);
            buffer_drop_front(&model, count);
            break;
        }
        }
        assert_int_equal(output.queued, model.len);
        if (i % 50 == 0)
            assert_queued(buffer_text(&model));
    }
    assert_queued(buffer_text(&model));
}

static void connections_are_counted(void **state) {
    (void)state;
    enum { KEYS = 300 };
    struct peers peers;
    peers_init(&peers);
    uint8_t keys[KEYS][16] = {{0}};
    uint32_t counts[KEYS] = {0};
    for (int i = 0; i < KEYS; i++) {
        keys[i][0] = (uint8_t)i;
        keys[i][15] = (uint8_t)(i >> 8);
    }
    assert_int_equal(peers_count(&peers, keys[0]), 0);
    srand(2);
    for (int i = 0; i < 200000; i++) {
        int at = rand() % KEYS;
        /* The table swells and shrinks in turns. */
        bool adds = rand() % 100 < (i / 20000 % 2 == 0 ? 60 : 40);
        if (adds) {
            peers_add(&peers, keys[at]);
            counts[at]++;
        } else if (counts[at] > 0) {
            peers_remove(&peers, keys[at]);
            counts[at]--;
        }
        if (peers_count(&peers, keys[at]) != counts[at])
            fail_msg("step %d: %u, not %u", i, peers_count(&peers, keys[at]), counts[at]);
    }
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(peers_count(&peers, keys[i]), counts[i]);
        while (counts[i]-- > 0)
            peers_remove(&peers, keys[i]);
    }
    assert_int_equal(peers.used, 0);
    peers_free(&peers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_leave_in_the_order_they_came, begin, end),
        cmocka_unit_test_setup_teardown(queues_agree_with_a_buffer, begin, end),
        cmocka_unit_test(connections_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
