/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

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
    assert_ok(store_environment_create_wait(fixture->store, fixture->arena, product.id, STR("live"),
                                            STR("{}"), NULL, &environment));
    fixture->product = product.id;
    fixture->environment = environment.id;
}

struct call {
    void (*test)(struct fixture *fixture);
    struct fixture *fixture;
};

static void run_in_fiber(void *argument) {
    struct call *call = argument;
    call->test(call->fixture);
}

void fixture_run_with(void (*test)(struct fixture *fixture), void *more) {
    struct fixture fixture = {.arena = arena_new(), .more = more};
    fixture.directory = fixture_directory(fixture.arena);
    fixture.path = arena_print(fixture.arena, "%s/test.db", fixture.directory.at);
    struct str message = STR_NONE;
    struct store_options options = {.create = true};
    assert_ok(store_open(fixture.arena, fixture.path, &options, &fixture.store, &message));
    struct call call = {test, &fixture};
    blocking_run(run_in_fiber, &call);
    store_close(fixture.store);
    fixture_remove(fixture.directory);
    arena_free(fixture.arena);
}

void fixture_run(void (*test)(struct fixture *fixture)) {
    fixture_run_with(test, NULL);
}
