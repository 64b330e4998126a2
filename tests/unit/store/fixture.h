/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a directory of its own for each test, and a fiber to run the test in. */
#pragma once

#include "base/blocking.h"
#include "store/batch.h"
#include "store/conversation.h"
#include "store/environment.h"

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

/* As the product makes them: in a batch of its own. */
FIBER NODISCARD enum status fixture_add_environment_wait(struct fixture *fixture, struct str product,
                                                         struct str name, struct str config,
                                                         struct store_environment *environment);
/* Into the fixture's environment; `version` as in store_batch_put_document. */
FIBER NODISCARD enum status fixture_put_document_wait(struct fixture *fixture, enum store_document_kind kind,
                                                      struct str name, struct str document, int64_t version);
/* Who comes without a sign-in, with a conversation. */
FIBER struct store_begun fixture_begin_anonymous_wait(struct fixture *fixture, struct str resume_hash);

#define assert_ok(call) assert_int_equal((call), OK)
#define assert_text(actual, expected)                                                                        \
    do {                                                                                                     \
        struct str actual_ = (actual), expected_ = (expected);                                               \
        assert_int_equal(actual_.len, expected_.len);                                                        \
        assert_memory_equal(actual_.at == NULL ? "" : actual_.at, expected_.at == NULL ? "" : expected_.at,  \
                            actual_.len);                                                                    \
    } while (0)
