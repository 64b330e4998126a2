/* SPDX-License-Identifier: Apache-2.0 */
/* Many fibers on several threads, one writer: nothing is lost, mixed up or told twice. */
#include "base/clock.h"
#include "base/memory.h"
#include "fixture.h"
#include "store/change.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/product.h"
#include "store/unit.h"
#include "store/visitor.h"

#include <pthread.h>
#include <stdio.h>

enum { FIBERS = 1000, THREADS = 2, CONVERSATIONS = 10 };

struct crowd {
    struct store *store;
    struct str environment;
    struct str conversations[CONVERSATIONS];
    unsigned running;
    struct loop *loop;
};

struct speaker {
    struct crowd *crowd;
    unsigned number;
};

static FIBER void speak(void *argument) {
    struct speaker *speaker = argument;
    struct crowd *crowd = speaker->crowd;
    AUTO_ARENA arena = arena_new();
    struct str text = arena_print(arena, "fiber %u", speaker->number);
    struct store_message_draft draft = {.text = text, .client_id = text};
    struct str conversation = crowd->conversations[speaker->number % CONVERSATIONS];
    struct store_message message, again;
    bool duplicate;
    assert_ok(store_message_append_wait(crowd->store, arena, crowd->environment, conversation, &draft,
                                        &message, &duplicate));
    assert_false(duplicate);
    assert_ok(store_message_append_wait(crowd->store, arena, crowd->environment, conversation, &draft, &again,
                                        &duplicate));
    assert_true(duplicate);
    assert_int_equal(again.position, message.position);
    struct store_messages seen;
    assert_ok(store_message_list_after_wait(crowd->store, arena, crowd->environment, conversation,
                                            message.position - 1, 1, &seen));
    assert_int_equal(seen.count, 1);
    assert_text(seen.at[0].text, text);
}

static void on_spoken(void *argument) {
    struct speaker *speaker = argument;
    struct crowd *crowd = speaker->crowd;
    mem_free(speaker);
    if (--crowd->running == 0)
        loop_stop(crowd->loop);
}

struct start {
    struct message message; /* first member */
    struct crowd *crowd;
};

static void start_all(struct message *message) {
    struct crowd *crowd = ((struct start *)message)->crowd;
    crowd->running = FIBERS;
    for (unsigned i = 0; i < FIBERS; i++) {
        struct speaker *speaker = mem_alloc_zero(sizeof *speaker);
        *speaker = (struct speaker){crowd, i};
        fiber_start(speak, speaker, on_spoken);
    }
}

static void *crowd_thread(void *argument) {
    struct crowd *crowd = argument;
    crowd->loop = loop_new();
    struct start start = {{NULL, start_all}, crowd};
    loop_post(crowd->loop, &start.message);
    loop_run(crowd->loop);
    loop_free(crowd->loop);
    return NULL;
}

static FIBER void begin_crowd_wait(struct fixture *f, struct crowd *crowd, unsigned number) {
    *crowd = (struct crowd){.store = f->store, .environment = f->environment};
    struct store_visitor visitor;
    struct str subject = arena_print(f->arena, "ada %u", number);
    assert_ok(store_visitor_resolve_wait(f->store, f->arena, f->environment, STR("acme"), subject, &visitor));
    for (size_t i = 0; i < CONVERSATIONS; i++) {
        struct store_conversation_draft draft = {.visitor = visitor.id};
        struct store_begun begun;
        assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
        crowd->conversations[i] = begun.conversation.id;
    }
}

static void a_thousand_fibers_on_each_of_two_threads(struct fixture *f) {
    fixture_environment_wait(f);
    struct crowd crowds[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        begin_crowd_wait(f, &crowds[i], i);
    struct store_statistics before = store_statistics(f->store);
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, crowd_thread, &crowds[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct store_statistics after = store_statistics(f->store);
    assert_int_equal(after.writes - before.writes, 2 * FIBERS * THREADS);
    /* Group commit: the units shared far fewer transactions, where one connection writes them all. */
    assert_true((after.writes - before.writes) / (after.commits - before.commits) >=
                (fixture_is_postgres() ? 1 : 3));
    assert_true(after.commits - before.commits < after.writes - before.writes);
    assert_int_equal(after.refused, before.refused);

    for (unsigned i = 0; i < THREADS; i++) {
        for (size_t c = 0; c < CONVERSATIONS; c++) {
            struct store_messages list;
            assert_ok(store_message_list_after_wait(f->store, f->arena, f->environment,
                                                    crowds[i].conversations[c], 0, 0, &list));
            assert_int_equal(list.count, FIBERS / CONVERSATIONS);
            for (size_t m = 0; m < list.count; m++)
                assert_int_equal(list.at[m].position, (int64_t)m + 1);
        }
    }
}

/* ---- the same new visitor from many sessions at once ---- */
struct meeting {
    struct fixture *f;
    struct fiber *waiter;
    struct str id;
    unsigned running;
};

static FIBER void meet(void *argument) {
    struct meeting *meeting = argument;
    struct store_visitor visitor;
    assert_ok(store_visitor_resolve_wait(meeting->f->store, meeting->f->arena, meeting->f->environment,
                                         STR("acme"), STR("ada"), &visitor));
    if (meeting->id.len == 0)
        meeting->id = visitor.id;
    assert_text(visitor.id, meeting->id);
    meeting->running--;
    fiber_wake(meeting->waiter);
}

static void a_new_visitor_is_made_once(struct fixture *f) {
    fixture_environment_wait(f);
    struct meeting meeting = {.f = f, .waiter = fiber_current(), .running = 100};
    for (int i = 0; i < 100; i++)
        fiber_start(meet, &meeting, NULL);
    while (meeting.running > 0)
        assert_ok(fiber_park_wait());
}

/* ---- canceled while the store works ---- */
static FIBER void write_and_be_canceled(void *argument) {
    struct fixture *f = argument;
    struct store_product product;
    AUTO_ARENA arena = arena_new();
    assert_int_equal(store_product_create_wait(f->store, arena, STR("half"), NULL, &product), CANCELED);
}

static void a_canceled_waiter_leaves_nothing_behind(struct fixture *f) {
    for (int i = 0; i < 50; i++) {
        struct fiber *fiber = fiber_start(write_and_be_canceled, f, NULL);
        assert_non_null(fiber);
        fiber_cancel(fiber);
        assert_ok(store_ping_wait(f->store));
    }
}

/* ---- units that are refused in the middle, among others that are not ---- */
struct attempt {
    struct fixture *f;
    struct fiber *waiter;
    unsigned next, running;
};

/* Even ones make a product; odd ones make one too, and then want to change what is not there. */
static FIBER void attempt(void *argument) {
    struct attempt *attempt = argument;
    unsigned number = attempt->next++;
    bool is_refused = number % 2 == 1;
    AUTO_UNIT unit = unit_new(attempt->f->store);
    struct str name = arena_print(unit->arena, "product-%02u", number);
    unit_add(unit, PRODUCT_INSERT, ONE_ELSE_CONFLICT, value_text(name), value_text(name), value_number(1));
    unit_add_change(unit, STR("product"), STR_NONE, name);
    if (is_refused)
        unit_add(unit, PRODUCT_RENAME, ONE_ELSE_NOT_FOUND, value_text(STR("nothing")), value_text(STR("x")),
                 value_optional(STR_NONE));
    assert_int_equal(unit_write_wait(&unit), is_refused ? NOT_FOUND : OK);
    attempt->running--;
    fiber_wake(attempt->waiter);
}

static void a_refused_unit_leaves_nothing_and_takes_nobody_with_it(struct fixture *f) {
    struct attempt all = {.f = f, .waiter = fiber_current(), .running = 40};
    for (int i = 0; i < 40; i++)
        fiber_start(attempt, &all, NULL);
    while (all.running > 0)
        assert_ok(fiber_park_wait());
    struct store_products products;
    assert_ok(store_product_list_wait(f->store, f->arena, STR_NONE, 0, &products));
    assert_int_equal(products.count, 20);
    for (size_t i = 0; i < products.count; i++)
        assert_text(products.at[i].name, arena_print(f->arena, "product-%02zu", 2 * i));
    struct store_changes changes;
    assert_ok(store_change_list_wait(f->store, f->arena, 0, 0, &changes));
    assert_int_equal(changes.count, 20);
    assert_int_equal(changes.last, 20);
}

static void durable_messages_a_second(struct fixture *f) {
    fixture_environment_wait(f);
    struct crowd crowd;
    begin_crowd_wait(f, &crowd, 0);
    struct store_statistics before = store_statistics(f->store);
    int64_t begun = clock_monotonic_us();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, crowd_thread, &crowd), 0);
    pthread_join(thread, NULL);
    int64_t us = clock_monotonic_us() - begun;
    struct store_statistics after = store_statistics(f->store);
    printf("%llu durable writes in %llu commits, %.0f a second, beside as many reads\n",
           (unsigned long long)(after.writes - before.writes),
           (unsigned long long)(after.commits - before.commits),
           (double)(after.writes - before.writes) * 1e6 / (double)us);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(a_thousand_fibers_on_each_of_two_threads)
TEST(a_new_visitor_is_made_once)
TEST(a_canceled_waiter_leaves_nothing_behind)
TEST(a_refused_unit_leaves_nothing_and_takes_nobody_with_it)
TEST(durable_messages_a_second)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_fibers_on_each_of_two_threads),
        cmocka_unit_test(test_a_new_visitor_is_made_once),
        cmocka_unit_test(test_a_canceled_waiter_leaves_nothing_behind),
        cmocka_unit_test(test_a_refused_unit_leaves_nothing_and_takes_nobody_with_it),
        cmocka_unit_test(test_durable_messages_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
