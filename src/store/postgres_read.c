/* SPDX-License-Identifier: Apache-2.0 */
/* All questions that wait in one pipeline, each an own part of it: where one is refused, the others are
 * not. */
#include "store/postgres.h"

#include "base/clock.h"

/* A single statement sees one state anyway. */
static bool has_several_steps(const struct unit *unit) {
    return unit->step_count > 1;
}

static enum outcome say_unit(struct postgres *postgres, const struct unit *unit) {
    if (has_several_steps(unit))
        SAY(postgres_say(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
    for (unsigned i = 0; i < unit->step_count; i++)
        SAY(postgres_say_step(postgres, &unit->steps[i]));
    if (has_several_steps(unit))
        SAY(postgres_say(postgres, "COMMIT"));
    return postgres_say_end(postgres);
}

static enum status check_unit(const struct unit *unit) {
    for (unsigned i = 0; i < unit->step_count; i++)
        TRY(step_check(&unit->steps[i]));
    return OK;
}

/* Not DONE: the connection is gone, or the answer is to be asked for again. */
static enum outcome hear_unit(struct postgres *postgres, struct unit *unit) {
    enum outcome outcome = DONE;
    unsigned answers = unit->step_count + (has_several_steps(unit) ? 2 : 0);
    unsigned before = has_several_steps(unit) ? 1 : 0;
    unit->status = OK;
    for (unsigned i = 0; i < answers; i++) {
        bool is_step = i >= before && i - before < unit->step_count;
        enum outcome heard = postgres_hear(postgres, unit, is_step ? &unit->steps[i - before] : NULL);
        if (outcome_is_over(heard))
            return heard;
        outcome = outcome == DONE ? heard : outcome;
    }
    SAY(postgres_hear_end(postgres));
    unit->status = outcome == DONE ? check_unit(unit) : postgres_status(postgres, outcome);
    if (outcome == DONE || !has_several_steps(unit))
        return DONE;
    /* A transaction that failed is still open: its COMMIT was not heard. */
    enum outcome undone = postgres_run(postgres, "ROLLBACK");
    return outcome_is_over(undone) ? undone : DONE;
}

/* Answers what it can and takes that off the list. */
static enum outcome read_all(struct postgres *postgres, struct unit **first,
                             void (*done)(struct unit *unit)) {
    postgres_start_clock(postgres, postgres->timeout_ms);
    SAY(postgres_prepare(postgres, *first));
    for (const struct unit *unit = *first; unit != NULL; unit = unit->next)
        SAY(say_unit(postgres, unit));
    while (*first != NULL) {
        struct unit *unit = *first;
        SAY(hear_unit(postgres, unit));
        *first = unit->next;
        done(unit);
    }
    return DONE;
}

static enum outcome read_or_reconnect(struct postgres *postgres, struct unit **first,
                                      void (*done)(struct unit *unit)) {
    AUTO_ARENA arena = arena_new();
    if (postgres_connect(postgres, arena, NULL) != OK)
        return LOST;
    enum outcome outcome = read_all(postgres, first, done);
    if (!outcome_is_over(outcome) || postgres->was_slow)
        return outcome;
    postgres_disconnect(postgres);
    int64_t until = clock_monotonic_us() + postgres->timeout_ms * 1000;
    if (postgres_reconnect(postgres, until) != OK)
        return LOST;
    for (struct unit *unit = *first; unit != NULL; unit = unit->next)
        unit_forget_rows(unit);
    return read_all(postgres, first, done);
}

void postgres_read(struct database *database, struct unit *first, void (*done)(struct unit *unit)) {
    struct postgres *postgres = (struct postgres *)database;
    enum outcome outcome = read_or_reconnect(postgres, &first, done);
    if (outcome == DONE)
        postgres->base.trouble = NULL;
    if (outcome != DONE) /* half an answer may still be under way */
        postgres_disconnect(postgres);
    while (first != NULL) {
        struct unit *next = first->next;
        first->status = UNAVAILABLE;
        unit_forget_rows(first);
        done(first);
        first = next;
    }
}
