/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting, and what is agreed with the server before anything else is said. */
#include "store/postgres.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OLDEST_SERVER = 110000, BACKOFF_FIRST_MS = 100, BACKOFF_MOST_MS = 5000, PAUSE_MS = 50 };

/* ---- libpq's parameters ---- */

static bool option_is_set(const PQconninfoOption *options, const char *name) {
    for (; options->keyword != NULL; options++) {
        if (strcmp(options->keyword, name) == 0)
            return options->val != NULL;
    }
    return false;
}

static bool has_several_hosts(const PQconninfoOption *options) {
    for (; options->keyword != NULL; options++) {
        if ((strcmp(options->keyword, "host") == 0 || strcmp(options->keyword, "hostaddr") == 0) &&
            options->val != NULL && strchr(options->val, ',') != NULL)
            return true;
    }
    return false;
}

/* Of several servers the one that can be written; readers must see what was written a moment ago, so they go
 * to the same. NULL: libpq's default. */
static const char *wanted_session(const char *url, bool read_only) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    if (options == NULL)
        return NULL;
    bool is_ours_to_say = has_several_hosts(options) && !option_is_set(options, "target_session_attrs");
    PQconninfoFree(options);
    return !is_ours_to_say ? NULL : read_only ? "primary" : "read-write";
}

/* What the server remarks beside its answers is not for our standard error. */
static void ignore_notice(void *context, const char *text) {
    (void)context;
    (void)text;
}

PGconn *postgres_connect_bare(struct str url, bool read_only, int64_t timeout_ms) {
    char timeout_s[24]; /* libpq takes at least two */
    snprintf(timeout_s, sizeof timeout_s, "%lld", timeout_ms < 2000 ? 2LL : (long long)(timeout_ms / 1000));
    /* What stands before the URL gives way to what the URL says. */
    const char *const names[] = {"fallback_application_name", "connect_timeout",
                                 "keepalives_idle",           "keepalives_interval",
                                 "keepalives_count",          "tcp_user_timeout",
                                 "target_session_attrs",      "dbname",
                                 "client_encoding",           NULL};
    const char *const values[] = {
        "chatelaine", timeout_s, "10", "5", "3", "15000", wanted_session(url.at, read_only),
        url.at,       "UTF8",    NULL};
    PGconn *handle = PQconnectdbParams(names, values, 1);
    PQsetNoticeProcessor(handle, ignore_notice, NULL);
    return handle;
}

/* ---- what is told ---- */

/* libpq's own words name host, port, user and database; never the password, which is looked after all the
 * same. */
static struct str why_not(struct arena *arena, const PGconn *handle) {
    struct str why = str_trim(str_from(PQerrorMessage(handle)));
    struct str password = str_from(PQpass(handle));
    size_t line = str_find_byte(why, '\n');
    if (line != STR_NOT_FOUND)
        why = str_slice(why, 0, line);
    if (password.len > 0 && str_find(why, password) != STR_NOT_FOUND)
        why = STR("it refuses");
    return arena_copy(arena, why);
}

static enum status refuse(struct postgres *postgres, struct str *message, struct str sentence,
                          enum status status) {
    if (message != NULL)
        *message = sentence;
    postgres_disconnect(postgres);
    return status;
}

/* ---- what is agreed ---- */

/* A statement ends by itself before we give it up. A transaction that waits for us, whom a network hides,
 * gives back its locks. */
static enum status set_timeouts(struct postgres *postgres, struct arena *arena) {
    long long ms = (long long)postgres->timeout_ms;
    struct str answer, text = arena_print(arena,
                                          "SELECT set_config('statement_timeout', '%lld', false),"
                                          " set_config('lock_timeout', '%lld', false),"
                                          " set_config('idle_in_transaction_session_timeout', '%lld', false)",
                                          ms, ms * 4 / 5 + 1, ms * 2);
    return postgres_ask(postgres, arena, text.at, &answer);
}

/* What was acknowledged must survive a crash, whatever the database's default says. */
static enum status ensure_durable(struct postgres *postgres, struct arena *arena) {
    struct str answer;
    TRY(postgres_ask(postgres, arena, "SHOW synchronous_commit", &answer));
    if ((str_equal(answer, STR("off")) || str_equal(answer, STR("false"))) &&
        postgres_run(postgres, "SET synchronous_commit = on") != DONE)
        return FAILED;
    if (postgres_ask(postgres, arena, "SHOW fsync", &answer) == OK && str_equal(answer, STR("off")))
        log_event(LOG_WARNING, "store-not-durable", LOG_STR("setting", STR("fsync")));
    return OK;
}

static enum status agree(struct postgres *postgres, struct arena *arena, struct str *message) {
    int version = PQserverVersion(postgres->handle);
    if (version < OLDEST_SERVER)
        return refuse(
            postgres, message,
            arena_print(arena, "The database's server speaks as PostgreSQL %d; Chatelaine needs 11 or newer.",
                        version / 10000),
            CONFLICT);
    if (PQenterPipelineMode(postgres->handle) != 1 || PQsetnonblocking(postgres->handle, 1) != 0)
        return refuse(postgres, message, STR("The connection to the database cannot be set up."), FAILED);
    postgres_start_clock(postgres, postgres->timeout_ms);
    struct str encoding, name, table = STR("migrations");
    if (postgres_ask(postgres, arena, "SHOW server_encoding", &encoding) != OK ||
        postgres_ask(postgres, arena, "SELECT version()", &name) != OK ||
        (postgres->needs_tables &&
         postgres_ask(postgres, arena, "SELECT CAST(to_regclass('migrations') AS TEXT)", &table) != OK))
        return refuse(postgres, message, STR("The database lets us in, but does not answer."), UNAVAILABLE);
    if (!str_equal_ignore_case(encoding, STR("UTF8")))
        return refuse(postgres, message,
                      STR("The database's encoding is not UTF8; create it with ENCODING 'UTF8'."), CONFLICT);
    if (str_is_empty(table))
        return refuse(
            postgres, message,
            STR("There are no tables of Chatelaine's in this database. `chatelaine init` with the same "
                "--store makes them."),
            NOT_FOUND);
    postgres->is_cockroach = str_find(name, STR("CockroachDB")) != STR_NOT_FOUND;
    if (set_timeouts(postgres, arena) != OK ||
        (!postgres->read_only && !postgres->is_cockroach && ensure_durable(postgres, arena) != OK))
        return refuse(postgres, message, STR("The database refuses a setting of this connection."),
                      UNAVAILABLE);
    return OK;
}

/* ---- connecting ---- */

static void back_off(struct postgres *postgres) {
    unsigned doublings = postgres->failures < 6 ? postgres->failures : 6;
    int64_t ms = (int64_t)BACKOFF_FIRST_MS << doublings;
    if (ms > BACKOFF_MOST_MS)
        ms = BACKOFF_MOST_MS;
    ms = ms / 2 + (int64_t)random_below((uint64_t)ms / 2 + 1); /* not all servers at the same moment */
    postgres->retry_at_us = clock_monotonic_us() + ms * 1000;
    postgres->failures++;
}

static void forget_session(struct postgres *postgres) {
    memset(postgres->is_prepared, 0, sizeof postgres->is_prepared);
    postgres->was_slow = false;
}

static enum status connect_now(struct postgres *postgres, struct arena *arena, struct str *message) {
    forget_session(postgres);
    postgres->handle = postgres_connect_bare(str_of(postgres->url, postgres->url_len), postgres->read_only,
                                             postgres->timeout_ms);
    if (postgres->handle == NULL)
        return FAILED;
    if (PQstatus(postgres->handle) == CONNECTION_OK)
        return agree(postgres, arena, message);
    struct str why = why_not(arena, postgres->handle);
    bool is_worth_a_line = (postgres->failures & (postgres->failures - 1)) == 0; /* ever less often */
    if (message == NULL && is_worth_a_line)                                      /* else it is told */
        log_event(LOG_ERROR, "store-unreachable", LOG_STR("why", why));
    return refuse(postgres, message, arena_print(arena, "The database cannot be reached: %.*s", STR_ARG(why)),
                  UNAVAILABLE);
}

enum status postgres_connect(struct postgres *postgres, struct arena *arena, struct str *message) {
    if (postgres->handle != NULL)
        return OK;
    if (postgres->failures > 0 && clock_monotonic_us() < postgres->retry_at_us)
        return UNAVAILABLE;
    bool is_again = postgres->failures > 0;
    enum status status = connect_now(postgres, arena, message);
    if (status != OK) {
        postgres->base.trouble = "The database cannot be reached.";
        back_off(postgres);
        return status == CONFLICT || status == NOT_FOUND ? status : UNAVAILABLE;
    }
    if (is_again)
        log_event(LOG_INFO, "store-reconnected");
    postgres->failures = 0;
    return OK;
}

enum status postgres_reconnect(struct postgres *postgres, int64_t until_us) {
    static const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    for (;;) {
        AUTO_ARENA arena = arena_new();
        postgres->retry_at_us = 0;
        enum status status = postgres_connect(postgres, arena, NULL);
        if (status == OK || clock_monotonic_us() >= until_us)
            return status == OK ? OK : UNAVAILABLE;
        nanosleep(&pause, NULL);
    }
}

void postgres_disconnect(struct postgres *postgres) {
    PQfinish(postgres->handle);
    postgres->handle = NULL;
}
