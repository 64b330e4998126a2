/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log, of an environment or of the installation: by pages, followed as it grows, as a file. */
#include "admin_api/people.h"
#include "admin_api/routes.h"
#include "base/clock.h"

/* ---- what was asked ---- */

static bool read_time(struct call *call, const char *name, int64_t *ms) {
    struct str text = call_query(call, name);
    if (text.at == NULL || time_read(text, ms) == OK)
        return true;
    return call_problem(call, 400, "query-invalid",
                        "`%s` must be a time as RFC 3339 has them: 2026-01-31T09:30:00Z.", name);
}

static bool is_one_of(struct str word, const char *const *words) {
    for (; *words != NULL; words++) {
        if (str_equal(word, str_from(*words)))
            return true;
    }
    return false;
}

bool audit_read_filter(struct call *call, struct store_audit_filter *filter) {
    static const char *const outcomes[] = {"allowed", "refused", "failed", NULL};
    static const char *const orders[] = {"newest", "oldest", NULL};
    struct str order = call_query(call, "order");
    *filter = (struct store_audit_filter){
        .environment = call->environment.id,
        .visitor = call_query(call, "visitor"),
        .subject = call_query(call, "subject"),
        .actor = call_query(call, "actor"),
        .tool = call_query(call, "tool"),
        .action = call_query(call, "action"),
        .outcome = call_query(call, "outcome"),
        .reason = call_query(call, "reason"),
        .oldest_first = str_equal(order, STR("oldest")),
    };
    if (order.at != NULL && !is_one_of(order, orders))
        return call_problem(call, 400, "query-invalid", "`order` must be newest or oldest.");
    if (filter->outcome.at != NULL && !is_one_of(filter->outcome, outcomes))
        return call_problem(call, 400, "query-invalid", "`outcome` must be allowed, refused or failed.");
    return read_time(call, "from", &filter->from) && read_time(call, "until", &filter->until);
}

/* ---- newest first ---- */

static json_t *items_of(const struct store_audits *audits) {
    json_t *items = json_array();
    for (size_t i = 0; i < audits->count; i++)
        json_array_append_new(items, audit_json(&audits->at[i]));
    return items;
}

static FIBER void answer_newest_wait(struct call *call, struct store_audit_filter *filter,
                                     const struct page *page) {
    struct store_audits audits;
    filter->after = page->after;
    filter->limit = page->limit;
    enum status status = store_audit_list_wait(call->api->store, call->arena, filter, &audits);
    if (status == OK)
        call_answer_list(call, items_of(&audits), audits.next);
    else
        call_refuse(call, status, STR_NONE);
}

/* ---- oldest first: followed as it grows ----
 *
 * A row's id says when it was made, and it is committed a moment later; where several servers write, rows
 * become visible in another order than that of their ids. Beyond the settling time that no row takes, the log
 * does not change any more. So a cursor is a floor, behind which all was told, and the rows after it that
 * were told already: those are left out when the same time is looked at again. */

enum { TOLD_MAX = 100, TOLD_DIGITS = 12 };

struct place {
    struct str floor;          /* an id, or a place between ids */
    struct str told[TOLD_MAX]; /* the last digits of their ids, which are random */
    size_t told_count;
};

static struct str mark_of(struct str id) {
    return str_from_index(id, id.len < TOLD_DIGITS ? 0 : id.len - TOLD_DIGITS);
}

/* "aud_… digits digits". */
static enum status read_place(struct str text, struct place *place) {
    struct str rest = text;
    struct str piece;
    place->told_count = 0;
    if (!str_cut(&rest, ' ', &place->floor))
        return OK; /* the first page */
    while (str_cut(&rest, ' ', &piece)) {
        if (place->told_count == TOLD_MAX || piece.len != TOLD_DIGITS)
            return INVALID;
        place->told[place->told_count++] = piece;
    }
    return OK;
}

static struct str write_place(struct arena *arena, const struct place *place) {
    AUTO_BUFFER text = BUFFER_EMPTY;
    buffer_append(&text, place->floor);
    for (size_t i = 0; i < place->told_count; i++) {
        buffer_append_byte(&text, ' ');
        buffer_append(&text, place->told[i]);
    }
    return arena_copy(arena, buffer_text(&text));
}

/* One page: rows that are settled raise the floor; those that are not are remembered. */
struct tail {
    struct place was, becomes;
    bool is_passed[TOLD_MAX]; /* which of those that were told stand on this page, or before it */
    size_t ahead;             /* how many do not */
    struct str settled;       /* all rows before this place are there */
    json_t *items;
    unsigned limit;
    bool is_full;
};

/* The row's number among those that were told, or else their count. */
static size_t find_told(const struct tail *tail, struct str id) {
    const struct place *was = &tail->was;
    size_t at = 0;
    while (at < was->told_count && (tail->is_passed[at] || !str_equal(was->told[at], mark_of(id))))
        at++;
    return at;
}

static void tell(struct tail *tail, const struct store_audit *row) {
    bool is_settled = str_compare(row->id, tail->settled) < 0;
    size_t told = find_told(tail, row->id);
    bool is_new = told == tail->was.told_count;
    if (is_new && !is_settled && tail->becomes.told_count + tail->ahead >= TOLD_MAX) {
        tail->is_full = true; /* the rest is told when this has settled */
        return;
    }
    if (is_new && json_array_size(tail->items) == tail->limit) {
        tail->is_full = true;
        return;
    }
    if (is_new) {
        json_array_append_new(tail->items, audit_json(row));
    } else {
        tail->is_passed[told] = true;
        tail->ahead--;
    }
    if (is_settled)
        tail->becomes.floor = row->id;
    else
        tail->becomes.told[tail->becomes.told_count++] = mark_of(row->id);
}

/* What stands behind the rows that were looked at is not told again later. */
static void keep_ahead(struct tail *tail) {
    for (size_t i = 0; i < tail->was.told_count && tail->becomes.told_count < TOLD_MAX; i++) {
        if (!tail->is_passed[i])
            tail->becomes.told[tail->becomes.told_count++] = tail->was.told[i];
    }
}

static void raise_floor(struct tail *tail, struct str place) {
    struct str most = str_compare(place, tail->settled) < 0 ? place : tail->settled;
    if (str_compare(most, tail->becomes.floor) > 0)
        tail->becomes.floor = most;
}

static FIBER enum status follow_wait(struct call *call, struct store_audit_filter *filter,
                                     struct tail *tail) {
    struct store_audits audits;
    filter->after = tail->was.floor;
    filter->limit = tail->limit + TOLD_MAX; /* as many may have been told already */
    TRY(store_audit_list_wait(call->api->store, call->arena, filter, &audits));
    for (size_t i = 0; i < audits.count && !tail->is_full; i++)
        tell(tail, &audits.at[i]);
    if (!tail->is_full) /* all that was looked at */
        raise_floor(tail, str_is_empty(audits.next) ? tail->settled : audits.next);
    if (tail->is_full || !str_is_empty(audits.next))
        keep_ahead(tail);
    return OK;
}

static FIBER void answer_oldest_wait(struct call *call, struct store_audit_filter *filter,
                                     const struct page *page) {
    struct tail tail = {.limit = page->limit};
    if (!people_is_listed(call, read_place(page->after, &tail.was)))
        return;
    int64_t settled = clock_now_ms() - store_audit_settling_ms(call->api->store);
    tail.settled = store_audit_place(call->arena, settled);
    tail.becomes.floor = tail.was.floor;
    tail.ahead = tail.was.told_count;
    tail.items = json_array();
    enum status status = follow_wait(call, filter, &tail);
    if (status != OK) {
        json_decref(tail.items);
        call_refuse(call, status, STR_NONE);
        return;
    }
    if (str_is_empty(tail.becomes.floor))
        tail.becomes.floor = store_audit_place(call->arena, 0);
    call_answer_list(call, tail.items, write_place(call->arena, &tail.becomes));
}

void audit_list(struct call *call) {
    struct page page;
    struct store_audit_filter filter;
    if (!call_page(call, &page) || !audit_read_filter(call, &filter))
        return;
    if (filter.oldest_first)
        answer_oldest_wait(call, &filter, &page);
    else
        answer_newest_wait(call, &filter, &page);
}
