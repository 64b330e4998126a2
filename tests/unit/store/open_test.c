/* SPDX-License-Identifier: Apache-2.0 */
/* Opening: fresh, again, by a newer version, not a database at all; and a process that is killed while it
 * writes. */
#include "fixture.h"
#include "store/conversation.h"
#include "store/message.h"
#include "store/product.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 12 };

static enum status open_at(struct arena *arena, struct str url, bool create, struct str *message) {
    struct store *store = NULL;
    *message = STR_NONE;
    enum status status =
        store_open(arena, url, &(struct store_options){.create = create, .readers = 1}, &store, message);
    if (status == OK)
        store_close(store);
    else
        assert_true(message->len > 0);
    return status;
}

static void run_sql(const char *path, const char *text) {
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void opening(void **state) {
    (void)state;
    AUTO_ARENA arena = arena_new();
    struct str directory = fixture_directory(arena), message;
    struct str path = arena_print(arena, "%s/a.db", directory.at);
    assert_int_equal(open_at(arena, path, false, &message), NOT_FOUND);
    assert_ok(open_at(arena, path, true, &message));
    assert_ok(open_at(arena, path, false, &message));
    assert_ok(open_at(arena, arena_print(arena, "sqlite:%s", path.at), false, &message));
    assert_int_equal(open_at(arena, STR("mysql://localhost/x"), true, &message), INVALID);
    assert_int_equal(open_at(arena, STR("postgres:/me:hunter2@localhost/x"), true, &message), INVALID);
    assert_int_equal(open_at(arena, STR("dbname=x host=localhost password=hunter2"), true, &message),
                     INVALID);
    assert_true(str_find(message, STR("hunter2")) == STR_NOT_FOUND);
    assert_int_equal(open_at(arena, STR(""), true, &message), INVALID);
    assert_int_equal(open_at(arena, STR("/nowhere/at/all.db"), true, &message), NOT_FOUND);

    run_sql(path.at, "INSERT INTO migrations (number, applied_at) VALUES (999, 0)");
    assert_int_equal(open_at(arena, path, false, &message), CONFLICT);
    assert_true(str_find(message, STR("newer version")) != STR_NOT_FOUND);

    struct str garbage = arena_print(arena, "%s/b.db", directory.at);
    FILE *file = fopen(garbage.at, "w");
    fputs("This is no database, and it is long enough to have a header. Really, it is a letter to nobody at "
          "all.",
          file);
    fclose(file);
    assert_int_equal(open_at(arena, garbage, false, &message), FAILED);
    fixture_remove(directory);
}

/* ---- a database that another process holds, and a disk that is full: told, nothing lost, and well again
 * afterwards ---- */

static void a_busy_database_is_told(struct fixture *f) {
    struct store *impatient;
    struct str message;
    struct store_product product;
    assert_ok(store_open(f->arena, f->url, &(struct store_options){.timeout_ms = 20}, &impatient, &message));
    sqlite3 *other;
    assert_int_equal(sqlite3_open(f->url.at, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_product_create_wait(impatient, f->arena, STR("acme"), NULL, &product),
                     UNAVAILABLE);
    assert_int_equal(store_ping_wait(impatient), UNAVAILABLE);
    assert_text(store_trouble(impatient), STR("The database is held by another process."));
    struct store_products none;
    assert_ok(store_product_list_wait(impatient, f->arena, STR_NONE, 0, &none)); /* reading goes on */
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    assert_ok(store_ping_wait(impatient));
    assert_text(store_trouble(impatient), STR(""));
    assert_ok(store_product_create_wait(impatient, f->arena, STR("acme"), NULL, &product));
    store_close(impatient);
}

static FIBER enum status append_wait(struct fixture *f, struct str conversation, unsigned number) {
    AUTO_ARENA arena = arena_new();
    char *text = arena_alloc(arena, 4000);
    memset(text, 'x', 4000);
    struct store_message_draft draft = {.text = str_of(text, 4000),
                                        .client_id = arena_print(arena, "%u", number)};
    struct store_message message;
    bool duplicate;
    return store_message_append_wait(f->store, arena, f->environment, conversation, &draft, &message,
                                     &duplicate);
}

static void a_full_disk_is_told(struct fixture *f) {
    fixture_environment_wait(f);
    struct store_conversation_draft draft = {.resume_hash = STR("hash")};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(f->store, f->arena, f->environment, &draft, &begun));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, tight = {.rlim_cur = (rlim_t)2 * 1024 * 1024};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    tight.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    unsigned stored = 0;
    enum status status;
    while ((status = append_wait(f, begun.conversation.id, stored)) == OK && stored < 10000)
        stored++;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, UNAVAILABLE);
    assert_true(stored > 10);
    struct store_messages latest;
    assert_ok(store_message_list_latest_wait(f->store, f->arena, f->environment, begun.conversation.id, 0, 1,
                                             &latest));
    assert_int_equal(latest.at[0].position, stored);
    assert_ok(append_wait(f, begun.conversation.id, stored));
    assert_ok(store_message_list_latest_wait(f->store, f->arena, f->environment, begun.conversation.id, 0, 1,
                                             &latest));
    assert_int_equal(latest.at[0].position, stored + 1);
}

static void test_busy(void **state) {
    (void)state;
    fixture_run(a_busy_database_is_told);
}

static void test_full(void **state) {
    (void)state;
    fixture_run(a_full_disk_is_told);
}

/* ---- SIGKILL ---- */

struct writer {
    struct store *store;
    struct arena *arena;
    struct str environment, conversation;
    int acks;
    unsigned next;
};

/* Writes for ever, and says so through a pipe when the store has said OK. */
static FIBER void write_for_ever(void *argument) {
    struct writer *writer = argument;
    for (;;) {
        AUTO_ARENA arena = arena_new();
        unsigned number = writer->next++;
        struct store_message_draft draft = {.text = STR("word"),
                                            .client_id = arena_print(arena, "%u", number)};
        struct store_message message;
        bool duplicate;
        if (store_message_append_wait(writer->store, arena, writer->environment, writer->conversation, &draft,
                                      &message, &duplicate) != OK)
            _exit(1);
        if (write(writer->acks, &number, sizeof number) != sizeof number)
            _exit(1);
    }
}

static FIBER void many_writers(void *argument) {
    for (int i = 0; i < 16; i++)
        fiber_start(write_for_ever, argument, NULL);
    write_for_ever(argument);
}

static _Noreturn void be_killed(struct str path, struct str environment, struct str conversation,
                                unsigned first, int acks) {
    struct arena *arena = arena_new();
    struct writer writer = {.arena = arena,
                            .environment = environment,
                            .conversation = conversation,
                            .acks = acks,
                            .next = first};
    struct str message;
    if (store_open(arena, path, &(struct store_options){0}, &writer.store, &message) == OK)
        blocking_run(many_writers, &writer);
    _exit(1);
}

struct crash {
    struct arena *arena;
    struct str url;
    struct store *store;
    struct fixture fixture;
    struct str conversation;
    bool *acknowledged;
    size_t count;
};

static FIBER void begin_wait(void *argument) {
    struct crash *crash = argument;
    crash->fixture = (struct fixture){.arena = crash->arena, .store = crash->store};
    fixture_environment_wait(&crash->fixture);
    struct store_conversation_draft draft = {.resume_hash = STR("hash")};
    struct store_begun begun;
    assert_ok(store_conversation_begin_wait(crash->store, crash->arena, crash->fixture.environment, &draft,
                                            &begun));
    crash->conversation = begun.conversation.id;
}

/* Every acknowledged message is there, once, and the positions have no gap. */
static FIBER void verify_wait(void *argument) {
    struct crash *crash = argument;
    bool *found = arena_alloc_array(crash->arena, crash->count, sizeof *found);
    int64_t position = 0;
    struct store_messages page;
    do {
        AUTO_ARENA arena = arena_new();
        assert_ok(store_message_list_after_wait(crash->store, arena, crash->fixture.environment,
                                                crash->conversation, position, 0, &page));
        for (size_t i = 0; i < page.count; i++) {
            uint64_t number;
            assert_int_equal(page.at[i].position, ++position);
            assert_ok(str_to_uint64(page.at[i].client_id, &number));
            assert_true(number < crash->count);
            assert_false(found[number]);
            found[number] = true;
        }
    } while (page.count > 0);
    for (size_t i = 0; i < crash->count; i++)
        assert_true(found[i] || !crash->acknowledged[i]);
}

static void with_store(struct crash *crash, bool create, void (*run)(void *argument)) {
    struct str message;
    assert_ok(store_open(crash->arena, crash->url, &(struct store_options){.create = create}, &crash->store,
                         &message));
    blocking_run(run, crash);
    store_close(crash->store);
}

enum { NUMBERS_A_ROUND = 100000 };

static void kill_one_writer(struct crash *crash, unsigned round) {
    int acks[2];
    assert_int_equal(pipe(acks), 0);
    pid_t child = fork();
    if (child == 0) {
        close(acks[0]);
        be_killed(crash->url, crash->fixture.environment, crash->conversation, round * NUMBERS_A_ROUND,
                  acks[1]);
    }
    close(acks[1]);
    unsigned number, wanted = 20 + 37 * round, got = 0;
    while (read(acks[0], &number, sizeof number) == sizeof number) {
        assert_true(number < crash->count);
        crash->acknowledged[number] = true;
        if (++got == wanted)
            kill(child, SIGKILL); /* what is in the pipe by then was acknowledged too */
    }
    assert_true(got >= wanted);
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
    close(acks[0]);
}

static void what_was_acknowledged_survives_a_kill(void **state) {
    (void)state;
    struct crash crash = {.arena = arena_new(), .count = ROUNDS * (size_t)NUMBERS_A_ROUND};
    struct str directory = fixture_directory(crash.arena);
    crash.url = fixture_url(crash.arena, directory);
    crash.acknowledged = arena_alloc_array(crash.arena, crash.count, sizeof *crash.acknowledged);
    with_store(&crash, true, begin_wait);
    for (unsigned round = 0; round < ROUNDS; round++) {
        kill_one_writer(&crash, round);
        with_store(&crash, false, verify_wait);
    }
    fixture_remove(directory);
    arena_free(crash.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_survives_a_kill),
    };
    const struct CMUnitTest sqlite_tests[] = {
        cmocka_unit_test(opening),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_full),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return fixture_is_postgres() ? failed : failed + cmocka_run_group_tests(sqlite_tests, NULL, NULL);
}
