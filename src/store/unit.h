/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: a unit of work is data, not code. It is a list of numbered statements with their
 * parameters, run in order in one transaction; what they gave comes back as rows. A step may say how many
 * rows it must touch: where it does not, the whole unit is undone and ends with that step's status. So a
 * driver can send a unit in one go, and several units share a commit. */
#pragma once

#include "base/job.h"
#include "store/statements.h"
#include "store/store.h"

struct store_message;
struct store_message_draft;

enum value_kind { VALUE_NULL, VALUE_NUMBER, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t number;
    struct str text;
};

static inline struct value value_text(struct str text) {
    return (struct value){VALUE_TEXT, 0, text.at == NULL ? STR("") : text};
}
/* NULL in the database where the text is empty. */
static inline struct value value_optional(struct str text) {
    return (struct value){text.len == 0 ? VALUE_NULL : VALUE_TEXT, 0, text};
}
static inline struct value value_number(int64_t number) {
    return (struct value){VALUE_NUMBER, number, STR_NONE};
}
/* NULL in the database where the time is 0. */
static inline struct value value_time(int64_t ms) {
    return (struct value){ms == 0 ? VALUE_NULL : VALUE_NUMBER, ms, STR_NONE};
}

/* How many rows a step must touch (change, or find where it only reads). AS_BEFORE: as many as the step
 * before it; where it does not, the unit has met with another transaction and is run anew. */
enum expectation { ANY, ONE_ELSE_NOT_FOUND, ONE_ELSE_CONFLICT, ONE_ELSE_DENIED, AS_BEFORE };

struct row {
    struct row *next;
    const struct value *columns;
};

struct step {
    enum statement statement;
    enum expectation expectation;
    const struct value *parameters;
    unsigned parameter_count;
    struct row *first, *last; /* what it gave */
    size_t row_count;
    int64_t touched;
};

enum { UNIT_STEPS_FEW = 16 };

struct unit {
    struct job job; /* first member */
    struct store *store;
    struct store_thread *thread; /* whose queue it goes into */
    struct arena *arena;         /* all that the unit points to */
    struct unit *next;           /* in its thread's queue */
    enum status status;
    bool announces;         /* it writes into `changes` */
    bool is_guarded;        /* it looks whether who asks still may */
    int64_t stamped_us;     /* it writes a row of the audit log, whose id was made then; 0: none */
    struct str environment; /* of a batch: whose it is */
    unsigned step_count, step_capacity;
    struct step *steps; /* `few` as long as they fit; moves when one is added */
    struct step few[UNIT_STEPS_FEW];
};

struct unit *unit_new(struct store *store);
void unit_free(struct unit *unit);
void unit_free_at(struct unit **unit);
#define AUTO_UNIT __attribute__((cleanup(unit_free_at))) struct unit *

/* Adds a step; its parameters ($1, $2, …) are copied. Gives the step's number. */
unsigned unit_add_values(struct unit *unit, enum statement statement, enum expectation expectation,
                         const struct value *values, unsigned count);
#define unit_add(unit, statement, expectation, ...)                                                          \
    unit_add_values((unit), (statement), (expectation), (const struct value[]){__VA_ARGS__},                 \
                    (unsigned)(sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)))

/* What it is about, as a number: units of one conversation have the same. */
uint64_t unit_place(const struct unit *unit);

/* Runs it on a writing thread, or on a reading one, and waits. Afterwards the rows can be read until
 * unit_free; where it was canceled
 * `*unit` is NULL. */
FIBER NODISCARD enum status unit_write_wait(struct unit **unit);
FIBER NODISCARD enum status unit_read_wait(struct unit **unit);

/* ---- by the drivers ---- */
/* A new row of `columns` empty values at the end of the step's rows. */
struct value *unit_add_row(struct unit *unit, struct step *step, unsigned columns);
void unit_forget_rows(struct unit *unit);
/* OK, or what the step's expectation says about `touched`; UNAVAILABLE: to be run anew. */
enum status step_check(const struct step *step);

/* ---- reading rows: texts are copied into the caller's arena ---- */
const struct row *unit_row(const struct unit *unit, unsigned step);               /* the first, or NULL */
struct str row_text(struct arena *arena, const struct row *row, unsigned column); /* STR_NONE where NULL */
int64_t row_number(const struct row *row, unsigned column);                       /* 0 where NULL */

/* ---- parts of other units ---- */
void unit_add_audit(struct unit *unit, const struct store_audit *audit); /* NULL: nothing */
/* Comes first in its unit: it holds the head of the changes until the commit, so no two units that change
 * what is administered run at the same time, on any engine. */
void unit_add_change(struct unit *unit, struct str kind, struct str environment, struct str id);
/* The steps that append a message; gives the number of the first. `*id` is what was made for it. */
unsigned unit_add_message(struct unit *unit, struct str environment, struct str conversation,
                          const struct store_message_draft *draft, struct str id, int64_t now);
/* What they gave; NOT_FOUND: it was not inserted. */
NODISCARD enum status unit_read_message(const struct unit *unit, unsigned first_step, struct arena *arena,
                                        struct str conversation, const struct store_message_draft *draft,
                                        struct str id, int64_t now, struct store_message *message);

/* Page sizes from outside: 0 is the most. */
static inline int64_t page_limit(unsigned limit) {
    return limit == 0 || limit > STORE_PAGE_MAX ? STORE_PAGE_MAX : limit;
}
