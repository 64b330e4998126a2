/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: one connection to a SQLite database. Used by one thread at a time. The only file that
 * includes sqlite3.h is database.c; another engine gets a sibling of it. */
#pragma once

#include "store/unit.h"

struct database;

struct database_options {
    bool create;
    bool read_only;
    int64_t busy_timeout_ms;
};

/* `message` as in store_open. */
NODISCARD enum status database_open(struct arena *arena, struct str path,
                                    const struct database_options *options, struct database **database,
                                    struct str *message);
void database_close(struct database *database);

/* Brings the tables to the newest migration. CONFLICT: they are newer than that. */
NODISCARD enum status database_migrate(struct database *database, struct arena *arena, struct str *message);

/* One transaction for all units of the list (by `next`): each is done or undone as a whole, and has its own
 * status. When this returns, what has OK is on the disk. True: at least one committed. */
bool database_write(struct database *database, struct unit *first);

/* The unit sees one state of the database. Sets its status. */
void database_read(struct database *database, struct unit *unit);
