/* SPDX-License-Identifier: Apache-2.0 */
/* The driver for PostgreSQL and what speaks as it does. The files postgres*.c are its parts. */
#include "store/postgres.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"

#include <stdio.h>
#include <string.h>

enum { MIGRATION_MS = 60 * 1000 };

void postgres_new_writer(struct postgres *postgres) {
    AUTO_ARENA arena = arena_new();
    struct str id = id_new(arena, STR("wri"));
    snprintf(postgres->writer_id, sizeof postgres->writer_id, "%.*s", STR_ARG(id));
    postgres->number = 0;
}

static void close_connection(struct database *database) {
    struct postgres *postgres = (struct postgres *)database;
    postgres_disconnect(postgres);
    mem_wipe(postgres->url, postgres->url_len);
    mem_free(postgres->url);
    mem_free(postgres);
}

/* With an '@' or a '/' in it that was not percent-encoded, a password's end is taken for the host, or its
 * beginning for the port; and libpq's complaint of either would quote it. (A host that begins with '@' is a
 * socket in the abstract namespace.) */
static bool holds_no_password(const PQconninfoOption *option) {
    if (option->val == NULL || option->val[0] == '\0')
        return true;
    const char *at = strcmp(option->keyword, "host") == 0 ? strchr(option->val, '@') : NULL;
    for (; at != NULL; at = strchr(at + 1, '@')) {
        if (at != option->val && at[-1] != ',')
            return false;
    }
    if (strcmp(option->keyword, "port") == 0)
        return strspn(option->val, "0123456789,") == strlen(option->val);
    return true;
}

/* What libpq complains of could quote the URL, and with it the password. */
static enum status check_url(const char *url, struct str *message) {
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool is_good = options != NULL;
    for (const PQconninfoOption *option = options; is_good && option->keyword != NULL; option++)
        is_good = holds_no_password(option);
    PQconninfoFree(options);
    if (is_good)
        return OK;
    *message =
        STR("The store's URL is not one of PostgreSQL's: "
            "postgres://user@host:5432/database?sslmode=verify-full. Characters with a meaning in URLs "
            "are to be percent-encoded.");
    return INVALID;
}

static enum status open_connection(struct arena *arena, const struct database_options *options,
                                   struct database **database, struct str *message) {
    struct postgres *postgres = mem_alloc_zero(sizeof *postgres);
    postgres->base.driver = &driver_postgres;
    postgres->url = mem_alloc(options->url.len + 1);
    postgres->url_len = options->url.len;
    memcpy(postgres->url, options->url.at, options->url.len);
    postgres->url[postgres->url_len] = '\0';
    postgres->read_only = options->read_only;
    postgres->needs_tables = options->connect_now && !options->create;
    postgres->timeout_ms = options->timeout_ms;
    postgres_new_writer(postgres);
    enum status status = check_url(postgres->url, message);
    if (status == OK && options->connect_now)
        status = postgres_connect(postgres, arena, message);
    if (status != OK) {
        close_connection(&postgres->base);
        return status;
    }
    *database = &postgres->base;
    return OK;
}

/* ---- migrations ---- */

/* One statement, in a pipeline of its own. */
static enum status run_step(struct database *database, struct unit *unit, struct step *step) {
    struct postgres *postgres = (struct postgres *)database;
    enum outcome outcome = postgres_prepare(postgres, unit);
    if (outcome == DONE)
        outcome = postgres_say_step(postgres, step);
    if (outcome == DONE)
        outcome = postgres_say_end(postgres);
    if (outcome == DONE)
        outcome = postgres_hear(postgres, unit, step);
    if (outcome == LOST || outcome == IN_DOUBT)
        return UNAVAILABLE;
    enum outcome ended = postgres_hear_end(postgres);
    return postgres_status(postgres, ended == DONE ? outcome : ended);
}

static enum status run_lock(struct postgres *postgres, enum statement statement) {
    AUTO_UNIT unit = unit_new(NULL);
    unsigned step = unit_add(unit, statement, ANY, value_number(clock_now_ms()));
    return run_step(&postgres->base, unit, &unit->steps[step]);
}

static enum status run_bare(struct postgres *postgres, const char *text) {
    return postgres_status(postgres, postgres_run(postgres, text));
}

/* Texts are compared byte by byte, as on SQLite, whatever the database's own language. */
struct str postgres_render(struct arena *arena, const char *text) {
    struct str rest = str_from(text), type = STR(" TEXT");
    if (!str_starts_with(rest, STR("CREATE TABLE ")))
        return rest;
    AUTO_BUFFER rendered = BUFFER_EMPTY;
    for (size_t at = str_find(rest, type); at != STR_NOT_FOUND; at = str_find(rest, type)) {
        buffer_append(&rendered, str_slice(rest, 0, at));
        buffer_append(&rendered, STR(" TEXT COLLATE \"C\""));
        rest = str_from_index(rest, at + type.len);
    }
    buffer_append(&rendered, rest);
    return arena_copy(arena, buffer_text(&rendered));
}

static enum status run_text(struct database *database, struct arena *arena, const char *text) {
    struct postgres *postgres = (struct postgres *)database;
    return run_bare(postgres, postgres->is_cockroach ? text : postgres_render(arena, text).at);
}

/* Two that create the table at once: for one of them it fails, though IF NOT EXISTS stands there. */
static enum status create_first_table(struct postgres *postgres) {
    enum { TRIES = 5 };
    enum status status = FAILED;
    for (int i = 0; i < TRIES && status != OK && status != UNAVAILABLE; i++)
        status = run_bare(postgres, statement_text[MIGRATIONS_CREATE]);
    return status;
}

/* Row 0 of `migrations` is a lock that all of these engines have: who changes it is alone until the commit.
 */
static enum status migration_begin(struct database *database) {
    struct postgres *postgres = (struct postgres *)database;
    postgres_start_clock(postgres, MIGRATION_MS);
    TRY(create_first_table(postgres));
    TRY(run_lock(postgres, MIGRATIONS_LOCK_INSERT));
    TRY(run_bare(postgres, "BEGIN"));
    TRY(run_bare(postgres, "SET LOCAL statement_timeout = 60000"));
    TRY(run_bare(postgres, "SET LOCAL lock_timeout = 60000"));
    enum status status = run_lock(postgres, MIGRATIONS_LOCK);
    if (status != OK && status != UNAVAILABLE && run_bare(postgres, "ROLLBACK") != OK)
        log_event(LOG_ERROR, "store-rollback-failed");
    return status;
}

static enum status migration_end(struct database *database, bool is_good) {
    return run_bare((struct postgres *)database, is_good ? "COMMIT" : "ROLLBACK");
}

const struct driver driver_postgres = {
    .writers_default = 4, /* measured: as many commits as wait for the disk at the same time */
    .writers_max = 64,
    .readers_default = 4,
    .readers_max = 64,
    .group_max = 256,
    .open = open_connection,
    .close = close_connection,
    .write = postgres_write,
    .read = postgres_read,
    .migration_begin = migration_begin,
    .migration_end = migration_end,
    .run_text = run_text,
    .run_step = run_step,
    .listen = postgres_listen,
    .unlisten = postgres_unlisten,
};
