/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as a file: one page of the store's after the other, so that a million rows take no more
 * memory than a hundred. */
#include "admin_api/people.h"
#include "admin_api/routes.h"

enum { PIECE = 500 };

struct export {
    struct store *store;
    struct store_audit_filter filter;
    bool is_csv, is_over, has_begun;
    struct arena *places[2]; /* where `filter.after` is kept, in turns */
    unsigned turn;
};

/* ---- CSV (RFC 4180) ---- */

static const struct {
    const char *name;
    bool is_json; /* as JSON text; else as text */
} columns[] = {
    {"at", false},        {"id", false},      {"environment", false},  {"action", false},
    {"actor", false},     {"visitor", false}, {"subject", false},      {"issuer", false},
    {"actingFor", true},  {"session", false}, {"conversation", false}, {"tool", false},
    {"parameters", true}, {"values", true},   {"token", false},        {"target", false},
    {"outcome", false},   {"reason", false},  {"detail", false},       {"durationMs", true},
    {"before", true},     {"after", true},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* A spreadsheet would take it for a formula, and run what a visitor has written. */
static bool is_formula(struct str text) {
    return text.len > 0 && str_find_byte(STR("=+-@\t\r"), text.at[0]) != STR_NOT_FOUND;
}

static void append_field(struct buffer *line, struct str text) {
    bool is_plain = !is_formula(text);
    for (size_t i = 0; is_plain && i < text.len; i++)
        is_plain = str_find_byte(STR("\",\r\n"), text.at[i]) == STR_NOT_FOUND;
    if (is_plain) {
        buffer_append(line, text);
        return;
    }
    buffer_append_byte(line, '"');
    if (is_formula(text))
        buffer_append_byte(line, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buffer_append_byte(line, '"');
        buffer_append_byte(line, text.at[i]);
    }
    buffer_append_byte(line, '"');
}

static void append_csv_head(struct buffer *text) {
    for (int i = 0; i < COLUMNS; i++)
        buffer_print(text, "%s%s", i == 0 ? "" : ",", columns[i].name);
    buffer_append(text, STR("\r\n"));
}

static void append_csv(struct buffer *text, struct arena *arena, const json_t *row) {
    for (int i = 0; i < COLUMNS; i++) {
        const json_t *value = json_object_get(row, columns[i].name);
        if (i > 0)
            buffer_append_byte(text, ',');
        if (!json_is_null(value))
            append_field(text, columns[i].is_json ? json_write(arena, value) : json_str(value));
    }
    buffer_append(text, STR("\r\n"));
}

/* ---- pieces ---- */

static FIBER enum status next_wait(void *context, struct arena *arena, struct str *piece) {
    struct export *export = context;
    struct store_audits audits;
    AUTO_BUFFER text = BUFFER_EMPTY;
    if (export->is_over)
        return NOT_FOUND;
    TRY(store_audit_list_wait(export->store, arena, &export->filter, &audits));
    if (export->is_csv && !export->has_begun)
        append_csv_head(&text);
    export->has_begun = true;
    for (size_t i = 0; i < audits.count; i++) {
        json_auto_t *row = audit_json(&audits.at[i]);
        if (export->is_csv) {
            append_csv(&text, arena, row);
        } else {
            buffer_append(&text, json_write(arena, row));
            buffer_append_byte(&text, '\n');
        }
    }
    export->turn = 1 - export->turn;
    arena_reset(export->places[export->turn]);
    export->filter.after = arena_copy(export->places[export->turn], audits.next);
    export->is_over = str_is_empty(audits.next);
    *piece = arena_copy(arena, buffer_text(&text));
    return OK;
}

static void free_places(void *what) {
    arena_free(what);
}

static struct export *export_new(struct call *call, const struct store_audit_filter *filter) {
    struct export *export = ARENA_NEW(call->arena, struct export);
    *export = (struct export){.store = call->api->store, .filter = *filter};
    struct str *const kept[] = {&export->filter.environment, &export->filter.visitor, &export->filter.subject,
                                &export->filter.actor,       &export->filter.tool,    &export->filter.action,
                                &export->filter.outcome,     &export->filter.reason};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        *kept[i] = arena_copy(call->arena, *kept[i]);
    export->filter.limit = PIECE;
    for (int i = 0; i < 2; i++) {
        export->places[i] = arena_new();
        arena_at_end(call->arena, free_places, export->places[i]);
    }
    return export;
}

void audit_export(struct call *call) {
    struct store_audit_filter filter;
    struct str format = call_query(call, "format");
    bool is_csv = str_equal(format, STR("csv"));
    if (format.at != NULL && !is_csv && !str_equal(format, STR("jsonl"))) {
        call_problem(call, 400, "query-invalid", "`format` must be csv or jsonl.");
        return;
    }
    if (!audit_read_filter(call, &filter))
        return;
    struct export *export = export_new(call, &filter);
    export->is_csv = is_csv;
    call_add_header(call, STR("Content-Disposition"),
                    is_csv ? STR("attachment; filename=\"audit.csv\"")
                           : STR("attachment; filename=\"audit.jsonl\""));
    call_add_header(call, STR("Cache-Control"), STR("no-store"));
    call->response->status = 200;
    call->response->content_type = is_csv ? STR("text/csv; charset=utf-8") : STR("application/jsonl");
    call->response->next_wait = next_wait;
    call->response->context = export;
}
