/* SPDX-License-Identifier: Apache-2.0 */
/* A group of units in one transaction and two round trips: everything, then COMMIT. Where a unit is refused,
 * the group is done again with a savepoint a unit. */
#include "store/postgres.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"

#include <stdlib.h>
#include <time.h>

enum { TRIES_AGAIN = 8, TRIES_LOST = 2, PAUSE_FIRST_MS = 2, PAUSE_MOST_MS = 100 };

static void note(enum outcome *all, enum outcome one) {
    if (*all == DONE || outcome_is_over(one))
        *all = one == DONE ? *all : one;
}

/* ---- this connection's row in `writers` ---- */

static struct unit *writer_unit(const struct postgres *postgres, enum statement statement, int64_t number) {
    struct unit *unit = unit_new(NULL);
    unit_add(unit, statement, ANY, value_text(str_from(postgres->writer_id)), value_number(number),
             value_number(clock_now_ms()));
    return unit;
}

static enum outcome run_unit_alone(struct postgres *postgres, struct unit *unit) {
    struct step *step = &unit->steps[0];
    SAY(postgres_prepare(postgres, unit));
    SAY(postgres_say_step(postgres, step));
    SAY(postgres_say_end(postgres));
    enum outcome outcome = postgres_hear(postgres, unit, step);
    if (!outcome_is_over(outcome))
        note(&outcome, postgres_hear_end(postgres));
    return outcome;
}

/* Made with the first write. Rows of connections that are no more go after a day. */
static enum outcome register_writer(struct postgres *postgres) {
    if (postgres->number > 0)
        return DONE;
    AUTO_UNIT unit = writer_unit(postgres, WRITER_INSERT, 1);
    AUTO_UNIT prune = unit_new(NULL);
    unit_add(prune, WRITER_PRUNE, ANY, value_number(clock_now_ms() - 24LL * 60 * 60 * 1000));
    SAY(run_unit_alone(postgres, unit));
    postgres->number = 1;
    return run_unit_alone(postgres, prune);
}

/* Whether the transaction that was to set `number` was committed. The row is locked by it for as long as it
 * is under way: so our own change of it waits for its end, and finds one or the other. REFUSED: it was not,
 * and never will be. IN_DOUBT: the row has gone, and with it the answer. AGAIN: ask once more. */
static enum outcome was_committed(struct postgres *postgres, int64_t number) {
    AUTO_UNIT unit = unit_new(NULL);
    unit_add(unit, WRITER_CLAIM, ANY, value_text(str_from(postgres->writer_id)),
             value_number(clock_now_ms()));
    enum outcome outcome = run_unit_alone(postgres, unit);
    if (outcome != DONE)
        return AGAIN; /* whatever the matter was, it is no answer */
    const struct row *row = unit_row(unit, 0);
    if (row == NULL)
        return IN_DOUBT;
    return row_number(row, 0) >= number ? DONE : REFUSED;
}

static enum outcome resolve(struct postgres *postgres) {
    int64_t until = clock_monotonic_us() + 2 * postgres->timeout_ms * 1000;
    for (;;) {
        postgres_disconnect(postgres);
        if (postgres_reconnect(postgres, until) != OK)
            return IN_DOUBT;
        postgres_start_clock(postgres, postgres->timeout_ms);
        enum outcome outcome = was_committed(postgres, postgres->number);
        if (outcome != AGAIN)
            return outcome;
        if (clock_monotonic_us() >= until)
            return IN_DOUBT;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MOST_MS * 1000000L}, NULL);
    }
}

/* ---- one transaction ---- */

static void forget_all(struct unit *first) {
    for (struct unit *unit = first; unit != NULL; unit = unit->next)
        unit_forget_rows(unit);
}

static enum outcome say_unit(struct postgres *postgres, const struct unit *unit) {
    for (unsigned i = 0; i < unit->step_count; i++)
        SAY(postgres_say_step(postgres, &unit->steps[i]));
    return DONE;
}

static enum outcome hear_unit(struct postgres *postgres, struct unit *unit) {
    enum outcome outcome = DONE;
    for (unsigned i = 0; i < unit->step_count; i++) {
        note(&outcome, postgres_hear(postgres, unit, &unit->steps[i]));
        if (outcome_is_over(outcome))
            return outcome;
    }
    return outcome;
}

/* DONE, REFUSED with `unit->status`, or AGAIN. */
static enum outcome judge(struct unit *unit) {
    unit->status = OK;
    for (unsigned i = 0; i < unit->step_count && unit->status == OK; i++)
        unit->status = step_check(&unit->steps[i]);
    return unit->status == OK ? DONE : unit->status == UNAVAILABLE ? AGAIN : REFUSED;
}

static enum outcome say_begin(struct postgres *postgres, const struct unit *mark) {
    SAY(postgres_say(postgres, "BEGIN ISOLATION LEVEL READ COMMITTED"));
    return postgres_say_step(postgres, &mark->steps[0]);
}

static enum outcome hear_begin(struct postgres *postgres, struct unit *mark) {
    enum outcome outcome = postgres_hear(postgres, NULL, NULL);
    if (!outcome_is_over(outcome))
        note(&outcome, postgres_hear(postgres, mark, &mark->steps[0]));
    if (outcome == DONE && mark->steps[0].touched != 1) { /* idle for a day, its row has been pruned */
        postgres->number = 0;
        return AGAIN;
    }
    return outcome;
}

static enum outcome roll_back(struct postgres *postgres, enum outcome outcome) {
    if (outcome_is_over(outcome))
        return outcome;
    enum outcome undone = postgres_run(postgres, "ROLLBACK");
    return undone == DONE ? outcome : LOST;
}

static bool announces(const struct unit *first) {
    for (; first != NULL; first = first->next) {
        if (first->announces && first->status == OK)
            return true;
    }
    return false;
}

/* Other servers are told behind the commit: where that fails, they look by themselves within a second. */
static enum outcome commit(struct postgres *postgres, const struct unit *first) {
    bool tells = !postgres->is_cockroach && announces(first);
    postgres_start_clock(postgres, postgres->timeout_ms); /* a doubt costs more than waiting does */
    enum outcome outcome = postgres_say(postgres, "COMMIT");
    note(&outcome, postgres_say_end(postgres));
    if (outcome == DONE && tells) {
        note(&outcome, postgres_say(postgres, "NOTIFY " POSTGRES_CHANNEL));
        note(&outcome, postgres_say_end(postgres));
    }
    if (outcome == DONE)
        outcome = postgres_hear(postgres, NULL, NULL);
    if (outcome_is_over(outcome))
        return IN_DOUBT;
    if (outcome == DONE && postgres->was_rolled_back)
        outcome = AGAIN; /* the server's answer to committing what has failed */
    enum outcome ended = postgres_hear_end(postgres);
    if (ended == DONE && tells) {
        ended = postgres_hear(postgres, NULL, NULL);
        ended = outcome_is_over(ended) ? ended : postgres_hear_end(postgres);
    }
    if (ended != DONE)
        postgres_disconnect(postgres); /* whether it was committed is known by now */
    return outcome;
}

/* All or nothing; REFUSED: at least one unit was. */
static enum outcome write_together(struct postgres *postgres, struct unit *first, struct unit *mark) {
    SAY(say_begin(postgres, mark));
    for (const struct unit *unit = first; unit != NULL; unit = unit->next)
        SAY(say_unit(postgres, unit));
    SAY(postgres_say_end(postgres));
    enum outcome outcome = hear_begin(postgres, mark);
    for (struct unit *unit = first; unit != NULL && !outcome_is_over(outcome); unit = unit->next) {
        enum outcome heard = hear_unit(postgres, unit);
        if (outcome == DONE && heard == REFUSED)
            unit->status = postgres->refusal;
        if (outcome == DONE && heard == DONE)
            heard = judge(unit);
        note(&outcome, heard);
    }
    if (!outcome_is_over(outcome))
        note(&outcome, postgres_hear_end(postgres));
    return outcome == DONE ? commit(postgres, first) : roll_back(postgres, outcome);
}

/* A unit within the open transaction, undone where it is refused. */
static enum outcome write_saved(struct postgres *postgres, struct unit *unit) {
    SAY(postgres_say(postgres, "SAVEPOINT unit"));
    SAY(say_unit(postgres, unit));
    SAY(postgres_say_end(postgres));
    enum outcome outcome = postgres_hear(postgres, NULL, NULL);
    if (!outcome_is_over(outcome))
        note(&outcome, hear_unit(postgres, unit));
    enum outcome judged = outcome == DONE ? judge(unit) : outcome;
    if (outcome == REFUSED)
        unit->status = postgres->refusal;
    if (outcome_is_over(judged))
        return judged;
    enum outcome ended = postgres_hear_end(postgres);
    if (ended != DONE || judged == AGAIN)
        return ended != DONE ? ended : AGAIN;
    if (judged == DONE)
        return postgres_run(postgres, "RELEASE SAVEPOINT unit");
    unit_forget_rows(unit);
    SAY(postgres_run(postgres, "ROLLBACK TO SAVEPOINT unit"));
    return postgres_run(postgres, "RELEASE SAVEPOINT unit");
}

static enum outcome write_apart(struct postgres *postgres, struct unit *first, struct unit *mark) {
    SAY(say_begin(postgres, mark));
    SAY(postgres_say_end(postgres));
    enum outcome outcome = hear_begin(postgres, mark);
    if (!outcome_is_over(outcome))
        note(&outcome, postgres_hear_end(postgres));
    int64_t until = clock_monotonic_us() + 2 * postgres->timeout_ms * 1000;
    for (struct unit *unit = first; unit != NULL && outcome == DONE; unit = unit->next) {
        unit->status = UNAVAILABLE; /* where those before it have taken all the time */
        if (clock_monotonic_us() > until)
            continue;
        postgres_start_clock(postgres, postgres->timeout_ms);
        outcome = write_saved(postgres, unit);
    }
    return outcome == DONE ? commit(postgres, first) : roll_back(postgres, outcome);
}

/* ---- in an order that all servers keep, so that they seldom wait for each other in a circle ---- */

static int compare_places(const void *a, const void *b) {
    const struct unit *const *left = a, *const *right = b;
    if ((*left)->announces != (*right)->announces) /* these hold the head of the changes: last */
        return (*left)->announces ? 1 : -1;
    uint64_t place = unit_place(*left), other = unit_place(*right);
    return place < other ? -1 : place > other;
}

static void in_order(struct arena *arena, struct unit **first) {
    size_t count = 0;
    for (const struct unit *unit = *first; unit != NULL; unit = unit->next)
        count++;
    struct unit **all = arena_alloc_array(arena, count, sizeof(struct unit *));
    count = 0;
    for (struct unit *unit = *first; unit != NULL; unit = unit->next)
        all[count++] = unit;
    qsort(all, count, sizeof(struct unit *), compare_places);
    for (size_t i = 0; i < count; i++)
        all[i]->next = i + 1 < count ? all[i + 1] : NULL;
    *first = all[0];
}

/* ---- until it is done, or known that it will not be ---- */

static void pause_before_try(unsigned tries) {
    int64_t most = (int64_t)PAUSE_FIRST_MS << (tries < 6 ? tries : 6);
    if (most > PAUSE_MOST_MS)
        most = PAUSE_MOST_MS;
    int64_t us = 500 + (int64_t)random_below((uint64_t)most * 1000);
    nanosleep(&(struct timespec){.tv_nsec = us * 1000}, NULL);
}

/* Not DONE: nothing of the units has been said. So no commit of theirs can be in doubt, whatever is. */
static enum outcome get_ready(struct postgres *postgres, const struct unit *first) {
    enum outcome outcome = register_writer(postgres);
    if (outcome == DONE)
        outcome = postgres_prepare(postgres, first);
    return outcome == IN_DOUBT ? LOST : outcome;
}

static enum outcome write_once(struct postgres *postgres, struct unit *first, bool is_apart) {
    postgres_start_clock(postgres, postgres->timeout_ms);
    forget_all(first);
    SAY(get_ready(postgres, first));
    AUTO_UNIT mark = writer_unit(postgres, WRITER_ADVANCE, postgres->number + 1);
    SAY(get_ready(postgres, mark));
    enum outcome outcome =
        is_apart ? write_apart(postgres, first, mark) : write_together(postgres, first, mark);
    if (outcome == DONE || outcome == IN_DOUBT)
        postgres->number++;
    return outcome;
}

/* After a connection was lost. LOST: nothing was committed, and the same may be tried anew on a new one. */
static enum outcome recover(struct postgres *postgres, enum outcome outcome) {
    if (outcome == IN_DOUBT) {
        outcome = resolve(postgres);
        if (outcome == IN_DOUBT) {
            log_event(LOG_ERROR, "store-commit-unknown");
            postgres_new_writer(postgres); /* the old row's transaction may still be under way */
        }
        return outcome == REFUSED ? LOST : outcome;
    }
    bool was_slow = postgres->was_slow;
    postgres_disconnect(postgres);
    if (was_slow)
        return REFUSED; /* there is no time left to try */
    int64_t until = clock_monotonic_us() + postgres->timeout_ms * 1000;
    return postgres_reconnect(postgres, until) == OK ? LOST : REFUSED;
}

/* DONE, or what is to be told to all. */
static enum status write_group(struct postgres *postgres, struct unit *first) {
    AUTO_ARENA arena = arena_new();
    int64_t until = clock_monotonic_us() + 2 * postgres->timeout_ms * 1000;
    unsigned losses = 0;
    bool is_apart = false;
    if (postgres_connect(postgres, arena, NULL) != OK)
        return UNAVAILABLE; /* whatever it says about the database, it says nothing about the units */
    for (unsigned tries = 0;; tries++) {
        enum outcome outcome = write_once(postgres, first, is_apart);
        bool is_lost = outcome_is_over(outcome);
        if (is_lost)
            outcome = recover(postgres, outcome);
        if (outcome == DONE)
            return OK;
        if (is_lost && (outcome != LOST || ++losses >= TRIES_LOST))
            return UNAVAILABLE;
        if (outcome == REFUSED && (is_apart || first->next == NULL))
            return first->next == NULL && first->status != OK ? first->status : postgres->refusal;
        if (outcome == AGAIN && (tries >= TRIES_AGAIN || clock_monotonic_us() > until))
            return UNAVAILABLE;
        is_apart = is_apart || outcome == REFUSED;
        if (outcome == AGAIN)
            pause_before_try(tries);
    }
}

bool postgres_write(struct database *database, struct unit **first) {
    struct postgres *postgres = (struct postgres *)database;
    AUTO_ARENA arena = arena_new();
    in_order(arena, first);
    enum status status = write_group(postgres, *first);
    bool committed = false;
    for (struct unit *unit = *first; unit != NULL; unit = unit->next) {
        if (status != OK) {
            unit->status = status;
            unit_forget_rows(unit);
        }
        committed = committed || unit->status == OK;
    }
    if (committed)
        postgres->base.trouble = NULL;
    return committed;
}
