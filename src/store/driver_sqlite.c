/* SPDX-License-Identifier: Apache-2.0 */
#include "store/driver.h"

#include "base/log.h"
#include "base/memory.h"
#include "store/sqlite_log.h"

#include <stdlib.h>

/* Pages in the write-ahead log from which on a commit also takes them into the database. Then each page goes
 * there once, however often it stands in the log: the more, the fewer writes, and waits for the disk, a
 * message. 16 MB of file are the price. */
#define LOG_PAGES_MOST "4000"

enum control { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, CONTROL_COUNT };

static const char *const control_text[CONTROL_COUNT] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT unit",
    [RELEASE] = "RELEASE unit",
    [ROLLBACK_TO] = "ROLLBACK TO unit",
};

struct sqlite {
    struct database base; /* first member */
    sqlite3 *handle;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* prepared when first used, kept */
    sqlite3_stmt *controls[CONTROL_COUNT];
};

/* SQLite's result as ours. The primary code is in the low byte. */
static enum status status_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_CONSTRAINT:
        return CONFLICT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
        return UNAVAILABLE;
    case SQLITE_TOOBIG:
        return TOO_LARGE;
    default:
        return FAILED;
    }
}

static const char *trouble_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "The database is held by another process.";
    case SQLITE_FULL:
        return "The disk of the database is full.";
    case SQLITE_READONLY:
        return "The database can be read only.";
    default:
        return "The database cannot be read or written.";
    }
}

/* Codes alone: a message of SQLite's could hold a value. */
static enum status report(struct sqlite *database, int code) {
    enum status status = status_of(code);
    if (status == UNAVAILABLE || status == FAILED)
        database->base.trouble = trouble_of(code);
    if (status == UNAVAILABLE || status == FAILED)
        log_event(LOG_ERROR, "store-error", LOG_INT("code", sqlite3_extended_errcode(database->handle)),
                  LOG_STR("status", str_from(status_name(status))));
    return status;
}

static enum status prepare(struct sqlite *database, const char *text, sqlite3_stmt **statement) {
    if (*statement != NULL)
        return OK;
    int code = sqlite3_prepare_v3(database->handle, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    return code == SQLITE_OK ? OK : report(database, code);
}

static enum status control(struct sqlite *database, enum control which) {
    TRY(prepare(database, control_text[which], &database->controls[which]));
    int code = sqlite3_step(database->controls[which]);
    sqlite3_reset(database->controls[which]);
    return code == SQLITE_DONE ? OK : report(database, code);
}

/* A statement that stands alone: settings and tables. */
static enum status run_text(struct sqlite *database, const char *text) {
    int code = sqlite3_exec(database->handle, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : report(database, code);
}

/* ---- one step ---- */

static int bind_one(sqlite3_stmt *statement, int at, const struct value *value) {
    switch (value->kind) {
    case VALUE_NUMBER:
        return sqlite3_bind_int64(statement, at, value->number);
    case VALUE_TEXT: /* the unit outlives the step */
        return sqlite3_bind_text64(statement, at, value->text.at, value->text.len, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case VALUE_NULL:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

/* SQLite counts "$2" as a name, in order of appearance; so its places are found by what the name says. */
static enum status bind(struct sqlite *database, sqlite3_stmt *statement, const struct step *step) {
    int places = sqlite3_bind_parameter_count(statement);
    for (int place = 1; place <= places; place++) {
        const char *name = sqlite3_bind_parameter_name(statement, place);
        unsigned long number = name == NULL ? 0 : strtoul(name + 1, NULL, 10);
        if (number == 0 || number > step->parameter_count)
            return FAILED;
        int code = bind_one(statement, place, &step->parameters[number - 1]);
        if (code != SQLITE_OK)
            return report(database, code);
    }
    return OK;
}

static void take_row(struct unit *unit, struct step *step, sqlite3_stmt *statement) {
    int columns = sqlite3_column_count(statement);
    struct value *values = unit_add_row(unit, step, (unsigned)columns);
    for (int i = 0; i < columns; i++) {
        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
            values[i] = value_number(sqlite3_column_int64(statement, i));
            break;
        case SQLITE_NULL:
            break;
        default: {
            const void *text = sqlite3_column_text(statement, i);
            struct str bytes = str_of(text, (size_t)sqlite3_column_bytes(statement, i));
            values[i] = value_text(arena_copy(unit->arena, bytes));
        }
        }
    }
}

static enum status run_step(struct sqlite *database, struct unit *unit, struct step *step) {
    sqlite3_stmt **slot = &database->statements[step->statement];
    TRY(prepare(database, statement_text[step->statement], slot));
    sqlite3_stmt *statement = *slot;
    enum status status = bind(database, statement, step);
    if (status == OK) {
        int code;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW)
            take_row(unit, step, statement);
        status = code == SQLITE_DONE ? OK : report(database, code);
        step->touched =
            sqlite3_stmt_readonly(statement) ? (int64_t)step->row_count : sqlite3_changes64(database->handle);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status;
}

static enum status run_steps(struct sqlite *database, struct unit *unit) {
    for (unsigned i = 0; i < unit->step_count; i++) {
        TRY(run_step(database, unit, &unit->steps[i]));
        TRY(step_check(&unit->steps[i]));
    }
    return OK;
}

/* ---- units ---- */

/* Within the open transaction: all of the unit, or nothing of it. Not OK: the transaction itself is in doubt.
 */
static enum status write_one(struct sqlite *database, struct unit *unit) {
    TRY(control(database, SAVEPOINT));
    unit->status = run_steps(database, unit);
    if (sqlite3_get_autocommit(database->handle))
        return UNAVAILABLE; /* a full disk, for one, makes SQLite roll back everything */
    if (unit->status != OK)
        TRY(control(database, ROLLBACK_TO));
    return control(database, RELEASE);
}

static enum status write_all(struct sqlite *database, struct unit *first) {
    TRY(control(database, BEGIN_WRITE));
    for (struct unit *unit = first; unit != NULL; unit = unit->next)
        TRY(write_one(database, unit));
    sqlite_log_gather(database->handle);
    enum status status = control(database, COMMIT);
    sqlite_log_gathered(database->handle);
    return status;
}

static bool write_group(struct database *base, struct unit **group) {
    struct unit *first = *group;
    struct sqlite *database = (struct sqlite *)base;
    enum status status = write_all(database, first);
    bool committed = false;
    if (status != OK && !sqlite3_get_autocommit(database->handle)) {
        enum status undone = control(database, ROLLBACK);
        if (undone != OK)
            log_event(LOG_ERROR, "store-rollback-failed");
    }
    for (struct unit *unit = first; unit != NULL; unit = unit->next) {
        if (status != OK) {
            unit->status = status;
            unit_forget_rows(unit);
        }
        committed = committed || unit->status == OK;
    }
    if (committed)
        database->base.trouble = NULL;
    return committed;
}

static void read_one(struct sqlite *database, struct unit *unit) {
    bool several = unit->step_count > 1; /* a single statement sees one state anyway */
    unit->status = several ? control(database, BEGIN_READ) : OK;
    if (unit->status != OK)
        return;
    unit->status = run_steps(database, unit);
    if (several) {
        enum status ended = control(database, COMMIT);
        if (unit->status == OK)
            unit->status = ended;
    }
    if (unit->status == OK)
        database->base.trouble = NULL;
}

static void read_group(struct database *base, struct unit *first, void (*done)(struct unit *unit)) {
    while (first != NULL) {
        struct unit *next = first->next;
        read_one((struct sqlite *)base, first);
        done(first);
        first = next;
    }
}

/* ---- opening ---- */

static enum status set_up(struct sqlite *database, const struct database_options *options) {
    sqlite3_extended_result_codes(database->handle, 1);
    int64_t busy = options->timeout_ms;
    sqlite3_busy_timeout(database->handle, busy > INT32_MAX ? INT32_MAX : (int)busy);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!options->read_only)
        TRY(run_text(database, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = " LOG_PAGES_MOST));
    TRY(run_text(database, "PRAGMA synchronous = FULL")); /* sqlite_log.h builds on it, too */
    /* Secrets that were killed are not to be found in the file's free pages either. */
    TRY(run_text(database, "PRAGMA secure_delete = ON"));
    return options->read_only ? run_text(database, "PRAGMA query_only = ON") : OK;
}

static void close_database(struct database *base) {
    struct sqlite *database = (struct sqlite *)base;
    if (database == NULL)
        return;
    for (unsigned i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(database->statements[i]);
    for (unsigned i = 0; i < CONTROL_COUNT; i++)
        sqlite3_finalize(database->controls[i]);
    sqlite3_close(database->handle);
    mem_free(database);
}

static enum status open_database(struct arena *arena, const struct database_options *options,
                                 struct database **database, struct str *message) {
    struct sqlite *opened = mem_alloc_zero(sizeof *opened);
    opened->base.driver = &driver_sqlite;
    /* Readers open for writing too: the first one to look into a write-ahead log may have to recover it. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options->create ? SQLITE_OPEN_CREATE : 0);
    int code =
        sqlite3_open_v2(arena_terminated(arena, options->url), &opened->handle, flags, sqlite_log_vfs());
    enum status status = code == SQLITE_OK ? set_up(opened, options) : status_of(code);
    if (status != OK) {
        int reason = sqlite3_errcode(opened->handle) & 0xFF;
        if (reason == SQLITE_CANTOPEN)
            status = NOT_FOUND;
        *message = arena_print(arena, "The database %.*s cannot be opened: %s.", STR_ARG(options->url),
                               sqlite3_errstr(reason));
        close_database(&opened->base);
        return status;
    }
    *database = &opened->base;
    return OK;
}

/* ---- migrations ---- */

static enum status migration_begin(struct database *base) {
    struct sqlite *database = (struct sqlite *)base;
    TRY(control(database, BEGIN_WRITE));
    enum status status = run_text(database, statement_text[MIGRATIONS_CREATE]);
    if (status != OK && control(database, ROLLBACK) != OK)
        log_event(LOG_ERROR, "store-rollback-failed");
    return status;
}

static enum status migration_end(struct database *database, bool is_good) {
    return control((struct sqlite *)database, is_good ? COMMIT : ROLLBACK);
}

static enum status run_migration_text(struct database *database, struct arena *arena, const char *text) {
    (void)arena;
    return run_text((struct sqlite *)database, text);
}

static enum status run_migration_step(struct database *database, struct unit *unit, struct step *step) {
    return run_step((struct sqlite *)database, unit, step);
}

const struct driver driver_sqlite = {
    .writers_default = 1, /* the engine has one at a time */
    .writers_max = 1,
    .readers_default = 2,
    .readers_max = 16,
    .group_max = 4096,
    .open = open_database,
    .close = close_database,
    .write = write_group,
    .read = read_group,
    .migration_begin = migration_begin,
    .migration_end = migration_end,
    .run_text = run_migration_text,
    .run_step = run_migration_step,
};
