/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/apply.h"

#include "cli/diff.h"
#include "cli/terminal.h"

#include <stdio.h>
#include <unistd.h>

enum { INDENT = 2, MEMBER_INDENT = 6 };

/* "  ~ tool get_balance", in colour. */
static void put_thing(const struct diff *diff, char mark, const char *kind, struct str name) {
    enum terminal_style style =
        mark == '+' ? TERMINAL_ADDED : (mark == '-' ? TERMINAL_REMOVED : TERMINAL_CHANGED);
    buffer_print(diff->out, "%*s%s%c %s%s%.*s%s\n", INDENT, "", terminal_style(diff->has_color, style), mark,
                 kind, str_is_empty(name) ? "" : " ", STR_ARG(terminal_harmless(diff->arena, name)),
                 terminal_style(diff->has_color, TERMINAL_PLAIN));
}

/* All members of a thing that is new. */
static void put_members(const struct diff *diff, const json_t *thing) {
    struct json_walk walk = {0};
    while (json_walk_next(thing, &walk))
        diff_json(diff, MEMBER_INDENT, walk.name, NULL, walk.value);
}

static void put_config(const struct diff *diff, const json_t *before, const json_t *after) {
    struct str text;
    AUTO_BUFFER inside = BUFFER_EMPTY;
    const struct diff within = {diff->arena, &inside, diff->has_color};
    if (after == NULL)
        return;
    if (before == NULL)
        put_members(&within, after);
    else
        diff_json(&within, MEMBER_INDENT, STR(""), before, after);
    text = buffer_text(&inside);
    if (str_is_empty(text))
        return;
    put_thing(diff, before == NULL ? '+' : '~', "config", STR_NONE);
    buffer_append(diff->out, text);
}

static const json_t *find(const json_t *list, const char *member, struct str name) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (str_equal(json_get_str(json_array_get(list, i), member), name))
            return json_array_get(list, i);
    }
    return NULL;
}

static void put_list(const struct diff *diff, const char *kind, const char *member, const json_t *before,
                     const json_t *after) {
    if (after == NULL)
        return;
    for (size_t i = 0; i < json_array_size(after); i++) {
        const json_t *new = json_array_get(after, i);
        struct str name = json_get_str(new, member);
        const json_t *old = find(before, member, name);
        if (old != NULL && json_equal(old, new))
            continue;
        put_thing(diff, old == NULL ? '+' : '~', kind, name);
        if (old == NULL)
            put_members(diff, new);
        else
            diff_json(diff, MEMBER_INDENT, STR(""), old, new);
    }
    for (size_t i = 0; i < json_array_size(before); i++) {
        struct str name = json_get_str(json_array_get(before, i), member);
        if (find(after, member, name) == NULL)
            put_thing(diff, '-', kind, name);
    }
}

static void put_secrets(const struct diff *diff, const struct apply_state *state) {
    for (size_t i = 0; i < state->target->secret_count; i++) {
        const struct apply_secret *secret = &state->secrets[i];
        if (secret->state == SECRET_SAME)
            continue;
        struct str text = arena_print(
            diff->arena, "%.*s, from %.*s%s", STR_ARG(secret->planned->name), STR_ARG(secret->planned->from),
            secret->state == SECRET_UNKNOWN           ? " (not to be had here: it stays as it is)"
            : !str_is_empty(secret->planned->problem) ? " (not to be had here)"
                                                      : "");
        if (secret->state == SECRET_UNKNOWN)
            buffer_print(diff->out, "%*s  secret %.*s\n", INDENT, "",
                         STR_ARG(terminal_harmless(diff->arena, text)));
        else
            put_thing(diff, secret->state == SECRET_NEW ? '+' : '~', "secret", text);
    }
}

/* All there were have been revoked. */
static bool has_new_key(const struct apply_state *state) {
    const json_t *changes = json_get_array(state->applied, "changes");
    for (size_t i = 0; i < json_array_size(changes); i++) {
        if (str_starts_with(json_get_str(json_array_get(changes, i), "what"), STR("key")))
            return true;
    }
    return false;
}

void apply_print(const struct client *client, const struct apply_state *state) {
    const struct plan_target *target = state->target;
    AUTO_BUFFER text = BUFFER_EMPTY;
    const struct diff diff = {client->arena, &text, terminal_has_color(STDOUT_FILENO)};
    buffer_print(&text, "%s%.*s%s%.*s%s\n", terminal_style(diff.has_color, TERMINAL_BOLD),
                 STR_ARG(target->product), str_is_empty(target->product) ? "" : " / ",
                 STR_ARG(target->environment), terminal_style(diff.has_color, TERMINAL_PLAIN));
    if (!apply_changes(state)) {
        buffer_print(&text, "%*sNothing to do: it is as the file says.\n", INDENT, "");
    } else {
        if (state->before == NULL)
            put_thing(&diff, '+', "environment", target->environment);
        else if (has_new_key(state))
            put_thing(&diff, '+', "publishable key", STR_NONE);
        put_config(&diff, json_object_get(state->before, "config"),
                   json_object_get(target->document, "config"));
        put_list(&diff, "tool", "name", json_object_get(state->before, "tools"),
                 json_object_get(target->document, "tools"));
        put_list(&diff, "knowledge", "id", json_object_get(state->before, "knowledge"),
                 json_object_get(target->document, "knowledge"));
        put_secrets(&diff, state);
        buffer_print(&text, "%*s%zu to add, %zu to change, %zu to remove.\n", INDENT, "", state->things_added,
                     state->things_changed, state->things_removed);
    }
    fwrite(text.at, 1, text.len, stdout);
}

static json_t *secrets_json(const struct apply_state *state) {
    static const char *const words[] = {"unchanged", "add", "change", "unknown"};
    json_t *list = json_array();
    for (size_t i = 0; i < state->target->secret_count; i++) {
        const struct apply_secret *secret = &state->secrets[i];
        json_t *json = json_object();
        json_set(json, STR("name"), json_from_str(secret->planned->name));
        json_set(json, STR("from"), json_from_str(secret->planned->from));
        json_set(json, STR("op"), json_string(words[secret->state]));
        json_array_append_new(list, json);
    }
    return list;
}

json_t *apply_json(const struct apply_state *state) {
    json_t *json = json_copy((json_t *)state->applied);
    json_set(json, STR("productName"), json_from_str(state->target->product));
    json_set(json, STR("environmentName"), json_from_str(state->target->environment));
    json_set(json, STR("isNew"), json_boolean(state->before == NULL));
    json_set(json, STR("secrets"), secrets_json(state));
    return json;
}

static bool is_planned(const struct apply_state *state, struct str name) {
    for (size_t i = 0; i < state->target->secret_count; i++) {
        if (str_equal(state->target->secrets[i].name, name))
            return true;
    }
    return false;
}

void apply_print_missing(const struct client *client, const struct apply_state *state) {
    const json_t *missing = json_get_array(state->applied, "missingSecrets");
    const struct plan_target *target = state->target;
    struct str place = str_is_empty(target->product)
                           ? arena_print(client->arena, "--environment %.*s", STR_ARG(target->environment))
                           : arena_print(client->arena, "--product %.*s --environment %.*s",
                                         STR_ARG(target->product), STR_ARG(target->environment));
    for (size_t i = 0; i < json_array_size(missing); i++) {
        const json_t *one = json_array_get(missing, i);
        struct str purpose = json_get_str(one, "purpose"),
                   name = terminal_harmless(client->arena, json_get_str(one, "name"));
        if (str_equal(purpose, STR("visitor-signing")))
            cli_say("  The issuer %.*s has no signing secret yet:\n    chatelaine secret generate %.*s "
                    "--issuer %.*s",
                    STR_ARG(name), STR_ARG(place), STR_ARG(name));
        else if (str_equal(purpose, STR("tool-signing")))
            cli_say("  Calls to tools cannot be signed yet:\n    chatelaine secret generate %.*s --purpose "
                    "tool-signing",
                    STR_ARG(place));
        else if (!is_planned(state, name))
            cli_say("  The secret %.*s is missing:\n    chatelaine secret set %.*s %.*s", STR_ARG(name),
                    STR_ARG(name), STR_ARG(place));
    }
}
