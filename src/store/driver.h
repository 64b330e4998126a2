/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: what an engine does for us. A driver's connection is used by one thread at a time. Only
 * driver_sqlite.c and sqlite_log.c know sqlite3.h, and only postgres*.c know libpq. */
#pragma once

#include "store/unit.h"

struct database_listener;

/* A connection; the drivers put their own behind it. */
struct database {
    const struct driver *driver;
    const char
        *_Atomic trouble; /* a sentence: why it cannot serve just now; NULL: it can, as far as is known */
};

struct database_options {
    struct str url;     /* as the engine takes it; outlives the call only where the driver copies it */
    bool create;        /* make the database where there is none */
    bool read_only;     /* it will only read */
    bool connect_now;   /* say what is wrong with it now, not when it is first used */
    int64_t timeout_ms; /* how long a statement may wait and work */
};

struct driver {
    unsigned writers_default, writers_max; /* connections that write at the same time */
    unsigned readers_default, readers_max;
    unsigned group_max; /* how many units of work share a transaction at most */

    /* `message` as in store_open. A connection that only reads may connect later. */
    enum status (*open)(struct arena *arena, const struct database_options *options,
                        struct database **database, struct str *message);
    void (*close)(struct database *database);

    /* One transaction for all units of the list (by `next`): each is done or undone as a whole, and has its
     * own status; they may be put into another order. When this returns, what has OK is on the disk. True:
     * something was committed. */
    bool (*write)(struct database *database, struct unit **first);
    /* Each unit of the list sees one state of the database. Sets its status, and gives it away with
     * `done(unit)` as soon as it is known. */
    void (*read)(struct database *database, struct unit *first, void (*done)(struct unit *unit));

    /* ---- for migrate.c ---- */
    /* Begins a transaction beside which nobody else's migration runs; ends it. */
    enum status (*migration_begin)(struct database *database);
    enum status (*migration_end)(struct database *database, bool is_good);
    enum status (*run_text)(struct database *database, struct arena *arena, const char *text);
    enum status (*run_step)(struct database *database, struct unit *unit, struct step *step);

    /* ---- hearing of other processes' changes; NULL where the engine has no such thing ---- */
    /* Calls `heard(context)` on a thread of its own when another process has committed changes, or may have.
     * FAILED: no thread. */
    enum status (*listen)(const struct database_options *options, void (*heard)(void *context), void *context,
                          struct database_listener **listener);
    void (*unlisten)(struct database_listener *listener);
};

extern const struct driver driver_sqlite;
extern const struct driver driver_postgres;

/* Brings the tables to the newest migration. CONFLICT: they are newer than that. */
NODISCARD enum status migrate(struct database *database, struct arena *arena, struct str *message);
