/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/random.h"
#include "store/unit.h"

void unit_add_audit(struct unit *unit, const struct store_audit *audit) {
    if (audit == NULL)
        return;
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
    else if (!str_is_empty(filter->tool))
        newest = AUDIT_LIST_TOOL;
    return filter->oldest_first ? newest + 1 : newest; /* each is followed by its turned twin */
}

/* An id begins with its time, so a time is a place between ids: less than every id of that millisecond, more
 * than all before. */
static struct str place_of(struct arena *arena, int64_t ms) {
    return arena_print(arena, "aud_%012llx", (unsigned long long)(ms < 0 ? 0 : ms));
}

enum status store_audit_list_wait(struct store *store, struct arena *arena,
                                  const struct store_audit_filter *filter, struct store_audits *audits) {
    AUTO_UNIT unit = unit_new(store);
    struct str lowest = filter->from == 0 ? STR("") : place_of(unit->arena, filter->from);
    struct str highest = filter->until == 0 ? STR("aud_g") : place_of(unit->arena, filter->until);
    if (!str_is_empty(filter->after) && filter->oldest_first && str_compare(filter->after, lowest) > 0)
        lowest = filter->after;
    if (!str_is_empty(filter->after) && !filter->oldest_first && str_compare(filter->after, highest) < 0)
        highest = filter->after;
    unit_add(unit, statement_for(filter), ANY, value_text(filter->environment), value_text(lowest),
             value_text(highest), value_optional(filter->visitor), value_optional(filter->subject),
             value_optional(filter->tool), value_optional(filter->actor), value_optional(filter->action),
             value_optional(filter->outcome), value_number(page_limit(filter->limit)));
    TRY(unit_read_wait(&unit));
    audits->count = 0;
    audits->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *audits->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        audits->at[audits->count++] = read_audit(arena, row);
    return OK;
}
