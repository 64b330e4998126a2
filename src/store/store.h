/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that outlives the process. Functions are typed and by subject; the SQL stands behind them, and
 * no row is known outside. Each subject has a door of its own:
 *
 * - product.h environment.h key.h secret.h document.h batch.h: what administrators set up
 * - load.h change.h discovery.h: what running servers read, and what they tell each other
 * - visitor.h conversation.h message.h: the chat
 * - seen.h visitor_seen.h conversation_seen.h visitor_session.h: what administrators see of it
 * - revocation.h erasure.h: visitors signed out and erased
 * - audit.h figures.h prune.h: what is logged and counted, and for how long
 * - administrator.h invitation.h admin_session.h second_factor.h api_token.h attempt.h: who administers
 * - setting.h palette.h idempotency.h: the installation, search by name, requests made twice
 *
 * A function marked FIBER parks its fiber while a store thread works; what it gives lives in the caller's
 * arena. A write that came back OK is on the disk (synchronous commit), a write that came back with anything
 * else changed nothing. Common failures of all of them, not repeated: CANCELED (the fiber's client has gone;
 * a write may have happened), UNAVAILABLE (the database is busy or gone; try again), FAILED (it is broken).
 *
 * Times are milliseconds since 1970; 0 stands for "never" and "not yet". Optional texts are STR_NONE. Ids are
 * made by base's id_new; where a function creates a row it makes the id and the time itself and gives the
 * whole row back. Lists come with a bound (`limit`, at most STORE_PAGE_MAX) and go on with the last row of
 * the page before.
 *
 * Functions that an administrator's change goes through take `audit` (may be NULL): it is written in the same
 * transaction. They also write the `changes` row that makes running servers forget what they hold. Their
 * `version` is the one that was seen before the change; 0: whatever it is now. */
#pragma once

#include "base/arena.h"
#include "base/fiber.h"

struct store;
struct store_audit;

enum { STORE_PAGE_MAX = 500 };

struct store_options {
    unsigned readers;   /* threads that read, each with a connection; 0 means 2 */
    unsigned writers;   /* the same for writing; 0 means as many as fit the engine (SQLite: always 1) */
    bool create;        /* make the database (PostgreSQL: the tables) where there is none */
    int64_t timeout_ms; /* how long one statement may wait for others and work; 0 means 5000 */
};

/* Opens the database at `url` (a path, `sqlite:` and a path, or a postgres:// URL as libpq takes it), brings
 * its tables up to date and starts the threads. NOT_FOUND: no database there (no tables of ours in it) and
 * not to be created. CONFLICT: it was written by a newer version of the program, or the server of the
 * database is too old. Where it fails, `*message` is a sentence for the operator, in `arena`; it never holds
 * the URL's password. */
NODISCARD enum status store_open(struct arena *arena, struct str url, const struct store_options *options,
                                 struct store **store, struct str *message);
/* Ends the threads and closes. No fiber may be waiting in the store any more, and every watch must be
 * stopped. */
void store_close(struct store *store);

struct store_statistics {
    uint64_t commits; /* transactions on the disk */
    uint64_t writes;  /* units of work that were in them: several share a commit */
    uint64_t reads;   /* units of work that only read */
    uint64_t refused; /* units of work that ended with anything but OK */
};
struct store_statistics store_statistics(const struct store *store); /* from any thread */

/* For /readyz: a question to a reader and back, and a write where the last one failed. TIMED_OUT where it
 * takes longer than a probe will wait. */
FIBER NODISCARD enum status store_ping_wait(struct store *store);
/* Why it does not serve just now, as a sentence without particulars; empty where all is well. From any
 * thread. */
struct str store_trouble(const struct store *store);
