/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/routes.h"

static json_t *to_json(const struct store_secret *secret) {
    json_t *json = json_object();
    set_text(json, "id", secret->id);
    set_text(json, "purpose", secret->purpose);
    set_optional(json, "name", secret->name);
    set_text(json, "hint", secret->hint);
    set_text(json, "state", str_from(admin_secret_state(secret)));
    set_time(json, "createdAt", secret->created_at);
    set_time(json, "expiresAt", secret->expires_at);
    set_time(json, "killedAt", secret->revoked_at);
    set_time(json, "lastUsedAt", secret->last_used_at);
    return json;
}

/* Newest first, by time and then id: a cursor is both. */
static bool is_behind(const struct store_secret *secret, int64_t at, struct str id) {
    return secret->created_at < at || (secret->created_at == at && str_compare(secret->id, id) < 0);
}

void secret_list(struct call *call) {
    struct page page;
    struct store_secrets secrets;
    struct str id;
    struct str time;
    int64_t at = INT64_MAX;
    if (!call_page(call, &page))
        return;
    id = page.after;
    if (!str_is_empty(page.after) && (!str_cut(&id, ' ', &time) || str_to_int64(time, &at) != OK)) {
        call_problem(call, 400, "cursor-invalid", "`cursor` is none of this list's.");
        return;
    }
    enum status status = store_secret_list_wait(call->api->store, call->arena, call->environment.id, STR_NONE,
                                                STR_NONE, false, &secrets);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    size_t i = 0;
    while (i < secrets.count && at != INT64_MAX && !is_behind(&secrets.at[i], at, id))
        i++;
    json_t *items = json_array();
    for (; i < secrets.count && json_array_size(items) < page.limit; i++)
        json_array_append_new(items, to_json(&secrets.at[i]));
    struct str next = STR_NONE;
    if (i < secrets.count)
        next = arena_print(call->arena, "%lld %.*s", (long long)secrets.at[i - 1].created_at,
                           STR_ARG(secrets.at[i - 1].id));
    call_answer_list(call, items, next);
}

/* ---- making ---- */

/* A number of seconds within its bounds, as milliseconds; absent or null: 0. */
static bool read_seconds(struct call *call, const char *name, int64_t lowest, int64_t highest, int64_t *ms) {
    int64_t seconds = json_get_int(call->body, name, 0);
    *ms = 0;
    if (!json_is_integer(json_object_get(call->body, name)))
        return true;
    if (seconds < lowest || seconds > highest)
        return call_problem_at(call, "invalid", arena_print(call->arena, "/%s", name),
                               "This must be a whole number of seconds from %lld to %lld.", (long long)lowest,
                               (long long)highest);
    *ms = seconds * 1000;
    return true;
}

static bool read_request(struct call *call, struct admin_secret_request *request) {
    static const struct member members[] = {
        {"purpose", MEMBER_STRING, true, false, 0},          {"name", MEMBER_STRING, false, true, 256},
        {"overlapSeconds", MEMBER_INTEGER, false, true, 0},  {"replace", MEMBER_BOOLEAN, false, false, 0},
        {"lifetimeSeconds", MEMBER_INTEGER, false, true, 0}, {0}};
    const int64_t year = 365LL * 24 * 60 * 60;
    if (!call_read_body(call, members))
        return false;
    *request = (struct admin_secret_request){.purpose = json_get_str(call->body, "purpose"),
                                             .name = json_get_str(call->body, "name")};
    bool replaces = json_get_bool(call->body, "replace", false);
    if (!read_seconds(call, "overlapSeconds", 1, year, &request->overlap_ms) ||
        !read_seconds(call, "lifetimeSeconds", 60, 10 * year, &request->lifetime_ms))
        return false;
    if (replaces && request->overlap_ms > 0)
        return call_problem_at(call, "invalid", STR("/replace"),
                               "Either the old secret overlaps with the new one, or it is replaced.");
    if (!str_equal(request->purpose, STORE_SECRET_VISITOR_SIGNING) &&
        !str_equal(request->purpose, STORE_SECRET_TOOL_SIGNING))
        return call_problem_at(call, "invalid", STR("/purpose"),
                               "What is generated is for visitor-signing or tool-signing.");
    request->succession = replaces ? ADMIN_REPLACE : request->overlap_ms > 0 ? ADMIN_OVERLAP : ADMIN_FIRST;
    return true;
}

void secret_create(struct call *call) {
    struct admin_secret_request request;
    struct store_secret secret;
    struct str text;
    if (call->api->vault == NULL) {
        call_not_here(call);
        return;
    }
    if (!read_request(call, &request))
        return;
    enum status status = admin_secret_generate_wait(&call->admin, call->arena, &call->environment, &request,
                                                    &secret, &text, &call->error);
    if (status == NOT_FOUND) /* the issuer that it is to be for */
        status = INVALID;
    if (status != OK) {
        call_refuse(call, status, status == INVALID ? STR("/name") : STR_NONE);
        return;
    }
    json_t *json = json_object();
    json_object_set_new(json, "record", to_json(&secret));
    set_text(json, "secret", text);
    call_hide_on_replay(call, "secret");
    call_answer_created(
        call,
        arena_join(call->arena, 4,
                   (struct str[]){STR("/environments/"), call->environment.id, STR("/secrets/"), secret.id}),
        json);
}

void secret_put(struct call *call) {
    static const struct member members[] = {{"value", MEMBER_STRING, true, false, VAULT_SECRET_MAX}, {0}};
    struct store_secret secret;
    if (call->api->vault == NULL) {
        call_not_here(call);
        return;
    }
    bool is_dry_run = false;
    if (!call_query_bool(call, "dryRun", &is_dry_run) || !call_read_body(call, members))
        return;
    struct str name = call_parameter(call, "secret"), value = json_get_str(call->body, "value");
    enum status status = admin_secret_find_same_wait(&call->admin, call->arena, &call->environment, name,
                                                     value, &secret, &call->error);
    if (status == NOT_FOUND && is_dry_run) {
        call_answer_nothing(call);
        return;
    }
    if (status == NOT_FOUND)
        status = admin_secret_set_wait(&call->admin, call->arena, &call->environment, name, value, &secret,
                                       &call->error);
    if (status == OK)
        call_answer(call, 200, to_json(&secret));
    else
        call_refuse(call, status, status == TOO_LARGE ? STR("/value") : STR_NONE);
}

void secret_delete(struct call *call) {
    enum status status = admin_secret_kill_wait(&call->admin, call->arena, &call->environment,
                                                call_parameter(call, "secret"), &call->error);
    if (status == OK)
        call_answer_nothing(call);
    else
        call_refuse(call, status, STR_NONE);
}
