/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline: what is said is gathered, sent in one go and answered in order. All values travel in binary:
 * their length is known, and nothing is quoted or parsed. */
#include "store/postgres.h"

#include "base/clock.h"
#include "base/log.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { PARAMETERS_MAX = 32, INT4_SIZE = 4, INT8_SIZE = 8 };

/* A little longer than the server's own limit, so that its answer comes first. */
void postgres_start_clock(struct postgres *postgres, int64_t ms) {
    postgres->deadline_us = clock_monotonic_us() + (ms + ms / 5) * 1000;
}

/* ---- errors ---- */

struct cause {
    const char *state; /* SQLSTATE, or its class of two characters */
    enum outcome outcome;
    enum status refusal;
    const char *trouble;
};

/* The first that fits. Those that end the connection make the next one look for a better server. */
static const struct cause causes[] = {
    {"40001", AGAIN, OK, NULL}, /* serialization failure */
    {"40P01", AGAIN, OK, NULL}, /* deadlock */
    {"40003", IN_DOUBT, OK, "The database does not say what it has done."},
    {"40", AGAIN, OK, NULL},
    {"55P03", AGAIN, OK, NULL}, /* a lock was not to be had in time */
    {"23", REFUSED, CONFLICT, NULL},
    {"22", REFUSED, INVALID, NULL}, /* a NUL in a text, for one */
    {"25006", LOST, OK, "The database can be read only."},
    {"25P03", LOST, OK, "The database has ended the transaction: it took too long."},
    {"53100", REFUSED, UNAVAILABLE, "The disk of the database is full."},
    {"53300", LOST, OK, "The database has too many connections."},
    {"53", REFUSED, UNAVAILABLE, "The database has not the means to answer."},
    {"54", REFUSED, TOO_LARGE, NULL},
    {"57014", REFUSED, UNAVAILABLE, "The database does not answer in time."},
    {"57", LOST, OK, "The database is going away or starting."},
    {"58", REFUSED, UNAVAILABLE, "The database cannot read or write its files."},
    {"08", LOST, OK, "The database cannot be reached."},
    {"26000", LOST, OK, "The database has forgotten what was prepared."},
    {"42P05", LOST, OK, "The database has prepared what this connection has not."},
    {"0A000", LOST, OK, "The database's tables have changed."}, /* a plan that no longer fits: prepare anew */
    {"42501", REFUSED, UNAVAILABLE, "The database's user has not the right to do this."},
    {"", REFUSED, FAILED, "The database refuses a statement; the log has its code."},
};

/* Codes alone: a message of the server's could hold a value. */
static enum outcome explain(struct postgres *postgres, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL) /* libpq's own: the connection broke */
        state = "08006";
    size_t i = 0;
    while (strncmp(causes[i].state, state, strlen(causes[i].state)) != 0)
        i++;
    const struct cause *cause = &causes[i];
    postgres->refusal = cause->refusal;
    if (cause->trouble != NULL) {
        postgres->base.trouble = cause->trouble;
        log_event(LOG_ERROR, "store-error", LOG_STR("code", str_from(state)));
    }
    return cause->outcome;
}

enum status postgres_status(const struct postgres *postgres, enum outcome outcome) {
    return outcome == DONE ? OK : outcome == REFUSED ? postgres->refusal : UNAVAILABLE;
}

/* ---- saying ---- */

static enum outcome said(int good) {
    return good == 1 ? DONE : LOST;
}

enum outcome postgres_say(struct postgres *postgres, const char *text) {
    return said(PQsendQueryParams(postgres->handle, text, 0, NULL, NULL, NULL, NULL, 1));
}

static void name_of(enum statement statement, char name[static 16]) {
    snprintf(name, 16, "s%u", (unsigned)statement);
}

enum outcome postgres_say_step(struct postgres *postgres, const struct step *step) {
    const char *values[PARAMETERS_MAX];
    int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
    uint64_t numbers[PARAMETERS_MAX];
    if (step->parameter_count > PARAMETERS_MAX)
        return LOST;
    for (unsigned i = 0; i < step->parameter_count; i++) {
        const struct value *value = &step->parameters[i];
        formats[i] = 1;
        values[i] = NULL;
        lengths[i] = 0;
        if (value->kind == VALUE_NUMBER) {
            numbers[i] = htobe64((uint64_t)value->number);
            values[i] = (const char *)&numbers[i];
            lengths[i] = INT8_SIZE;
        } else if (value->kind == VALUE_TEXT) {
            values[i] = value->text.at;
            lengths[i] = (int)value->text.len;
        }
    }
    char name[16];
    name_of(step->statement, name);
    return said(
        PQsendQueryPrepared(postgres->handle, name, (int)step->parameter_count, values, lengths, formats, 1));
}

enum outcome postgres_say_end(struct postgres *postgres) {
    return said(PQpipelineSync(postgres->handle));
}

/* ---- hearing ---- */

static enum outcome lose_slow(struct postgres *postgres) {
    postgres->was_slow = true;
    postgres->base.trouble = "The database does not answer in time.";
    log_event(LOG_ERROR, "store-error", LOG_STR("code", STR("timed-out")));
    return LOST;
}

static enum outcome lose(struct postgres *postgres) {
    postgres->base.trouble = "The database cannot be reached.";
    log_event(LOG_ERROR, "store-error", LOG_STR("code", STR("connection-lost")));
    return LOST;
}

/* Sends what is left and reads until an answer is whole. */
static enum outcome await(struct postgres *postgres) {
    PGconn *handle = postgres->handle;
    for (;;) {
        int unsent = PQflush(handle);
        if (unsent < 0)
            return lose(postgres);
        if (unsent == 0 && !PQisBusy(handle))
            return DONE;
        int64_t left_us = postgres->deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return lose_slow(postgres);
        struct pollfd on = {.fd = PQsocket(handle), .events = POLLIN};
        if (unsent > 0)
            on.events |= POLLOUT;
        int ready = poll(&on, 1, (int)(left_us / 1000) + 1);
        if (ready < 0 && errno != EINTR)
            return lose(postgres);
        if (ready > 0 && (on.revents & ~POLLOUT) && PQconsumeInput(handle) != 1)
            return lose(postgres);
        if (unsent > 0 && !PQisBusy(handle) && ready > 0)
            continue;
    }
}

static enum outcome next_result(struct postgres *postgres, PGresult **result) {
    enum outcome outcome = await(postgres);
    *result = outcome == DONE ? PQgetResult(postgres->handle) : NULL;
    return outcome;
}

static int64_t number_of(const char *bytes, int length) {
    if (length == INT8_SIZE) {
        uint64_t number;
        memcpy(&number, bytes, sizeof number);
        return (int64_t)be64toh(number);
    }
    uint32_t number = 0;
    if (length == INT4_SIZE)
        memcpy(&number, bytes, sizeof number);
    return (int32_t)be32toh(number);
}

enum { OID_INT8 = 20, OID_INT4 = 23 };

static void take_rows(const PGresult *result, struct unit *unit, struct step *step) {
    int columns = PQnfields(result);
    for (int row = 0; row < PQntuples(result); row++) {
        struct value *values = unit_add_row(unit, step, (unsigned)columns);
        for (int i = 0; i < columns; i++) {
            if (PQgetisnull(result, row, i))
                continue;
            const char *bytes = PQgetvalue(result, row, i);
            int length = PQgetlength(result, row, i);
            if (PQftype(result, i) == OID_INT8 || PQftype(result, i) == OID_INT4)
                values[i] = value_number(number_of(bytes, length));
            else
                values[i] = value_text(arena_copy(unit->arena, str_of(bytes, (size_t)length)));
        }
    }
}

static enum outcome take(struct postgres *postgres, const PGresult *result, struct unit *unit,
                         struct step *step) {
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK: {
        if (step == NULL) {
            postgres->was_rolled_back = strcmp(PQcmdStatus((PGresult *)result), "ROLLBACK") == 0;
            return DONE;
        }
        take_rows(result, unit, step);
        /* "3" behind UPDATE and the like; of rows that were only found, their number */
        uint64_t touched = 0;
        const char *digits = PQcmdTuples((PGresult *)result);
        if (str_to_uint64(str_from(digits), &touched) != OK)
            touched = 0;
        step->touched = (int64_t)touched;
        return DONE;
    }
    case PGRES_PIPELINE_ABORTED: /* something before it has failed, and was told */
        return DONE;
    default:
        return explain(postgres, result);
    }
}

enum outcome postgres_hear(struct postgres *postgres, struct unit *unit, struct step *step) {
    PGresult *result, *end;
    enum outcome outcome = next_result(postgres, &result);
    if (outcome != DONE)
        return outcome;
    if (result == NULL)
        return lose(postgres);
    outcome = take(postgres, result, unit, step);
    PQclear(result);
    if (outcome == LOST || outcome == IN_DOUBT)
        return outcome;
    enum outcome ended = next_result(postgres, &end); /* NULL: the end of this answer */
    if (end != NULL)
        PQclear(end);
    return ended != DONE ? ended : outcome;
}

enum outcome postgres_hear_end(struct postgres *postgres) {
    PGresult *result;
    enum outcome outcome = next_result(postgres, &result);
    if (outcome != DONE)
        return outcome;
    bool is_end = result != NULL && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    if (!is_end && result != NULL && PQresultStatus(result) == PGRES_FATAL_ERROR)
        outcome = explain(postgres, result);
    if (result != NULL)
        PQclear(result);
    return is_end ? DONE : outcome == IN_DOUBT ? IN_DOUBT : LOST;
}

/* The worse one of two that follow each other. */
static enum outcome both(enum outcome first, enum outcome second) {
    return second == LOST || second == IN_DOUBT || first == DONE ? second : first;
}

static enum outcome run_alone(struct postgres *postgres, const char *text, struct unit *unit,
                              struct step *step) {
    enum outcome outcome = postgres_say(postgres, text);
    if (outcome == DONE)
        outcome = postgres_say_end(postgres);
    if (outcome == DONE)
        outcome = postgres_hear(postgres, unit, step);
    if (outcome == LOST || outcome == IN_DOUBT)
        return outcome;
    return both(outcome, postgres_hear_end(postgres));
}

enum outcome postgres_run(struct postgres *postgres, const char *text) {
    return run_alone(postgres, text, NULL, NULL);
}

enum status postgres_ask(struct postgres *postgres, struct arena *arena, const char *text,
                         struct str *answer) {
    AUTO_UNIT unit = unit_new(NULL);
    struct step *step = &unit->steps[0];
    *answer = STR_NONE;
    TRY(postgres_status(postgres, run_alone(postgres, text, unit, step)));
    if (step->first == NULL)
        return FAILED;
    *answer = row_text(arena, step->first, 0);
    return OK;
}

enum outcome postgres_prepare(struct postgres *postgres, const struct unit *first) {
    bool wanted[STATEMENT_COUNT] = {false};
    enum statement said[STATEMENT_COUNT];
    unsigned count = 0;
    for (const struct unit *unit = first; unit != NULL; unit = unit->next) {
        for (unsigned i = 0; i < unit->step_count; i++) {
            enum statement statement = unit->steps[i].statement;
            if (postgres->is_prepared[statement] || wanted[statement])
                continue;
            wanted[statement] = true;
            said[count++] = statement;
            char name[16];
            name_of(statement, name);
            if (PQsendPrepare(postgres->handle, name, statement_text[statement], 0, NULL) != 1)
                return LOST;
        }
    }
    if (count == 0)
        return DONE;
    if (PQpipelineSync(postgres->handle) != 1)
        return LOST;
    enum outcome outcome = DONE;
    for (unsigned i = 0; i < count; i++) {
        outcome = both(outcome, postgres_hear(postgres, NULL, NULL));
        if (outcome == LOST || outcome == IN_DOUBT)
            return LOST;
        if (outcome == DONE) /* those before the one that failed stay prepared */
            postgres->is_prepared[said[i]] = true;
    }
    outcome = both(outcome, postgres_hear_end(postgres));
    return outcome == REFUSED && postgres->refusal == CONFLICT ? AGAIN : outcome;
}
