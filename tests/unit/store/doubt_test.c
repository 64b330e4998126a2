/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL server that fails at the worst moments: between a commit and its answer, while that is asked
 * after, while statements are prepared, and behind its greeting. */
#include "base/clock.h"
#include "fixture.h"
#include "greeter.h"
#include "store/conversation.h"
#include "store/environment.h"
#include "store/message.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PGconn *connect_beside(struct fixture *f) {
    PGconn *connection = PQconnectdb(f->url.at);
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    PQclear(PQexec(connection, "SET synchronous_commit = local"));
    PQclear(PQexec(connection, "SET client_min_messages = error"));
    return connection;
}

/* What the first field of the first row says; "" where there is none. */
static struct str run(struct fixture *f, PGconn *connection, const char *text) {
    PGresult *result = PQexec(connection, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQresultErrorMessage(result));
    bool any = status == PGRES_TUPLES_OK && PQntuples(result) > 0;
    struct str said = any ? arena_copy(f->arena, str_from(PQgetvalue(result, 0, 0))) : STR("");
    PQclear(result);
    return said;
}

static FIBER struct str run_until_said_wait(struct fixture *f, PGconn *connection, const char *text) {
    struct str said = STR("");
    for (int i = 0; i < 250 && str_is_empty(said); i++) {
        assert_ok(fiber_sleep_wait(20));
        said = run(f, connection, text);
    }
    assert_false(str_is_empty(said));
    return said;
}

static void terminate(struct fixture *f, PGconn *connection, struct str pid) {
    run(f, connection, arena_print(f->arena, "SELECT pg_terminate_backend(%.*s)", STR_ARG(pid)).at);
}

/* ---- a commit in doubt ---- */

struct appending {
    struct fixture *f;
    struct str conversation;
    enum status status;
    bool is_over;
    struct fiber *waiter;
};

static FIBER enum status append_wait(struct fixture *f, struct str conversation) {
    struct store_message_draft draft = {.text = STR("of no id, so that nothing but the store keeps it from "
                                                    "being there twice")};
    struct store_message message;
    bool duplicate;
    return store_message_append_wait(f->store, f->arena, f->environment, conversation, &draft, &message,
                                     &duplicate);
}

static FIBER void append(void *argument) {
    struct appending *appending = argument;
    appending->status = append_wait(appending->f, appending->conversation);
    appending->is_over = true;
    fiber_wake(appending->waiter);
}

static FIBER size_t count_wait(struct fixture *f, struct str conversation) {
    struct store_messages messages;
    assert_ok(
        store_message_list_after_wait(f->store, f->arena, f->environment, conversation, 0, 0, &messages));
    return messages.count;
}

/* A conversation with one message in it, whose writer is known to the database by now. */
static FIBER struct appending begin_wait(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_conversation_draft draft = {.resume_hash = STR("hash")};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    assert_ok(append_wait(f, begun.conversation.id));
    return (struct appending){.f = f, .conversation = begun.conversation.id, .waiter = fiber_current()};
}

static FIBER void finish_wait(const struct appending *appending) {
    while (!appending->is_over)
        assert_ok(fiber_park_wait());
}

/* The commit waits for a standby that does not exist: it is done, but not answered. */
static void a_question_that_fails_is_no_answer(struct fixture *f) {
    struct appending appending = begin_wait(f);
    PGconn *beside = connect_beside(f);
    run(f, beside, "CREATE SEQUENCE gate");
    run(f, beside,
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF (SELECT last_value FROM gate) = 2 THEN PERFORM setval('gate', 3);"
        " RAISE EXCEPTION USING ERRCODE = '57014'; END IF; RETURN NULL; END$$");
    run(f, beside, "CREATE TRIGGER stop BEFORE UPDATE ON writers FOR EACH STATEMENT EXECUTE FUNCTION stop()");
    run(f, beside, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    run(f, beside, "SELECT pg_reload_conf()");
    assert_ok(fiber_sleep_wait(700));
    fiber_start(append, &appending, NULL);
    struct str pid =
        run_until_said_wait(f, beside, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    run(f, beside, "SELECT setval('gate', 2)"); /* the first question is refused */
    terminate(f, beside, pid);
    run(f, beside, "ALTER SYSTEM RESET synchronous_standby_names");
    run(f, beside, "SELECT pg_reload_conf()");
    finish_wait(&appending);
    assert_text(run(f, beside, "SELECT last_value FROM gate"), STR("3"));
    assert_ok(appending.status);
    assert_int_equal(count_wait(f, appending.conversation), 2);
    PQfinish(beside);
}

/* The commit is undone, and the row that would say so has gone. */
static void a_row_that_has_gone_is_no_answer(struct fixture *f) {
    struct appending appending = begin_wait(f);
    PGconn *beside = connect_beside(f), *remover = connect_beside(f);
    run(f, beside, "CREATE SEQUENCE gate");
    run(f, beside,
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF (SELECT last_value FROM gate) = 1 THEN PERFORM pg_sleep(20); END IF; RETURN NULL; END$$");
    run(f, beside,
        "CREATE CONSTRAINT TRIGGER stay AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION stay()");
    fiber_start(append, &appending, NULL);
    struct str pid =
        run_until_said_wait(f, beside, "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    run(f, beside, "SELECT setval('gate', 2)");
    assert_int_equal(PQsendQuery(remover, "DELETE FROM writers"), 1);
    run_until_said_wait(f, beside,
                        "SELECT pid FROM pg_stat_activity"
                        " WHERE wait_event_type = 'Lock' AND query = 'DELETE FROM writers'");
    terminate(f, beside, pid);
    finish_wait(&appending);
    assert_int_equal(count_wait(f, appending.conversation), 1);
    assert_int_equal(appending.status, UNAVAILABLE);
    assert_ok(append_wait(f, appending.conversation));
    PQfinish(remover);
    PQfinish(beside);
}

/* ---- a table that is held while statements are prepared ---- */

static void what_could_not_be_prepared_is_prepared_later(struct fixture *f) {
    fixture_environment_wait(f);
    struct store *store;
    struct str message;
    struct store_options options = {.writers = 1, .timeout_ms = 800};
    assert_ok(store_open(f->arena, f->url, &options, &store, &message));
    PGconn *beside = connect_beside(f);
    run(f, beside, "BEGIN");
    run(f, beside, "LOCK TABLE conversations");
    struct store_conversation_draft draft = {.resume_hash = STR("hash")};
    struct store_begun begun;
    assert_int_equal(store_conversation_begin_wait(store, f->arena, f->environment, &draft, &begun),
                     UNAVAILABLE);
    run(f, beside, "COMMIT");
    assert_ok(store_conversation_begin_wait(store, f->arena, f->environment, &draft, &begun));
    store_close(store);
    PQfinish(beside);
}

static void what_was_forgotten_is_prepared_again(struct fixture *f) {
    struct appending appending = begin_wait(f);
    PGconn *beside = connect_beside(f);
    run(f, beside, "CREATE SEQUENCE gate");
    run(f, beside,
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " IF nextval('gate') = 1 THEN DEALLOCATE ALL; END IF; RETURN NULL; END$$");
    run(f, beside, "CREATE TRIGGER forget AFTER INSERT ON messages EXECUTE FUNCTION forget()");
    assert_ok(append_wait(f, appending.conversation));
    assert_ok(append_wait(f, appending.conversation));
    assert_int_equal(count_wait(f, appending.conversation), 3);
    PQfinish(beside);
}

/* ---- statements that take too long, one after the other ---- */

enum { SLOW = 16 };

struct slow {
    struct fixture *f;
    struct store *store;
    struct str conversation;
    enum status status;
    unsigned *running;
    struct fiber *waiter;
};

static FIBER void append_slowly(void *argument) {
    struct slow *slow = argument;
    struct store_message_draft draft = {.text = STR("a word")};
    struct store_message message;
    bool duplicate;
    slow->status = store_message_append_wait(slow->store, slow->f->arena, slow->f->environment,
                                             slow->conversation, &draft, &message, &duplicate);
    --*slow->running;
    fiber_wake(slow->waiter);
}

static void all_slow_ones_together_have_their_time_once(struct fixture *f) {
    struct appending appending = begin_wait(f);
    struct store *store;
    struct str message;
    struct store_options options = {.writers = 1, .timeout_ms = 500};
    assert_ok(store_open(f->arena, f->url, &options, &store, &message));
    PGconn *beside = connect_beside(f);
    run(f, beside,
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(30);"
        " RETURN NULL; END$$");
    run(f, beside, "CREATE TRIGGER stay AFTER INSERT ON messages EXECUTE FUNCTION stay()");
    int64_t begun = clock_monotonic_us();
    struct slow slow[SLOW];
    unsigned running = SLOW;
    for (int i = 0; i < SLOW; i++) {
        slow[i] = (struct slow){f, store, appending.conversation, OK, &running, fiber_current()};
        fiber_start(append_slowly, &slow[i], NULL);
    }
    while (running > 0)
        assert_ok(fiber_park_wait());
    for (int i = 0; i < SLOW; i++)
        assert_int_equal(slow[i].status, UNAVAILABLE);
    assert_true(clock_monotonic_us() - begun < 5 * 1000 * 1000);
    assert_int_equal(count_wait(f, appending.conversation), 1);
    store_close(store);
    PQfinish(beside);
}

/* ---- an environment that is deleted while somebody comes ---- */

struct deleting {
    struct fixture *f;
    enum status status;
    bool is_over;
    struct fiber *waiter;
};

static FIBER void delete_environment(void *argument) {
    struct deleting *deleting = argument;
    struct fixture *f = deleting->f;
    deleting->status = store_environment_delete_wait(f->store, f->arena, f->environment, 0, NULL);
    deleting->is_over = true;
    fiber_wake(deleting->waiter);
}

static void who_comes_to_a_deleted_environment_leaves_nothing(struct fixture *f) {
    fixture_environment_wait(f);
    PGconn *beside = connect_beside(f), *holder = connect_beside(f);
    struct store *other;
    struct str message;
    assert_ok(store_open(f->arena, f->url, &(struct store_options){.writers = 1}, &other, &message));
    assert_int_equal(store_environment_delete_wait(f->store, f->arena, STR("env_none"), 0, NULL),
                     NOT_FOUND); /* what it takes is prepared by that */
    run(f, holder, "BEGIN");
    run(f, holder, "LOCK TABLE messages IN SHARE MODE"); /* what is deleted last has to wait */
    struct deleting deleting = {.f = f, .waiter = fiber_current()};
    fiber_start(delete_environment, &deleting, NULL);
    run_until_said_wait(f, beside,
                        "SELECT pid FROM pg_stat_activity"
                        " WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE FROM messages%'");
    struct store_conversation_draft draft = {.resume_hash = STR("hash")};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(other, f->arena, f->environment, &draft, &begun));
    run(f, holder, "COMMIT");
    while (!deleting.is_over)
        assert_ok(fiber_park_wait());
    assert_ok(deleting.status);
    assert_text(
        run(f, beside, "SELECT (SELECT COUNT(*) FROM visitors) + (SELECT COUNT(*) FROM conversations)"),
        STR("0"));
    store_close(other);
    PQfinish(holder);
    PQfinish(beside);
}

/* ---- a server that greets, and says no more: a pooler whose database hangs ---- */

static void a_server_that_only_greets_is_not_waited_for(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct greeter greeter;
    struct store *store;
    struct str message;
    greeter_start(&greeter, arena, "16.2.1");
    int64_t begun = clock_monotonic_us();
    alarm(20);
    assert_int_equal(
        store_open(arena, greeter.url, &(struct store_options){.timeout_ms = 500}, &store, &message),
        UNAVAILABLE);
    alarm(0);
    assert_true(clock_monotonic_us() - begun < 3 * 1000 * 1000);
    greeter_stop(&greeter);
}

#define TEST(name)                                                                                           \
    static void test_##name(void **state) {                                                                  \
        (void)state;                                                                                         \
        fixture_run(name);                                                                                   \
    }
TEST(a_question_that_fails_is_no_answer)
TEST(a_row_that_has_gone_is_no_answer)
TEST(what_could_not_be_prepared_is_prepared_later)
TEST(what_was_forgotten_is_prepared_again)
TEST(all_slow_ones_together_have_their_time_once)
TEST(who_comes_to_a_deleted_environment_leaves_nothing)

int main(void) {
    setenv("CHATELAINE_TEST_STORE", "postgres", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_question_that_fails_is_no_answer),
        cmocka_unit_test(test_a_row_that_has_gone_is_no_answer),
        cmocka_unit_test(test_what_could_not_be_prepared_is_prepared_later),
        cmocka_unit_test(test_what_was_forgotten_is_prepared_again),
        cmocka_unit_test(test_all_slow_ones_together_have_their_time_once),
        cmocka_unit_test(test_who_comes_to_a_deleted_environment_leaves_nothing),
        cmocka_unit_test(a_server_that_only_greets_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
