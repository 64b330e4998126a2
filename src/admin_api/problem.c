/* SPDX-License-Identifier: Apache-2.0 */
/* Problem documents (RFC 9457). */
#include "admin_api/call.h"

#include <stdarg.h>

/* "changed-meanwhile" as "Changed meanwhile" */
static struct str title_of(struct arena *arena, const char *code) {
    struct str given = str_from(code);
    char *title = arena_alloc(arena, given.len + 1);
    for (size_t i = 0; i < given.len; i++)
        title[i] = given.at[i] == '-' ? ' ' : given.at[i];
    if (title[0] >= 'a' && title[0] <= 'z')
        title[0] = (char)(title[0] - 'a' + 'A');
    return str_of(title, given.len);
}

bool call_problem_with(struct call *call, unsigned status, const char *code, struct str sentence,
                       json_t *more) {
    json_t *problem = json_object();
    set_text(problem, "type", arena_print(call->arena, "urn:chatelaine:problem:%s", code));
    set_text(problem, "title", title_of(call->arena, code));
    set_number(problem, "status", status);
    set_text(problem, "detail", sentence);
    if (more != NULL)
        json_object_update(problem, more);
    json_decref(more);
    call_answer(call, status, problem);
    call->response->content_type = STR("application/problem+json");
    call->response->etag = STR_NONE;
    return false;
}

bool call_problem(struct call *call, unsigned status, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = arena_print_list(call->arena, format, arguments);
    va_end(arguments);
    return call_problem_with(call, status, code, sentence, NULL);
}

static bool problem_at(struct call *call, unsigned status, const char *code, struct str pointer,
                       struct str sentence) {
    json_t *error = json_object();
    set_text(error, "pointer", pointer);
    set_text(error, "detail", sentence);
    json_t *errors = json_array();
    json_array_append_new(errors, error);
    json_t *more = json_object();
    json_object_set_new(more, "errors", errors);
    return call_problem_with(call, status, code, sentence, more);
}

bool call_problem_at(struct call *call, const char *code, struct str pointer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = arena_print_list(call->arena, format, arguments);
    va_end(arguments);
    return problem_at(call, 422, code, pointer, sentence);
}

bool call_refuse(struct call *call, enum status status, struct str prefix) {
    struct str said = call->error.sentence;
    bool is_stale = call->error.is_changed_meanwhile;
    struct str pointer = arena_join(call->arena, 2, (struct str[]){prefix, call->error.pointer});
    call->error = (struct admin_error){.sentence = STR_NONE};
    switch (status) {
    case CANCELED:
        call->response->status = 0; /* nobody waits for it */
        return false;
    case INVALID:
        return problem_at(call, 422, "invalid", pointer,
                          str_is_empty(said) ? STR("This cannot be saved as it is.") : said);
    case TOO_LARGE:
        return problem_at(call, 422, "too-large", pointer,
                          str_is_empty(said) ? STR("This is too large.") : said);
    case NOT_FOUND:
        return str_is_empty(said) ? call_not_found(call)
                                  : call_problem_with(call, 404, "not-found", said, NULL);
    case CONFLICT:
        if (is_stale)
            return call_changed_meanwhile(call);
        return call_problem_with(call, 409, "conflict",
                                 str_is_empty(said) ? STR("This exists already.") : said, NULL);
    case DENIED:
        return call_problem_with(call, 403, "not-allowed",
                                 str_is_empty(said) ? STR("This is not allowed.") : said, NULL);
    case TIMED_OUT:
    case UNAVAILABLE:
        call_add_header(call, STR("Retry-After"), STR("2"));
        return call_problem_with(
            call, 503, "unavailable",
            STR("The database is busy or cannot be reached. Nothing was changed; try again in a moment."),
            NULL);
    case OK:
    case FAILED:
        break;
    }
    return call_problem_with(call, 500, "failed",
                             STR("The server could not do this. Nothing was changed; its log says more."),
                             NULL);
}

bool call_not_found(struct call *call) {
    return call_problem(call, 404, "not-found",
                        "There is nothing at this address that you may see. Check the ids in it.");
}

bool call_changed_meanwhile(struct call *call) {
    return call_problem(call, 412, "changed-meanwhile",
                        "Somebody else has changed this since you read it. Nothing was overwritten: read it "
                        "again and repeat your change.");
}

bool call_not_here(struct call *call) {
    return call_problem(call, 501, "not-here",
                        "This takes a running server: ask it with --server, or in the dashboard.");
}
