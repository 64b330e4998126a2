/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/idempotency.h"
#include "store/threads.h"

/* Rows that one look looks at; and for how long it is looked for more. */
enum { AUDIT_LOOK_MAX = 500, LOOKING_US = 25 * 1000 };

static void add_guard(struct unit *unit, const struct store_audit *audit) {
    const struct store_guard *guard = audit->guard;
    if (guard == NULL || unit->is_guarded)
        return;
    unit->is_guarded = true;
    if (!str_is_empty(guard->administrator))
        unit_add(unit, ADMINISTRATOR_STILL_HAS, ONE_ELSE_DENIED, value_text(guard->administrator),
                 value_text(guard->roles));
    if (!str_is_empty(guard->claim) && str_equal(audit->outcome, STR("allowed")))
        unit_add(unit, IDEMPOTENCY_MADE, ONE_ELSE_CONFLICT, value_text(guard->claim_actor),
                 value_text(guard->claim_key), value_text(guard->claim),
                 value_number(STORE_IDEMPOTENCY_MADE));
}

void unit_add_audit(struct unit *unit, const struct store_audit *audit) {
    if (audit == NULL)
        return;
    add_guard(unit, audit);
    unit->stamped_us = clock_monotonic_us();
    unit_add(unit, AUDIT_INSERT, ANY, value_text(audit->environment),
             value_text(id_new(unit->arena, STR("aud"))), value_number(clock_now_ms()),
             value_text(audit->action), value_optional(audit->actor), value_optional(audit->visitor),
             value_optional(audit->subject), value_optional(audit->issuer), value_optional(audit->acting_for),
             value_optional(audit->session), value_optional(audit->conversation), value_optional(audit->tool),
             value_optional(audit->parameters), value_optional(audit->values), value_optional(audit->token),
             value_optional(audit->target), value_text(audit->outcome), value_optional(audit->reason),
             value_optional(audit->detail), value_time(audit->duration_us), value_optional(audit->before),
             value_optional(audit->after));
}

enum status store_audit_append_wait(struct store *store, struct arena *arena,
                                    const struct store_audit *event) {
    (void)arena;
    AUTO_UNIT unit = unit_new(store);
    unit_add_audit(unit, event);
    return unit_write_wait(&unit);
}

static struct store_audit read_audit(struct arena *arena, const struct row *row) {
    return (struct store_audit){
        .environment = row_text(arena, row, 0),
        .id = row_text(arena, row, 1),
        .at = row_number(row, 2),
        .action = row_text(arena, row, 3),
        .actor = row_text(arena, row, 4),
        .visitor = row_text(arena, row, 5),
        .subject = row_text(arena, row, 6),
        .issuer = row_text(arena, row, 7),
        .acting_for = row_text(arena, row, 8),
        .session = row_text(arena, row, 9),
        .conversation = row_text(arena, row, 10),
        .tool = row_text(arena, row, 11),
        .parameters = row_text(arena, row, 12),
        .values = row_text(arena, row, 13),
        .token = row_text(arena, row, 14),
        .target = row_text(arena, row, 15),
        .outcome = row_text(arena, row, 16),
        .reason = row_text(arena, row, 17),
        .detail = row_text(arena, row, 18),
        .duration_us = row_number(row, 19),
        .before = row_text(arena, row, 20),
        .after = row_text(arena, row, 21),
    };
}

/* The statement whose index narrows most. */
static enum statement statement_for(const struct store_audit_filter *filter) {
    enum statement newest = AUDIT_LIST;
    if (!str_is_empty(filter->visitor))
        newest = AUDIT_LIST_VISITOR;
    else if (!str_is_empty(filter->subject))
        newest = AUDIT_LIST_SUBJECT;
    else if (!str_is_empty(filter->actor))
        newest = AUDIT_LIST_ACTOR;
    else if (!str_is_empty(filter->reason))
        newest = AUDIT_LIST_REASON;
    else if (!str_is_empty(filter->tool))
        newest = AUDIT_LIST_TOOL;
    else if (!str_is_empty(filter->outcome) && !str_equal(filter->outcome, STR("allowed")))
        newest = AUDIT_LIST_TROUBLE;
    else if (!str_is_empty(filter->action))
        newest = AUDIT_LIST_ACTION;
    return filter->oldest_first ? newest + 1 : newest; /* each is followed by its turned twin */
}

/* An id begins with its time, so a time is a place between ids: less than every id of that millisecond, more
 * than all before. */
int64_t store_audit_settling_ms(const struct store *store) {
    enum { CLOCKS_MS = 5000 };
    return STAMP_WAIT_MS + 3 * store->listening.timeout_ms + CLOCKS_MS;
}

struct str store_audit_place(struct arena *arena, int64_t ms) {
    return arena_print(arena, "aud_%012llx", (unsigned long long)(ms < 0 ? 0 : ms));
}

/* What the driving statement is driven by; empty where it needs no value. */
static struct str driven_by(const struct store_audit_filter *filter, enum statement list) {
    switch (filter->oldest_first ? list - 1 : list) {
    case AUDIT_LIST_VISITOR:
        return filter->visitor;
    case AUDIT_LIST_SUBJECT:
        return filter->subject;
    case AUDIT_LIST_ACTOR:
        return filter->actor;
    case AUDIT_LIST_REASON:
        return filter->reason;
    case AUDIT_LIST_TOOL:
        return filter->tool;
    case AUDIT_LIST_ACTION:
        return filter->action;
    default:
        return STR_NONE;
    }
}

/* Whether the driving restriction is the only one: then what is looked at is what is given. */
static bool is_driven_alone(const struct store_audit_filter *filter, enum statement list) {
    const struct str all[] = {filter->visitor, filter->subject, filter->actor, filter->tool,
                              filter->action,  filter->outcome, filter->reason};
    size_t given = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        given += !str_is_empty(all[i]);
    return given == (str_is_empty(driven_by(filter, list)) ? 0 : 1);
}

static void add_window(struct unit *unit, const struct store_audit_filter *filter, enum statement list,
                       struct str lowest, struct str highest, int64_t most) {
    enum statement window = AUDIT_WINDOW + (list - AUDIT_LIST); /* in the same order */
    struct str driving = driven_by(filter, list);
    if (str_is_empty(driving))
        unit_add(unit, window, ANY, value_text(filter->environment), value_text(lowest), value_text(highest),
                 value_number(most));
    else
        unit_add(unit, window, ANY, value_text(filter->environment), value_text(lowest), value_text(highest),
                 value_text(driving), value_number(most));
}

/* Where the next look begins: behind the last row that was given, or, where that was not a whole page, behind
 * the last that was looked at. */
static struct str next_place(const struct unit *unit, struct arena *arena,
                             const struct store_audit_filter *filter, const struct store_audits *audits,
                             int64_t most) {
    if ((int64_t)audits->count == page_limit(filter->limit))
        return audits->at[audits->count - 1].id;
    const struct row *window = unit_row(unit, 1);
    if (row_number(window, 2) < most)
        return STR_NONE;
    return row_text(arena, window, filter->oldest_first ? 1 : 0);
}

/* What is asked for in one call; each look goes on behind the one before. */
struct look {
    struct str lowest, highest;
    enum statement list;
    int64_t most;  /* rows that a look looks at */
    int64_t limit; /* rows that are still wanted */
};

static FIBER enum status look_wait(struct store *store, struct arena *arena,
                                   const struct store_audit_filter *filter, struct look *look,
                                   struct store_audits *audits) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, look->list, ANY, value_text(filter->environment), value_text(look->lowest),
             value_text(look->highest), value_optional(filter->visitor), value_optional(filter->subject),
             value_optional(filter->tool), value_optional(filter->actor), value_optional(filter->action),
             value_optional(filter->outcome), value_optional(filter->reason), value_number(look->limit),
             value_number(look->most));
    add_window(unit, filter, look->list, look->lowest, look->highest, look->most);
    TRY(unit_read_wait(&unit));
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        audits->at[audits->count++] = read_audit(arena, row);
    audits->next = next_place(unit, arena, filter, audits, look->most);
    look->limit = page_limit(filter->limit) - (int64_t)audits->count;
    *(filter->oldest_first ? &look->lowest : &look->highest) = audits->next;
    return OK;
}

enum status store_audit_list_wait(struct store *store, struct arena *arena,
                                  const struct store_audit_filter *filter, struct store_audits *audits) {
    struct look look = {
        .lowest = filter->from == 0 ? STR("") : store_audit_place(arena, filter->from),
        .highest = filter->until == 0 ? STR("aud_g") : store_audit_place(arena, filter->until),
        .list = statement_for(filter),
        .limit = page_limit(filter->limit),
    };
    if (!str_is_empty(filter->after) && filter->oldest_first && str_compare(filter->after, look.lowest) > 0)
        look.lowest = filter->after;
    if (!str_is_empty(filter->after) && !filter->oldest_first && str_compare(filter->after, look.highest) < 0)
        look.highest = filter->after;
    look.most = is_driven_alone(filter, look.list) ? look.limit : AUDIT_LOOK_MAX;
    *audits =
        (struct store_audits){.at = arena_alloc_array(arena, (size_t)look.limit, sizeof(struct store_audit))};
    int64_t until_us = clock_monotonic_us() + LOOKING_US;
    do
        TRY(look_wait(store, arena, filter, &look, audits));
    while (!str_is_empty(audits->next) && look.limit > 0 && clock_monotonic_us() < until_us);
    return OK;
}
