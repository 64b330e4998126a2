/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing in pieces, so that nobody's message waits behind a large visitor. That an erasure has begun is on
 * the disk before anything goes: whatever ends the process in between, the next one finishes it. */
#include "store/erasure.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/rows.h"

enum { PIECE = 200 };

/* For how long tokens of who was erased are refused: longer than tokens should live. Not for good, since one
 * that does not say when it was issued cannot be told from an old one, and there is nobody any more to be let
 * in again. */
static const int64_t REFUSED_MS = 30LL * 24 * 60 * 60 * 1000;

/* ---- a conversation ---- */

static FIBER enum status erase_messages_wait(struct store *store, struct str environment,
                                             struct str conversation, int64_t *count) {
    for (;;) {
        AUTO_UNIT unit = unit_new(store);
        unit_add(unit, ERASE_MESSAGES, ANY, value_text(environment), value_text(conversation),
                 value_number(PIECE));
        TRY(unit_write_wait(&unit));
        *count += unit->steps[0].touched;
        if (unit->steps[0].touched < PIECE)
            return OK;
    }
}

/* Who writes into it meanwhile holds its row: what they wrote is there before the row goes, and goes with it.
 */
enum status store_conversation_erase_wait(struct store *store, struct arena *arena, struct str environment,
                                          struct str id, const struct store_audit *audit, int64_t *messages) {
    (void)arena;
    *messages = 0;
    TRY(erase_messages_wait(store, environment, id, messages));
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ERASE_CONVERSATION, ONE_ELSE_NOT_FOUND, value_text(environment), value_text(id));
    unsigned rest = unit_add(unit, ERASE_MESSAGES_REST, ANY, value_text(environment), value_text(id));
    unit_add(unit, SEARCH_WORDS_DELETE, ANY, value_text(environment), value_text(STR("conversation")),
             value_text(id));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *messages += unit->steps[rest].touched;
    return OK;
}

/* ---- a visitor ---- */

struct erasure {
    struct str environment, visitor, issuer, subject, pseudonym;
};

static struct erasure read_erasure(struct arena *arena, const struct row *row) {
    return (struct erasure){.environment = row_text(arena, row, 0),
                            .visitor = row_text(arena, row, 1),
                            .issuer = row_text(arena, row, 2),
                            .subject = row_text(arena, row, 3),
                            .pseudonym = row_text(arena, row, 4)};
}

static FIBER enum status next_conversation_wait(struct store *store, struct arena *arena,
                                                const struct erasure *erasure, struct str *id) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ERASE_NEXT_CONVERSATION, ONE_ELSE_NOT_FOUND, value_text(erasure->environment),
             value_text(erasure->visitor));
    TRY(unit_write_wait(&unit)); /* by who writes: what was begun before is seen */
    *id = row_text(arena, unit_row(unit, 0), 0);
    return OK;
}

static FIBER enum status erase_conversations_wait(struct store *store, const struct erasure *erasure,
                                                  struct store_erased *erased) {
    for (;;) {
        AUTO_ARENA arena = arena_new();
        struct str id;
        int64_t messages = 0;
        enum status status = next_conversation_wait(store, arena, erasure, &id);
        if (status == NOT_FOUND)
            return OK;
        TRY(status);
        status = store_conversation_erase_wait(store, arena, erasure->environment, id, NULL, &messages);
        if (status != OK && status != NOT_FOUND) /* somebody else was faster */
            return status;
        erased->messages += messages;
        erased->conversations += status == OK;
    }
}

static void add_audit_piece(struct unit *unit, const struct erasure *erasure, bool by_subject) {
    if (by_subject)
        unit_add(unit, ERASE_AUDIT_SUBJECT, ANY, value_text(erasure->environment),
                 value_text(erasure->subject), value_text(erasure->issuer), value_text(erasure->pseudonym),
                 value_number(PIECE));
    else
        unit_add(unit, ERASE_AUDIT_VISITOR, ANY, value_text(erasure->environment),
                 value_text(erasure->visitor), value_text(erasure->pseudonym), value_number(PIECE));
}

static FIBER enum status blur_audit_wait(struct store *store, const struct erasure *erasure, bool by_subject,
                                         struct store_erased *erased) {
    for (;;) {
        AUTO_UNIT unit = unit_new(store);
        add_audit_piece(unit, erasure, by_subject);
        TRY(unit_write_wait(&unit));
        erased->audit_rows += unit->steps[0].touched;
        if (unit->steps[0].touched < PIECE)
            return OK;
    }
}

/* What was noted of the visitor; gives the step that says of how many sessions. */
static unsigned add_notes(struct unit *unit, const struct erasure *erasure) {
    unit_add(unit, ERASE_PROFILE, ANY, value_text(erasure->environment), value_text(erasure->visitor));
    unit_add(unit, SEARCH_WORDS_DELETE, ANY, value_text(erasure->environment), value_text(STR("visitor")),
             value_text(erasure->visitor));
    return unit_add(unit, ERASE_SESSIONS, ANY, value_text(erasure->environment),
                    value_text(erasure->visitor));
}

/* A conversation that was begun meanwhile keeps the row: CONFLICT. */
static FIBER enum status erase_row_wait(struct store *store, const struct erasure *erasure,
                                        struct store_erased *erased) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ERASE_VISITOR, ONE_ELSE_CONFLICT, value_text(erasure->environment),
             value_text(erasure->visitor));
    unsigned sessions = add_notes(unit, erasure);
    TRY(unit_write_wait(&unit));
    erased->sessions += unit->steps[sessions].touched;
    return OK;
}

/* Another server may have been noting something while the row went, and have committed it behind that. */
static FIBER enum status end_wait(struct store *store, const struct erasure *erasure, enum statement end,
                                  struct store_erased *erased) {
    AUTO_UNIT unit = unit_new(store);
    unsigned sessions = add_notes(unit, erasure);
    unit_add(unit, end, ANY, value_text(erasure->environment), value_text(erasure->visitor));
    TRY(unit_write_wait(&unit));
    erased->sessions += unit->steps[sessions].touched;
    return OK;
}

/* The rows of the log come last: what is written about the visitor until they are gone is among them. A tool
 * that was called before may still be answering, and its row comes later. So that an erasure was done is
 * kept, without a name (ERASURE_DONE), and it is run once more some minutes later. */
static FIBER enum status run_wait(struct store *store, const struct erasure *erasure, enum statement end,
                                  struct store_erased *erased) {
    enum { ROUNDS_MAX = 20 };
    enum status status = CONFLICT;
    for (int round = 0; status == CONFLICT && round < ROUNDS_MAX; round++) {
        TRY(erase_conversations_wait(store, erasure, erased));
        status = erase_row_wait(store, erasure, erased);
        AUTO_ARENA arena = arena_new();
        struct store_visitor visitor;
        if (status == CONFLICT && store_visitor_find_wait(store, arena, erasure->environment,
                                                          erasure->visitor, &visitor) == NOT_FOUND)
            status = OK; /* it was gone already: begun before, by a process that has ended */
    }
    TRY(status);
    TRY(blur_audit_wait(store, erasure, false, erased));
    if (!str_is_empty(erasure->subject))
        TRY(blur_audit_wait(store, erasure, true, erased));
    return end_wait(store, erasure, end, erased);
}

static FIBER enum status begin_wait(struct store *store, struct arena *arena,
                                    const struct store_visitor *visitor, const struct store_audit *audit,
                                    struct erasure *erasure) {
    AUTO_UNIT unit = unit_new(store);
    int64_t now = clock_now_ms();
    struct str pseudonym = id_new(unit->arena, STR("erased"));
    unit_add_change(unit, STR("session"), visitor->environment, visitor->id);
    unit_add(unit, VISITOR_FIND, ONE_ELSE_NOT_FOUND, value_text(visitor->environment),
             value_text(visitor->id));
    unit_add(unit, ERASURE_INSERT, ANY, value_text(visitor->environment), value_text(visitor->id),
             value_text(pseudonym), value_number(now));
    unsigned found = unit_add(unit, ERASURE_FIND, ONE_ELSE_NOT_FOUND, value_text(visitor->environment),
                              value_text(visitor->id));
    if (!str_is_empty(visitor->subject)) /* who is here now does not go on under a name that is gone */
        unit_add(unit, REVOCATION_PUT, ONE_ELSE_NOT_FOUND, value_text(visitor->environment),
                 value_text(store_mark_subject(unit->arena, visitor->issuer, visitor->subject)),
                 value_number(now), value_number(now + REFUSED_MS));
    unit_add_audit(unit, audit);
    TRY(unit_write_wait(&unit));
    *erasure = read_erasure(arena, unit_row(unit, found));
    return OK;
}

enum status store_visitor_erase_wait(struct store *store, struct arena *arena,
                                     const struct store_visitor *visitor, const struct store_audit *audit,
                                     struct store_erased *erased) {
    struct erasure erasure;
    *erased = (struct store_erased){0};
    TRY(begin_wait(store, arena, visitor, audit, &erasure));
    return run_wait(store, &erasure, ERASURE_DONE, erased);
}

enum status store_erasure_resume_wait(struct store *store, int64_t before, size_t *finished) {
    AUTO_ARENA arena = arena_new();
    *finished = 0;
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ERASURE_LIST, ANY, value_number(before), value_number(PIECE));
    TRY(unit_read_wait(&unit));
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next) {
        struct erasure erasure = read_erasure(arena, row);
        struct store_erased erased = {0};
        TRY(run_wait(store, &erasure, ERASURE_DELETE, &erased));
        ++*finished;
    }
    return OK;
}
