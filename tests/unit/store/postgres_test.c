/* SPDX-License-Identifier: Apache-2.0 */
/* What can befall a database that is a server of its own: killed while it writes, restarted, hung, read-only,
 * of another's mind about the password; and two of our servers at once. Nothing that was acknowledged is
 * lost, nothing is stored twice, and all is well again by itself. */
#include "base/clock.h"
#include "fixture.h"
#include "greeter.h"
#include "store/administrator.h"
#include "store/audit.h"
#include "store/change.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/product.h"
#include "store/unit.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- many who write while something befalls the database ---- */

enum { WRITERS = 16, NUMBERS_MAX = 200000, CONVERSATIONS = 4 };

enum fate { UNSAID, STORED, REFUSED_TO_STORE };

struct storm {
    struct fixture *f;
    struct str conversations[CONVERSATIONS];
    unsigned char *fates; /* by number */
    unsigned next, running, stored, refused;
    bool is_over;
    struct fiber *waiter;
};

static FIBER enum status append_wait(struct store *store, struct fixture *f, struct str conversation,
                                     unsigned number) {
    AUTO_ARENA arena = arena_new();
    struct store_message_draft draft = {.text = STR("a word or two"),
                                        .client_id = arena_print(arena, "%u", number)};
    struct store_message message;
    bool duplicate;
    return store_message_append_wait(store, arena, f->environment, conversation, &draft, &message,
                                     &duplicate);
}

static FIBER void write_on(void *argument) {
    struct storm *storm = argument;
    while (!storm->is_over && storm->next < NUMBERS_MAX) {
        unsigned number = storm->next++;
        enum status status =
            append_wait(storm->f->store, storm->f, storm->conversations[number % CONVERSATIONS], number);
        assert_true(status == OK || status == UNAVAILABLE);
        storm->fates[number] = status == OK ? STORED : REFUSED_TO_STORE;
        storm->stored += status == OK;
        storm->refused += status != OK;
        if (status != OK)
            assert_ok(fiber_sleep_wait(20));
    }
    storm->running--;
    fiber_wake(storm->waiter);
}

static FIBER struct str begin_wait(struct fixture *f, const char *hash) {
    struct store_conversation_draft draft = {.resume_hash = str_from(hash)};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    return begun.conversation.id;
}

/* Every one of `fates` is where it should be, once, and positions have no gap. True: also nothing else is. */
static FIBER bool verify_wait(struct storm *storm) {
    bool is_exact = true;
    bool *found = arena_alloc_array(storm->f->arena, NUMBERS_MAX, sizeof *found);
    for (unsigned c = 0; c < CONVERSATIONS; c++) {
        int64_t position = 0;
        struct store_messages page;
        do {
            AUTO_ARENA arena = arena_new();
            assert_ok(store_message_list_after_wait(storm->f->store, arena, storm->f->environment,
                                                    storm->conversations[c], position, 0, &page));
            for (size_t i = 0; i < page.count; i++) {
                uint64_t number;
                assert_int_equal(page.at[i].position, ++position);
                assert_ok(str_to_uint64(page.at[i].client_id, &number));
                assert_true(number < storm->next && number % CONVERSATIONS == c && !found[number]);
                found[number] = true;
            }
        } while (page.count > 0);
    }
    for (unsigned i = 0; i < storm->next; i++) {
        if (storm->fates[i] == STORED)
            assert_true(found[i]);
        is_exact = is_exact && found[i] == (storm->fates[i] == STORED);
    }
    return is_exact;
}

/* Writes while the shell does `script`, in which `$P` is tests/postgres.sh and `$D` its directory.
 */
static FIBER bool weather_wait(struct fixture *f, const char *script, struct storm *storm) {
    *storm = (struct storm){.f = f, .waiter = fiber_current(), .running = WRITERS};
    storm->fates = arena_alloc(f->arena, NUMBERS_MAX);
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        storm->conversations[i] = begin_wait(f, arena_print(f->arena, "hash %u", i).at);
    struct str directory = fixture_postgres_directory();
    struct str line = arena_print(
        f->arena, "P=" TEST_SOURCE "/tests/postgres.sh; D=%.*s; (%s; echo >$D/over) >/dev/null 2>&1 &",
        STR_ARG(directory), script);
    assert_int_equal(system(line.at), 0);
    for (int i = 0; i < WRITERS; i++)
        fiber_start(write_on, storm, NULL);
    const char *over = arena_print(f->arena, "%.*s/over", STR_ARG(directory)).at;
    while (access(over, F_OK) != 0)
        assert_ok(fiber_sleep_wait(20));
    unlink(over);
    assert_ok(fiber_sleep_wait(300));
    storm->is_over = true;
    while (storm->running > 0)
        assert_ok(fiber_park_wait());
    enum status status = UNAVAILABLE;
    for (int i = 0; i < 200 && status != OK;
         i++) { /* who has failed to connect waits before it tries again */
        unsigned number = storm->next++;
        status = append_wait(f->store, f, storm->conversations[number % CONVERSATIONS], number);
        storm->fates[number] = status == OK ? STORED : REFUSED_TO_STORE;
        assert_ok(fiber_sleep_wait(50));
    }
    assert_ok(status);
    assert_true(storm->stored > 50);
    return verify_wait(storm);
}

static void a_killed_database_loses_nothing(struct fixture *f) {
    fixture_environment_wait(f);
    struct storm storm;
    bool is_exact = weather_wait(f,
                                 "for i in 1 2; do sleep 0.4; $P kill $D; until $P again $D || [ ! -d "
                                 "$D/data ]; do sleep 0.1; done; done",
                                 &storm);
    printf("killed twice: %u stored, %u refused\n", storm.stored, storm.refused);
    assert_true(is_exact); /* what was refused is not there: each lost COMMIT was asked after */
}

static void a_restarted_database_is_found_again(struct fixture *f) {
    fixture_environment_wait(f);
    struct storm storm;
    assert_true(weather_wait(f, "sleep 0.4; $P stop $D; sleep 0.3; $P again $D", &storm));
    printf("restarted: %u stored, %u refused\n", storm.stored, storm.refused);
}

static void a_hung_database_is_told_and_goes_on(struct fixture *f) {
    fixture_environment_wait(f);
    struct storm storm;
    weather_wait(f, "sleep 0.4; $P pause $D; sleep 2; $P continue $D", &storm);
    printf("hung for two seconds: %u stored, %u refused\n", storm.stored, storm.refused);
}

static void a_hung_database_is_not_waited_for(struct fixture *f) {
    fixture_environment_wait(f);
    struct str conversation = begin_wait(f, "hash");
    fixture_postgres_run(f->arena, "pause", "");
    int64_t begun = clock_monotonic_us();
    assert_int_equal(append_wait(f->store, f, conversation, 1), UNAVAILABLE);
    assert_int_equal(store_ping_wait(f->store), TIMED_OUT);
    assert_true(clock_monotonic_us() - begun < 10 * 1000 * 1000);
    assert_true(store_trouble(f->store).len > 0);
    fixture_postgres_run(f->arena, "continue", "");
    enum status status = UNAVAILABLE;
    for (int i = 0; i < 100 && status != OK; i++) {
        assert_ok(fiber_sleep_wait(100));
        status = store_ping_wait(f->store);
    }
    assert_ok(status);
    assert_text(store_trouble(f->store), STR(""));
    assert_ok(append_wait(f->store, f, conversation, 2));
}

/* ---- a database that only reads ---- */

static void a_read_only_database_is_told(struct fixture *f) {
    fixture_environment_wait(f);
    struct str conversation = begin_wait(f, "hash");
    fixture_postgres_run(f->arena, "sql", "'ALTER ROLE chatelaine SET default_transaction_read_only = on'");
    fixture_postgres_run(f->arena, "stop", "");
    fixture_postgres_run(f->arena, "again", "");
    enum status status = append_wait(f->store, f, conversation, 1);
    struct str trouble = store_trouble(f->store);
    enum status pinged = store_ping_wait(f->store);
    struct store_products products;
    enum status listed = store_product_list_wait(f->store, f->arena, STR_NONE, 0, &products);
    struct store *started;
    struct str why;
    enum status opened = store_open(f->arena, f->url, &(struct store_options){.readers = 1}, &started, &why);
    fixture_postgres_run(
        f->arena, "sql",
        "'BEGIN READ WRITE; ALTER ROLE chatelaine RESET default_transaction_read_only; COMMIT'");
    assert_int_equal(status, UNAVAILABLE);
    assert_text(trouble, STR("The database can be read only."));
    assert_int_equal(pinged, UNAVAILABLE);
    assert_ok(listed);
    assert_int_equal(opened, UNAVAILABLE);
    assert_true(str_starts_with(why, STR("The database can be read only. ")));
    for (int i = 0; i < 50 && status != OK; i++) { /* a new connection has the new setting */
        assert_ok(fiber_sleep_wait(100));
        status = store_ping_wait(f->store);
    }
    assert_ok(status);
    assert_ok(append_wait(f->store, f, conversation, 2));
}

/* ---- what the server refuses ---- */

static void a_nul_is_refused_and_takes_nobody_with_it(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_product product;
    assert_int_equal(store_product_create_wait(f->store, f->arena, STR("a\0b"), NULL, &product), INVALID);
    assert_ok(store_product_create_wait(f->store, f->arena, STR("a"), NULL, &product));
    assert_int_equal(store_product_create_wait(f->store, f->arena, STR("a"), NULL, &product), CONFLICT);
    assert_text(store_trouble(f->store), STR(""));
}

/* PostgreSQL knows every statement, and takes every parameter as a text or a BIGINT: nothing else is sent. */
static void every_statement_is_understood(struct fixture *f) {
    PGconn *connection = PQconnectdb(f->url.at);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    for (unsigned i = 0; i < STATEMENT_COUNT; i++) {
        if (i == MIGRATIONS_CREATE)
            continue;
        PGresult *prepared = PQprepare(connection, "", statement_text[i], 0, NULL);
        if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
            fail_msg("%s: %s", statement_text[i], PQresultErrorMessage(prepared));
        PQclear(prepared);
        PGresult *described = PQdescribePrepared(connection, "");
        for (int at = 0; at < PQnparams(described); at++) {
            Oid type = PQparamtype(described, at);
            if (type != 25 && type != 20) /* TEXT, BIGINT */
                fail_msg("$%d is of type %u in: %s", at + 1, type, statement_text[i]);
        }
        PQclear(described);
    }
    PQfinish(connection);
}

static enum status open_at(struct arena *arena, struct str url, bool create, struct str *message) {
    struct store *store = NULL;
    *message = STR_NONE;
    enum status status = store_open(arena, url, &(struct store_options){.create = create}, &store, message);
    if (status == OK)
        store_close(store);
    return status;
}

static struct str replaced(struct arena *arena, struct str text, struct str old, struct str by) {
    size_t at = str_find(text, old);
    assert_true(at != STR_NOT_FOUND);
    struct str pieces[] = {str_slice(text, 0, at), by, str_from_index(text, at + old.len)};
    return arena_join(arena, 3, pieces);
}

static void opening_says_what_is_wrong(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str url = fixture_url(arena, STR_NONE), message;
    assert_int_equal(open_at(arena, url, false, &message), NOT_FOUND);
    assert_true(str_find(message, STR("chatelaine init")) != STR_NOT_FOUND);
    assert_ok(open_at(arena, url, true, &message));
    assert_ok(open_at(arena, url, false, &message));

    struct str wrong = replaced(arena, url, STR("a%20pass%2Fword"), STR("hunter2"));
    assert_int_equal(open_at(arena, wrong, false, &message), UNAVAILABLE);
    assert_true(str_find(message, STR("password authentication failed")) != STR_NOT_FOUND);
    assert_true(str_find(message, STR("hunter2")) == STR_NOT_FOUND);

    struct str garbled = STR("postgres://me:hunter2%zz@localhost/x");
    assert_int_equal(open_at(arena, garbled, false, &message), INVALID);
    assert_true(str_find(message, STR("hunter2")) == STR_NOT_FOUND);

    assert_int_equal(open_at(arena, STR("postgres://x@/x?host=/nowhere"), false, &message), UNAVAILABLE);
    assert_int_equal(open_at(arena, STR("mysql://me:hunter2@localhost/x"), false, &message), INVALID);
    assert_true(str_find(message, STR("hunter2")) == STR_NOT_FOUND);
}

static void a_database_of_a_newer_version_is_left_alone(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str url = fixture_url(arena, STR_NONE), message;
    assert_ok(open_at(arena, url, true, &message));
    struct str schema = str_from_index(url, str_find(url, STR("test_")));
    struct str insert = arena_print(arena, "'INSERT INTO %.*s.migrations VALUES (999, 0)'", STR_ARG(schema));
    fixture_postgres_run(arena, "sql", insert.at);
    assert_int_equal(open_at(arena, url, false, &message), CONFLICT);
    assert_true(str_find(message, STR("newer version")) != STR_NOT_FOUND);
}

static void a_server_too_old_is_refused(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct greeter greeter;
    struct str message;
    greeter_start(&greeter, arena, "6.9.24");
    assert_int_equal(open_at(arena, greeter.url, true, &message), CONFLICT);
    assert_true(str_find(message, STR("PostgreSQL 6; Chatelaine needs 11")) != STR_NOT_FOUND);
    greeter_stop(&greeter);
}

/* ---- two servers on one database ---- */

struct twin {
    struct storm *storm;
    struct store *store;
    unsigned next;
};

enum { SHARED_NUMBERS = 400 };

/* Each twin says all numbers, to the same conversations: for each number one of them is the first. */
static FIBER void say_all(void *argument) {
    struct twin *twin = argument;
    while (twin->next < SHARED_NUMBERS) {
        unsigned number = twin->next++;
        assert_ok(append_wait(twin->store, twin->storm->f, twin->storm->conversations[number % CONVERSATIONS],
                              number));
    }
    twin->storm->running--;
    fiber_wake(twin->storm->waiter);
}

static void two_servers_write_the_same_conversations(struct fixture *f) {
    fixture_environment_wait(f);
    struct storm storm = {.f = f, .waiter = fiber_current(), .running = 2 * WRITERS};
    storm.fates = arena_alloc(f->arena, NUMBERS_MAX);
    for (unsigned i = 0; i < CONVERSATIONS; i++)
        storm.conversations[i] = begin_wait(f, arena_print(f->arena, "hash %u", i).at);
    struct store *other;
    struct str message;
    assert_ok(store_open(f->arena, f->url, &(struct store_options){.writers = 3}, &other, &message));
    struct twin twins[] = {{&storm, f->store, 0}, {&storm, other, 0}};
    for (int i = 0; i < 2 * WRITERS; i++)
        fiber_start(say_all, &twins[i % 2], NULL);
    while (storm.running > 0)
        assert_ok(fiber_park_wait());
    storm.next = SHARED_NUMBERS;
    memset(storm.fates, STORED, SHARED_NUMBERS);
    assert_true(verify_wait(&storm));
    store_close(other);
}

/* Who opens an empty database together with others finds it made once. */
static void *open_thread(void *argument) {
    AUTO_ARENA arena = arena_new();
    struct str message;
    assert_ok(open_at(arena, *(struct str *)argument, true, &message));
    return NULL;
}

static void several_make_the_tables_at_once(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str url = fixture_url(arena, STR_NONE);
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_thread, &url), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
}

struct follower {
    unsigned count;
    bool stopped;
    struct fiber *waiter;
};

static void on_change(void *context, const struct store_change *change) {
    struct follower *follower = context;
    follower->count += change != NULL;
    fiber_wake(follower->waiter);
}

static void on_stopped(void *context) {
    struct follower *follower = context;
    follower->stopped = true;
    fiber_wake(follower->waiter);
}

/* Three changes one after the other, each when the one before was heard: by the look each second alone that
 * takes two seconds at least. Then the listener's connection is ended by the server. */
static void another_servers_changes_are_heard_at_once(struct fixture *f) {
    struct follower follower = {.waiter = fiber_current()};
    struct store_watch *watch = store_watch_start(f->store, on_change, &follower);
    struct store *other;
    struct str message;
    struct store_product product;
    assert_ok(store_open(f->arena, f->url, &(struct store_options){.readers = 1}, &other, &message));
    assert_ok(fiber_sleep_wait(300));
    int64_t begun = clock_monotonic_us();
    for (unsigned i = 0; i < 4; i++) {
        if (i == 3) {
            assert_true(clock_monotonic_us() - begun < 1500000);
            fixture_postgres_run(f->arena, "sql",
                                 "\"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                                 "pg_backend_pid() AND usename = 'chatelaine'\"");
        }
        assert_ok(store_product_create_wait(other, f->arena, arena_print(f->arena, "%u", i), NULL, &product));
        while (follower.count <= i)
            assert_ok(fiber_park_wait());
    }
    store_watch_stop(watch, on_stopped);
    while (!follower.stopped)
        assert_ok(fiber_park_wait());
    store_close(other);
}

/* ---- who waits for whom ---- */

struct announcement {
    struct fixture *f;
    struct store_guard guard;
    struct fiber *waiter;
    bool is_over;
};

static FIBER void announce(void *argument) {
    struct announcement *announcement = argument;
    struct fixture *f = announcement->f;
    const struct store_audit audit = {.environment = f->environment,
                                      .action = STR("key-set.refresh"),
                                      .outcome = STR("allowed"),
                                      .guard = &announcement->guard};
    assert_ok(store_change_announce_wait(f->store, f->arena, STORE_CHANGE_KEY_SET, f->environment,
                                         STR("https://login.example/keys"), &audit));
    announcement->is_over = true;
    fiber_wake(announcement->waiter);
}

static bool says(PGconn *beside, const char *question, const char *answer) {
    PGresult *result = PQexec(beside, question);
    bool is_said = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1 &&
                   strcmp(PQgetvalue(result, 0, 0), answer) == 0;
    PQclear(result);
    return is_said;
}

/* Every change takes the changes' head before the row of whoever makes it: in another order two changes of
 * one administrator would wait for each other. */
static void the_head_of_the_changes_is_held_first(struct fixture *f) {
    fixture_environment_wait(f);
    struct str roles = STR("[]");
    struct store_administrator ada;
    const struct store_administrator_draft draft = {.email = STR("ada@acme.example"),
                                                    .email_key = STR("ada@acme.example"),
                                                    .name = STR("Ada"),
                                                    .roles = roles,
                                                    .made_by = STR("setup"),
                                                    .is_active = true};
    assert_ok(store_administrator_create_wait(f->store, f->arena, &draft, STR(""), 0, NULL, &ada));
    PGconn *holds = PQconnectdb(f->url.at), *looks = PQconnectdb(f->url.at);
    PQclear(PQexec(holds, "BEGIN"));
    assert_true(says(holds, "SELECT name FROM administrators FOR UPDATE", "Ada"));
    struct announcement announcement = {
        .f = f, .guard = {.administrator = ada.id, .roles = roles}, .waiter = fiber_current()};
    fiber_start(announce, &announcement, NULL);
    while (!says(looks,
                 "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = "
                 "current_database()",
                 "1"))
        assert_ok(fiber_sleep_wait(10));
    assert_false(
        says(looks, "SELECT COUNT(*) FROM (SELECT id FROM change_head FOR UPDATE NOWAIT) free", "1"));
    PQclear(PQexec(holds, "ROLLBACK"));
    while (!announcement.is_over)
        assert_ok(fiber_park_wait());
    assert_true(says(looks, "SELECT COUNT(*) FROM (SELECT id FROM change_head FOR UPDATE NOWAIT) free", "1"));
    PQfinish(holds);
    PQfinish(looks);
}

#define TEST(name, timeout_ms)                                                                               \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run_patiently(name, timeout_ms);                                                             \
    }
TEST(a_killed_database_loses_nothing, 5000)
TEST(a_restarted_database_is_found_again, 5000)
TEST(a_hung_database_is_told_and_goes_on, 800)
TEST(a_hung_database_is_not_waited_for, 800)
TEST(a_read_only_database_is_told, 5000)
TEST(every_statement_is_understood, 5000)
TEST(a_nul_is_refused_and_takes_nobody_with_it, 5000)
TEST(two_servers_write_the_same_conversations, 5000)
TEST(another_servers_changes_are_heard_at_once, 5000)
TEST(the_head_of_the_changes_is_held_first, 60000)

int main(void) {
    setenv("CHATELAINE_TEST_STORE", "postgres", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_says_what_is_wrong),
        cmocka_unit_test(a_database_of_a_newer_version_is_left_alone),
        cmocka_unit_test(a_server_too_old_is_refused),
        cmocka_unit_test(several_make_the_tables_at_once),
        cmocka_unit_test(test_every_statement_is_understood),
        cmocka_unit_test(test_a_nul_is_refused_and_takes_nobody_with_it),
        cmocka_unit_test(test_two_servers_write_the_same_conversations),
        cmocka_unit_test(test_another_servers_changes_are_heard_at_once),
        cmocka_unit_test(test_the_head_of_the_changes_is_held_first),
        cmocka_unit_test(test_a_read_only_database_is_told),
        cmocka_unit_test(test_a_restarted_database_is_found_again),
        cmocka_unit_test(test_a_killed_database_loses_nothing),
        cmocka_unit_test(test_a_hung_database_is_not_waited_for),
        cmocka_unit_test(test_a_hung_database_is_told_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
