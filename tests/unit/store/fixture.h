/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a directory of its own for each test, and a fiber to run the test in. */
#pragma once

#include "base/blocking.h"
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct str directory;
    struct str url; /* of the store */
    struct store *store;
    struct str product, environment; /* ids; made by fixture_environment_wait */
    void *more;                      /* the test's own */
};

struct str fixture_directory(struct arena *arena); /* new and empty, below the system's place for such */
void fixture_remove(struct str directory);

/* With CHATELAINE_TEST_STORE=postgres every fixture is on PostgreSQL: a server of the program's own, which
 * ends with it. */
bool fixture_is_postgres(void);
struct str fixture_url(struct arena *arena, struct str directory); /* of a new store */
struct str fixture_postgres(struct arena *arena); /* the server's URL; starts it where it does not run */
struct str fixture_postgres_directory(void);
/* tests/postgres.sh COMMAND its-directory ARGUMENT; gives what it prints. */
struct str fixture_postgres_run(struct arena *arena, const char *command, const char *argument);

/* Opens a store in a fresh directory, runs `test` in a fiber, closes and removes everything. */
void fixture_run(void (*test)(struct fixture *fixture));
void fixture_run_patiently(void (*test)(struct fixture *fixture), int64_t timeout_ms); /* of the store */
void fixture_run_with(void (*test)(struct fixture *fixture), void *more);
FIBER void fixture_environment_wait(struct fixture *fixture);

#define assert_ok(call) assert_int_equal((call), OK)
#define assert_text(actual, expected)                                                                        \
    do {                                                                                                     \
        struct str actual_ = (actual), expected_ = (expected);                                               \
        assert_int_equal(actual_.len, expected_.len);                                                        \
        assert_memory_equal(actual_.at == NULL ? "" : actual_.at, expected_.at == NULL ? "" : expected_.at,  \
                            actual_.len);                                                                    \
    } while (0)
