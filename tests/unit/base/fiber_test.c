/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fiber.h"

#include "base/clock.h"
#include "base/memory.h"
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

/* Runs `run(argument)` as the first fiber of a fresh loop and stops the loop when it has ended. */
struct first {
    struct message message;
    struct loop *loop;
    void (*run)(void *argument);
    void *argument;
};

static void stop_loop(void *argument) {
    struct first *first = argument;
    loop_stop(first->loop);
}

static void run_first(void *argument) {
    struct first *first = argument;
    first->run(first->argument);
}

static void start_first(struct message *message) {
    fiber_start(run_first, message, stop_loop);
}

static void in_loop(void (*run)(void *argument), void *argument) {
    struct loop *loop = loop_new();
    struct first first = {{NULL, start_first}, loop, run, argument};
    loop_post(loop, &first.message);
    loop_run(loop);
    loop_free(loop);
}

/* ---- order, wake, early wake ---- */

static char trace[64];

static void note(char c) {
    size_t len = strlen(trace);
    assert_true(len + 1 < sizeof trace);
    trace[len] = c;
}

static void run_child(void *argument) {
    (void)argument;
    note('b');
    assert_int_equal(fiber_park_wait(), OK);
    note('e');
}

static void note_finished(void *argument) {
    (void)argument;
    assert_null(fiber_current());
    note('f');
}

static void run_parent(void *argument) {
    (void)argument;
    note('a');
    struct fiber *child = fiber_start(run_child, NULL, note_finished);
    note('c');
    assert_int_equal(fiber_count_running(), 2);
    fiber_wake(child);
    note('d'); /* a wake does not switch: the child runs on the loop's next turn */
    fiber_wake(fiber_current());
    assert_int_equal(fiber_park_wait(), OK); /* the wake came first, and is not lost */
    note('D');
    assert_int_equal(fiber_sleep_wait(5), OK);
    note('g');
    assert_int_equal(fiber_count_running(), 1);
}

static void test_order(void **state) {
    (void)state;
    memset(trace, 0, sizeof trace);
    in_loop(run_parent, NULL);
    assert_string_equal(trace, "abcdDefg");
}

static void run_nothing(void *argument) {
    (void)argument;
}

static void run_starts_nothing(void *argument) {
    (void)argument;
    memset(trace, 0, sizeof trace);
    assert_null(fiber_start(run_nothing, NULL, note_finished)); /* has returned already */
    assert_string_equal(trace, ""); /* and is finished on the loop's stack, later */
    assert_int_equal(fiber_sleep_wait(1), OK);
    assert_string_equal(trace, "f");
}

static void test_nested_end(void **state) {
    (void)state;
    in_loop(run_starts_nothing, NULL);
}

/* ---- cancellation ---- */

struct canceled {
    struct fiber *parent;
    enum status first;
    enum status second;
    enum status shielded;
    bool is_seen_in_shield;
};

static void run_canceled(void *argument) {
    struct canceled *canceled = argument;
    canceled->first = fiber_park_wait();
    canceled->second = fiber_sleep_wait(100000);
    fiber_shield();
    fiber_shield();
    fiber_unshield();
    canceled->is_seen_in_shield = fiber_is_canceled();
    canceled->shielded = fiber_sleep_wait(2);
    fiber_unshield();
    assert_true(fiber_is_canceled());
    assert_int_equal(fiber_park_wait(), CANCELED);
    fiber_wake(canceled->parent);
}

static void run_canceler(void *argument) {
    struct canceled *canceled = argument;
    canceled->parent = fiber_current();
    struct fiber *fiber = fiber_start(run_canceled, canceled, NULL);
    fiber_cancel(fiber);
    fiber_cancel(fiber);
    assert_int_equal(fiber_park_wait(), OK);
}

static void test_cancel(void **state) {
    (void)state;
    struct canceled canceled = {0};
    in_loop(run_canceler, &canceled);
    assert_int_equal(canceled.first, CANCELED);
    assert_int_equal(canceled.second, CANCELED);
    assert_int_equal(canceled.shielded, OK);
    assert_false(canceled.is_seen_in_shield);
}

/* A fiber that is canceled while it waits behind a shield goes on waiting. */
static void run_shielded(void *argument) {
    struct canceled *canceled = argument;
    fiber_shield();
    canceled->first = fiber_park_wait();
    fiber_unshield();
    canceled->second = fiber_park_wait();
    fiber_wake(canceled->parent);
}

static void run_shielded_canceler(void *argument) {
    struct canceled *canceled = argument;
    canceled->parent = fiber_current();
    canceled->first = FAILED;
    struct fiber *fiber = fiber_start(run_shielded, canceled, NULL);
    fiber_cancel(fiber);
    assert_int_equal(fiber_sleep_wait(3), OK);
    assert_int_equal(canceled->first, FAILED);
    fiber_wake(fiber);
    assert_int_equal(fiber_park_wait(), OK);
}

static void test_shield(void **state) {
    (void)state;
    struct canceled canceled = {0};
    in_loop(run_shielded_canceler, &canceled);
    assert_int_equal(canceled.first, OK);
    assert_int_equal(canceled.second, CANCELED);
}

/* ---- the end of a loop ends its fibers ---- */

static unsigned ended;

static void run_forever(void *argument) {
    (void)argument;
    while (fiber_park_wait() == OK)
        continue;
    fiber_shield();
    assert_int_equal(fiber_sleep_wait(2), OK); /* what must be finished is finished */
    fiber_unshield();
    ended++;
}

static void run_leaves_many(void *argument) {
    (void)argument;
    for (int i = 0; i < 100; i++)
        fiber_start(run_forever, NULL, NULL);
}

static void test_loop_end(void **state) {
    (void)state;
    ended = 0;
    in_loop(run_leaves_many, NULL);
    assert_int_equal(ended, 100);
}

/* ---- stacks, errno, time ---- */

__attribute__((noinline)) static unsigned use_stack(unsigned depth) {
    volatile unsigned char filler[1024];
    for (size_t i = 0; i < sizeof filler; i++)
        filler[i] = (unsigned char)(depth + i);
    unsigned below = depth == 0 ? 0 : use_stack(depth - 1);
    return below + filler[depth % sizeof filler];
}

static void run_deep(void *argument) {
    unsigned *sum = argument;
    *sum = use_stack(40); /* more than 40 KiB */
    errno = 4711;
    assert_int_equal(fiber_sleep_wait(1), OK);
    assert_int_equal(errno, 4711);
}

static void test_deep_stack(void **state) {
    (void)state;
    unsigned sum = 0;
    in_loop(run_deep, &sum);
    assert_int_equal(sum, use_stack(40));
}

static void run_sleeper(void *argument) {
    (void)argument;
    int64_t before = clock_monotonic_us();
    assert_int_equal(fiber_sleep_wait(30), OK);
    int64_t slept = clock_monotonic_us() - before;
    assert_true(slept >= 29000 && slept < 3000000);
    assert_int_equal(fiber_sleep_wait(0), OK);
    assert_int_equal(fiber_sleep_wait(-5), OK);
}

static void test_sleep(void **state) {
    (void)state;
    in_loop(run_sleeper, NULL);
}

/* ---- ten thousand at once ---- */

/* Fewer where each costs far more: under valgrind (which sets UNIT_SMALL in the environment), or with the
 * thread sanitizer, whose fibers take dozens of mappings each. */
enum { MANY_AT_MOST = 10000, ROUNDS = 5 };

static unsigned many(void) {
#if defined(__SANITIZE_THREAD__)
    unsigned most = 1000;
#elif defined(__has_feature)
    unsigned most = __has_feature(thread_sanitizer) ? 1000 : MANY_AT_MOST;
#else
    unsigned most = MANY_AT_MOST;
#endif
    return getenv("UNIT_SMALL") != NULL ? 200 : most;
}

struct crowd {
    struct fiber *fibers[MANY_AT_MOST];
    unsigned alive;
    unsigned woken;
    unsigned canceled;
    struct fiber *parent;
};

struct member {
    struct crowd *crowd;
    unsigned index;
};

/* Each waits, wakes the next, sometimes sleeps, and some are canceled on the way. */
static void run_member(void *argument) {
    struct member *member = argument;
    struct crowd *crowd = member->crowd;
    unsigned index = member->index;
    crowd->fibers[index] = fiber_current();
    crowd->alive++;
    enum status status = OK;
    for (int round = 0; round < ROUNDS && status == OK; round++) {
        status = fiber_park_wait();
        struct fiber *next = crowd->fibers[(index + 1) % many()];
        if (next != NULL)
            fiber_wake(next);
        if (status == OK && index % 7 == 0)
            status = fiber_sleep_wait(1);
        crowd->woken += status == OK;
    }
    crowd->canceled += status == CANCELED;
    crowd->fibers[index] = NULL;
    crowd->alive--;
    mem_free(member);
}

static void run_crowd(void *argument) {
    struct crowd *crowd = argument;
    for (unsigned i = 0; i < many(); i++) {
        struct member *member = mem_alloc(sizeof *member);
        *member = (struct member){crowd, i};
        assert_non_null(fiber_start(run_member, member, NULL));
    }
    assert_int_equal(crowd->alive, many());
    assert_int_equal(fiber_count_running(), many() + 1);
    for (unsigned i = 0; i < many(); i += 10)
        fiber_cancel(crowd->fibers[i]);
    for (unsigned pass = 0; crowd->alive > 0; pass++) {
        unsigned step = pass % 2 == 0 ? 3 : 1; /* every third, whose wakes then run on through the others */
        for (unsigned i = 0; i < many(); i += step) {
            if (crowd->fibers[i] != NULL)
                fiber_wake(crowd->fibers[i]);
        }
        assert_int_equal(fiber_sleep_wait(1), OK);
    }
    assert_int_equal(fiber_count_running(), 1);
}

static void test_crowd(void **state) {
    (void)state;
    struct crowd *crowd = mem_alloc_zero(sizeof *crowd);
    in_loop(run_crowd, crowd);
    assert_int_equal(crowd->canceled, many() / 10);
    assert_true(crowd->woken >= (many() - many() / 10) * ROUNDS);
    mem_free(crowd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),  cmocka_unit_test(test_nested_end), cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_shield), cmocka_unit_test(test_loop_end),   cmocka_unit_test(test_deep_stack),
        cmocka_unit_test(test_sleep),  cmocka_unit_test(test_crowd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
