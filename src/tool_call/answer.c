/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_call/answer.h"

#include "base/buffer.h"
#include "base/json.h"

enum { PROBLEM_BYTES_MAX = 300 };

/* One row a kind. */
static const struct {
    const char *name;
    const char *sentence;
} kinds[] = {
    [TOOL_OUTCOME_OK] = {"ok", ""},
    [TOOL_OUTCOME_REFUSED] = {"refused", "The tool may not be used."},
    [TOOL_OUTCOME_ERROR] = {"error", "The tool could not do it."},
    [TOOL_OUTCOME_TIMED_OUT] = {"timed-out", "The tool did not answer in time."},
    [TOOL_OUTCOME_UNREACHABLE] = {"unreachable", "The tool could not be reached."},
    [TOOL_OUTCOME_TOO_LARGE] = {"too-large", "The tool answered with more than can be used."},
    [TOOL_OUTCOME_MALFORMED] = {"malformed", "The tool answered with something that cannot be used."},
};

const char *tool_outcome_name(enum tool_outcome_kind kind) {
    return kinds[kind].name;
}

struct tool_outcome tool_outcome_of(enum tool_outcome_kind kind, int http_status) {
    return (struct tool_outcome){.kind = kind,
                                 .http_status = http_status,
                                 .text = STR(""),
                                 .sentence = str_from(kinds[kind].sentence)};
}

struct tool_outcome tool_outcome_refused(const struct tool_refusal *refusal) {
    struct tool_outcome outcome = tool_outcome_of(TOOL_OUTCOME_REFUSED, 0);
    outcome.refusal = *refusal;
    outcome.sentence = refusal->sentence;
    return outcome;
}

/* ---- what came ---- */
enum content { CONTENT_JSON, CONTENT_TEXT, CONTENT_UNKNOWN, CONTENT_OTHER };

static enum content content_of(struct str content_type) {
    struct str rest = content_type;
    struct str type = STR("");
    if (content_type.len == 0 || !str_cut(&rest, ';', &type))
        return CONTENT_UNKNOWN;
    type = str_trim(type);
    size_t len = type.len;
    if (str_equal_ignore_case(type, STR("application/json")) ||
        (len > 5 && str_equal_ignore_case(str_from_index(type, len - 5), STR("+json"))))
        return CONTENT_JSON;
    if (str_equal_ignore_case(type, STR("text/plain")) || str_equal_ignore_case(type, STR("text/markdown")))
        return CONTENT_TEXT;
    return CONTENT_OTHER;
}

/* Control characters become spaces: a tool's text goes to models, logs and pages. Lines and tabs stay where
 * `keep_lines`. */
static struct str clean(struct arena *arena, struct str text, bool keep_lines) {
    char *at = arena_terminated(arena, text);
    for (size_t i = 0; i < text.len; i++)
        if (((unsigned char)at[i] < ' ' && !(keep_lines && (at[i] == '\n' || at[i] == '\t'))) ||
            at[i] == '\x7f')
            at[i] = ' ';
    return str_of(at, text.len);
}

static bool read_json(struct arena *arena, struct str body, struct tool_outcome *outcome) {
    json_t *json = NULL;
    if (json_read(body, JSON_DEPTH_DOCUMENT, &json, NULL) != OK)
        return false;
    outcome->result = json_keep(arena, json);
    outcome->text = json_write(arena, json);
    return true;
}

/* The tool's own word on what went wrong: RFC 9457's `detail` or `title`, or what others call it. */
static struct str problem_text(struct arena *arena, const struct tool_outcome *outcome) {
    static const char *const names[] = {"detail", "message", "error_description", "error", "title"};
    struct str found = STR("");
    for (size_t i = 0; i < sizeof names / sizeof *names && found.len == 0; i++)
        found = json_get_str(outcome->result, names[i]);
    if (found.len == 0) /* {"error":{"message":…}} */
        found = json_get_str(json_get_object(outcome->result, "error"), "message");
    if (!outcome->result)
        found = outcome->text;
    if (found.len > PROBLEM_BYTES_MAX) {
        size_t end = PROBLEM_BYTES_MAX;
        while (end > 0 && ((unsigned char)found.at[end] & 0xC0) == 0x80)
            end--;
        found = arena_join(arena, 2, (const struct str[]){str_slice(found, 0, end), STR("…")});
    }
    return str_trim(clean(arena, found, false));
}

static void read_problem(struct arena *arena, struct tool_outcome *outcome) {
    struct str said = problem_text(arena, outcome);
    *outcome =
        (struct tool_outcome){.kind = TOOL_OUTCOME_ERROR, .http_status = outcome->http_status, .text = said};
    outcome->sentence = said.len > 0
                            ? arena_print(arena, "The tool could not do it. It says: %.*s", STR_ARG(said))
                            : str_from(kinds[TOOL_OUTCOME_ERROR].sentence);
}

struct tool_outcome tool_answer_read(struct arena *arena, unsigned http_status, struct str content_type,
                                     struct str body) {
    struct tool_outcome outcome = tool_outcome_of(TOOL_OUTCOME_OK, (int)http_status);
    bool is_error = http_status < 200 || http_status > 299;
    enum content content = content_of(content_type);
    bool is_understood = str_is_utf8(body) && content != CONTENT_OTHER;
    if (is_understood && str_trim(body).len > 0) {
        bool is_json = content != CONTENT_TEXT && read_json(arena, body, &outcome);
        if (!is_json && (content == CONTENT_TEXT || (content == CONTENT_UNKNOWN && is_error)))
            outcome.text = clean(arena, body, true);
        else if (!is_json)
            is_understood = false;
    }
    if (is_error)
        read_problem(arena, &outcome); /* an error page in HTML is an error all the same */
    else if (!is_understood)
        outcome = tool_outcome_of(TOOL_OUTCOME_MALFORMED, (int)http_status);
    return outcome;
}

/* ---- for the model ---- */
static const char *error_code(const struct tool_outcome *outcome) {
    return outcome->kind == TOOL_OUTCOME_REFUSED ? tool_refusal_name(outcome->refusal.reason)
                                                 : tool_outcome_name(outcome->kind);
}

struct str tool_outcome_for_model(struct arena *arena, const struct tool_outcome *outcome) {
    json_auto_t *told = json_object();
    if (outcome->kind == TOOL_OUTCOME_OK) {
        json_object_set_new(told, "result",
                            outcome->result ? json_deep_copy(outcome->result) : json_from_str(outcome->text));
        return json_write(arena, told);
    }
    json_t *error = json_object();
    json_object_set_new(error, "code", json_string(error_code(outcome)));
    json_object_set_new(error, "message", json_from_str(outcome->sentence));
    json_object_set_new(told, "error", error);
    return json_write(arena, told);
}
