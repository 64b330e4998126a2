/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the driver for PostgreSQL (postgres*.c): one connection, and talking to the server by it.
 * Everything goes in pipeline mode and with a deadline, so a server that hangs is one that is gone. */
#pragma once

#include "store/driver.h"

#include <libpq-fe.h>

/* What came of talking to the server. */
enum outcome {
    DONE,
    REFUSED,  /* the statement is at fault: `refusal` says how. What it was part of is undone */
    AGAIN,    /* it met with another transaction and is undone: the same again may pass */
    LOST,     /* the connection is gone; what was not committed is undone */
    IN_DOUBT, /* the connection is gone, and a commit was under way */
};

/* The connection is of no more use. */
static inline bool outcome_is_over(enum outcome outcome) {
    return outcome == LOST || outcome == IN_DOUBT;
}

/* Says the next thing, and leaves where that could not be. */
#define SAY(call)                                                                                            \
    do {                                                                                                     \
        enum outcome say_outcome_ = (call);                                                                  \
        if (say_outcome_ != DONE)                                                                            \
            return say_outcome_;                                                                             \
    } while (0)

struct postgres {
    struct database base; /* first member */
    PGconn *handle;       /* NULL: not connected */
    char *url;            /* may hold a password */
    size_t url_len;
    bool read_only;
    int64_t timeout_ms;
    bool needs_tables;                 /* ours must be there already */
    bool is_cockroach;                 /* has no NOTIFY, and compares texts by bytes anyway */
    bool is_prepared[STATEMENT_COUNT]; /* on this connection */
    int64_t deadline_us;               /* of what is being said and heard now */
    int64_t retry_at_us;               /* not connected: when to try next */
    unsigned failures;                 /* to connect, in a row */
    bool was_slow;                     /* the connection was given up since no answer came in time */
    enum status refusal;               /* with REFUSED */
    bool was_rolled_back;              /* the last command was answered so */

    /* Which of this connection's transactions was committed last stands in a row of its own: so one whose
     * COMMIT was not answered can be asked after. */
    char writer_id[48];
    int64_t number; /* 0: the row is not made yet */
};

/* ---- the connection (postgres_connection.c) ---- */
/* OK, or UNAVAILABLE. Tries at most once in a while; `message` (may be NULL): as in store_open. */
NODISCARD enum status postgres_connect(struct postgres *postgres, struct arena *arena, struct str *message);
void postgres_disconnect(struct postgres *postgres);
/* The same, and tries on for as long as `until_us`. */
NODISCARD enum status postgres_reconnect(struct postgres *postgres, int64_t until_us);
/* A bare connection: for the listener. NULL where there is none. */
PGconn *postgres_connect_bare(struct str url, bool read_only, int64_t timeout_ms);

/* ---- talking (postgres_talk.c) ---- */
/* Words are put into the pipeline; nothing is sent before postgres_receive… */
NODISCARD enum outcome postgres_say(struct postgres *postgres, const char *text);
NODISCARD enum outcome postgres_say_step(struct postgres *postgres, const struct step *step);
NODISCARD enum outcome postgres_say_end(struct postgres *postgres); /* of the pipeline, or of its part */
/* The next answer, in order. Rows go into `step` where it is not NULL. AGAIN, REFUSED: also all further ones
 * up to the end are DONE without having been. */
NODISCARD enum outcome postgres_hear(struct postgres *postgres, struct unit *unit, struct step *step);
NODISCARD enum outcome postgres_hear_end(struct postgres *postgres);
/* One text alone, said and heard. */
NODISCARD enum outcome postgres_run(struct postgres *postgres, const char *text);
/* Likewise; gives the first text of the first row, STR_NONE for NULL. FAILED: there is none. */
NODISCARD enum status postgres_ask(struct postgres *postgres, struct arena *arena, const char *text,
                                   struct str *answer);
/* Prepares what the units need and this connection has not. */
NODISCARD enum outcome postgres_prepare(struct postgres *postgres, const struct unit *first);
void postgres_start_clock(struct postgres *postgres,
                          int64_t ms); /* sets the deadline, from what the server may take */
enum status postgres_status(const struct postgres *postgres, enum outcome outcome);

void postgres_new_writer(struct postgres *postgres);

/* ---- units (postgres_write.c, postgres_read.c) ---- */
bool postgres_write(struct database *database, struct unit **first);
void postgres_read(struct database *database, struct unit *first, void (*done)(struct unit *unit));

/* ---- hearing (postgres_listen.c) ---- */
enum status postgres_listen(const struct database_options *options, void (*heard)(void *context),
                            void *context, struct database_listener **listener);
void postgres_unlisten(struct database_listener *listener);

/* A migration's text as PostgreSQL is to have it; where it is the same it is not copied. */
struct str postgres_render(struct arena *arena, const char *text);

#define POSTGRES_CHANNEL "chatelaine_changes"
