/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/product.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct str fixture_directory(struct arena *arena) {
    const char *base = getenv("TMPDIR");
    struct str pattern = arena_print(arena, "%s/chatelaine-store-XXXXXX", base == NULL ? "/tmp" : base);
    assert_non_null(mkdtemp((char *)pattern.at));
    return pattern;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place) {
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void fixture_remove(struct str directory) {
    nftw(directory.at, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void fixture_environment_wait(struct fixture *fixture) {
    struct store_product product;
    struct store_environment environment;
    assert_ok(store_product_create_wait(fixture->store, fixture->arena, STR("acme"), NULL, &product));
    assert_ok(fixture_add_environment_wait(fixture, product.id, STR("live"), STR("{}"), &environment));
    fixture->product = product.id;
    fixture->environment = environment.id;
}

enum status fixture_add_environment_wait(struct fixture *fixture, struct str product, struct str name,
                                         struct str config, struct store_environment *environment) {
    struct store_environment made = {.id = id_new(fixture->arena, STR("env")),
                                     .product = product,
                                     .name = name,
                                     .config = config,
                                     .created_at = clock_now_ms()};
    struct store_batch *batch = store_batch_new(fixture->store, made.id);
    store_batch_add_environment(batch, &made, NULL);
    TRY(store_batch_write_wait(batch));
    return store_environment_find_wait(fixture->store, fixture->arena, made.id, environment);
}

enum status fixture_put_document_wait(struct fixture *fixture, enum store_document_kind kind, struct str name,
                                      struct str document, int64_t version) {
    struct store_batch *batch = store_batch_new(fixture->store, fixture->environment);
    store_batch_put_document(batch, kind, name, document, version, NULL);
    return store_batch_write_wait(batch);
}

struct store_begun fixture_begin_anonymous_wait(struct fixture *fixture, struct str resume_hash) {
    struct store_conversation_draft draft = {.resume_hash = resume_hash};
    struct store_begun begun;
    assert_ok(
        store_conversation_begin_wait(fixture->store, fixture->arena, fixture->environment, &draft, &begun));
    return begun;
}

bool fixture_is_postgres(void) {
    const char *engine = getenv("CHATELAINE_TEST_STORE");
    return engine != NULL && str_equal(str_from(engine), STR("postgres"));
}

/* ---- one PostgreSQL server for all tests of a program ---- */

static char server_directory[64], server_url[256];

struct str fixture_postgres_run(struct arena *arena, const char *command, const char *argument) {
    struct str line =
        arena_print(arena, TEST_SOURCE "/tests/postgres.sh %s %s %s", command, server_directory, argument);
    FILE *pipe = popen(line.at, "r");
    assert_non_null(pipe);
    char *answer = arena_alloc(arena, 4096);
    size_t got = fread(answer, 1, 4095, pipe);
    assert_int_equal(pclose(pipe), 0);
    return str_trim(str_of(answer, got));
}

static void end_server(void) {
    AUTO_ARENA arena = arena_new();
    fixture_postgres_run(arena, "stop", "");
    fixture_remove(str_from(server_directory));
}

struct str fixture_postgres(struct arena *arena) {
    if (server_url[0] == '\0') {
        struct str directory = fixture_directory(arena);
        snprintf(server_directory, sizeof server_directory, "%.*s", STR_ARG(directory));
        struct str url = fixture_postgres_run(arena, "start", arena_print(arena, "%ld", (long)getpid()).at);
        snprintf(server_url, sizeof server_url, "%.*s", STR_ARG(url));
        atexit(end_server);
    }
    return str_from(server_url);
}

/* A schema is as good as a database, and made sooner. */
static struct str fresh_schema(struct arena *arena) {
    static unsigned number;
    struct str url = fixture_postgres(arena);
    number++;
    fixture_postgres_run(arena, "sql", arena_print(arena, "'CREATE SCHEMA test_%u'", number).at);
    return arena_print(arena, "%.*s&options=-csearch_path%%3Dtest_%u", STR_ARG(url), number);
}

struct str fixture_postgres_directory(void) {
    return str_from(server_directory);
}

struct str fixture_url(struct arena *arena, struct str directory) {
    return fixture_is_postgres() ? fresh_schema(arena) : arena_print(arena, "%s/test.db", directory.at);
}

struct call {
    void (*test)(struct fixture *fixture);
    struct fixture *fixture;
};

static void run_in_fiber(void *argument) {
    struct call *call = argument;
    call->test(call->fixture);
}

static void run_with(void (*test)(struct fixture *fixture), void *more, int64_t timeout_ms) {
    struct fixture fixture = {.arena = arena_new(), .more = more};
    fixture.directory = fixture_directory(fixture.arena);
    fixture.url = fixture_url(fixture.arena, fixture.directory);
    struct str message = STR_NONE;
    struct store_options options = {.create = true, .timeout_ms = timeout_ms};
    assert_ok(store_open(fixture.arena, fixture.url, &options, &fixture.store, &message));
    struct call call = {test, &fixture};
    blocking_run(run_in_fiber, &call);
    store_close(fixture.store);
    fixture_remove(fixture.directory);
    arena_free(fixture.arena);
}

void fixture_run_with(void (*test)(struct fixture *fixture), void *more) {
    run_with(test, more, 0);
}

void fixture_run_patiently(void (*test)(struct fixture *fixture), int64_t timeout_ms) {
    run_with(test, NULL, timeout_ms);
}

void fixture_run(void (*test)(struct fixture *fixture)) {
    fixture_run_with(test, NULL);
}
