/* SPDX-License-Identifier: Apache-2.0 */
/* All that is kept of a visitor, as one JSON document: written piece by piece, so that a long history takes
 * no more memory than a short one. */
#include "admin_api/people.h"
#include "admin_api/routes.h"
#include "base/clock.h"

enum { PIECE = 100 };

enum part { HEAD, SESSIONS, CONVERSATIONS, MESSAGES, AUDIT, AUDIT_BY_SUBJECT, TAIL, OVER };

struct export {
    struct store *store;
    struct str environment;
    struct store_visitor_seen visitor;
    enum part part;
    bool is_first;                               /* of the list that is being written */
    struct str after;                            /* where the list goes on; kept in `places` */
    struct str messages_after;                   /* conversations: where they go on behind the one at hand */
    struct store_conversation_seen conversation; /* whose messages are written */
    int64_t position;
    struct arena *places[2]; /* what is kept from piece to piece, in turns */
    unsigned turn;
};

static void append_json(struct buffer *text, struct arena *arena, json_t *json, bool *is_first) {
    if (!*is_first)
        buffer_append_byte(text, ',');
    *is_first = false;
    buffer_append(text, json_write(arena, json));
    json_decref(json);
}

static void write_head(struct export *export, struct arena *arena, struct buffer *text) {
    bool is_first = true;
    buffer_append(text, STR("{\"exportedAt\":"));
    json_append_str(text, time_text(arena, clock_now_ms()));
    buffer_append(text, STR(",\"environment\":"));
    json_append_str(text, export->environment);
    buffer_append(text, STR(",\"visitor\":"));
    append_json(text, arena, visitor_json(&export->visitor), &is_first);
    buffer_append(text, STR(",\"sessions\":["));
    export->part = SESSIONS;
    export->is_first = true;
}

/* What the next piece needs outlives this one. */
static struct arena *next_places(struct export *export) {
    export->turn = 1 - export->turn;
    arena_reset(export->places[export->turn]);
    return export->places[export->turn];
}

static struct store_seen_filter filter_of(const struct export *export, unsigned limit) {
    return (struct store_seen_filter){.environment = export->environment,
                                      .visitor = export->visitor.visitor.id,
                                      .after = export->after,
                                      .limit = limit};
}

static FIBER enum status write_sessions_wait(struct export *export, struct arena *arena,
                                             struct buffer *text) {
    struct store_sessions list;
    const struct store_seen_filter filter = filter_of(export, PIECE);
    TRY(store_session_list_wait(export->store, arena, &filter, &list));
    for (size_t i = 0; i < list.count; i++)
        append_json(text, arena, session_json(&list.at[i]), &export->is_first);
    export->after = arena_copy(next_places(export), list.next);
    if (!str_is_empty(list.next))
        return OK;
    buffer_append(text, STR("],\"conversations\":["));
    export->part = CONVERSATIONS;
    export->is_first = true;
    return OK;
}

/* One conversation's beginning; its messages come next. */
static FIBER enum status write_conversation_wait(struct export *export, struct arena *arena,
                                                 struct buffer *text) {
    struct store_conversations_seen list;
    const struct store_seen_filter filter = filter_of(export, 1);
    TRY(store_conversation_seen_list_wait(export->store, arena, &filter, &list));
    if (list.count == 0) {
        buffer_append(text, STR("],\"audit\":["));
        export->part = AUDIT;
        export->is_first = true;
        export->after = STR_NONE;
        return OK;
    }
    struct arena *places = next_places(export);
    json_t *json = conversation_json(&list.at[0]);
    struct str whole = json_write(arena, json);
    json_decref(json);
    if (!export->is_first)
        buffer_append_byte(text, ',');
    buffer_append(text, str_slice(whole, 0, whole.len - 1)); /* its end comes behind the messages */
    buffer_append(text, STR(",\"messages\":["));
    export->after = arena_copy(places, list.next);
    export->conversation.conversation.id = arena_copy(places, list.at[0].conversation.id);
    export->position = 0;
    export->part = MESSAGES;
    export->is_first = true;
    return OK;
}

static FIBER enum status write_messages_wait(struct export *export, struct arena *arena,
                                             struct buffer *text) {
    struct store_messages list;
    TRY(store_message_list_after_wait(export->store, arena, export->environment,
                                      export->conversation.conversation.id, export->position, PIECE, &list));
    for (size_t i = 0; i < list.count; i++) {
        append_json(text, arena, message_json(&list.at[i]), &export->is_first);
        export->position = list.at[i].position;
    }
    if (list.count == PIECE)
        return OK;
    buffer_append(text, STR("]}"));
    export->part = CONVERSATIONS;
    export->is_first = false;
    if (!str_is_empty(export->after))
        return OK;
    buffer_append(text, STR("],\"audit\":["));
    export->part = AUDIT;
    export->is_first = true;
    return OK;
}

/* Rows of the visitor, then those that name the subject alone. */
static FIBER enum status write_audit_wait(struct export *export, struct arena *arena, struct buffer *text) {
    const struct store_visitor *visitor = &export->visitor.visitor;
    struct store_audits list;
    struct store_audit_filter filter = {
        .environment = export->environment, .after = export->after, .oldest_first = true, .limit = PIECE};
    *(export->part == AUDIT ? &filter.visitor : &filter.subject) =
        export->part == AUDIT ? visitor->id : visitor->subject;
    TRY(store_audit_list_wait(export->store, arena, &filter, &list));
    for (size_t i = 0; i < list.count; i++) {
        bool is_told = export->part == AUDIT_BY_SUBJECT && (str_equal(list.at[i].visitor, visitor->id) ||
                                                            !str_equal(list.at[i].issuer, visitor->issuer));
        if (!is_told)
            append_json(text, arena, audit_json(&list.at[i]), &export->is_first);
    }
    export->after = arena_copy(next_places(export), list.next);
    if (!str_is_empty(list.next))
        return OK;
    export->part = export->part == AUDIT && !str_is_empty(visitor->subject) ? AUDIT_BY_SUBJECT : TAIL;
    export->after = STR_NONE;
    return OK;
}

static FIBER enum status next_wait(void *context, struct arena *arena, struct str *piece) {
    struct export *export = context;
    AUTO_BUFFER text = BUFFER_EMPTY;
    switch (export->part) {
    case HEAD:
        write_head(export, arena, &text);
        break;
    case SESSIONS:
        TRY(write_sessions_wait(export, arena, &text));
        break;
    case CONVERSATIONS:
        TRY(write_conversation_wait(export, arena, &text));
        break;
    case MESSAGES:
        TRY(write_messages_wait(export, arena, &text));
        break;
    case AUDIT:
    case AUDIT_BY_SUBJECT:
        TRY(write_audit_wait(export, arena, &text));
        break;
    case TAIL:
        buffer_append(&text, STR("]}\n"));
        export->part = OVER;
        break;
    case OVER:
        return NOT_FOUND;
    }
    *piece = arena_copy(arena, buffer_text(&text));
    return OK;
}

static void free_places(void *what) {
    arena_free(what);
}

void visitor_export(struct call *call) {
    struct store_visitor_seen visitor;
    if (!people_find_visitor_wait(call, &visitor))
        return;
    enum status status =
        admin_visitor_note_export_wait(&call->admin, call->arena, &visitor.visitor, &call->error);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    struct export *export = ARENA_NEW(call->arena, struct export);
    *export = (struct export){.store = call->api->store,
                              .environment = arena_copy(call->arena, call->environment.id),
                              .visitor = visitor};
    for (int i = 0; i < 2; i++) {
        export->places[i] = arena_new();
        arena_at_end(call->arena, free_places, export->places[i]);
    }
    call_add_header(
        call, STR("Content-Disposition"),
        arena_print(call->arena, "attachment; filename=\"%.*s.json\"", STR_ARG(visitor.visitor.id)));
    call_add_header(call, STR("Cache-Control"), STR("no-store"));
    call->response->status = 200;
    call->response->content_type = STR("application/json");
    call->response->next_wait = next_wait;
    call->response->context = export;
}
