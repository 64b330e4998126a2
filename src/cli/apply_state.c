/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/apply.h"

/* ---- what is there ---- */

/* The environment's resource, or NULL where there is none yet. */
static FIBER bool find_environment_wait(struct client *client, const struct plan_target *target,
                                        const json_t **environment, int *exit_status) {
    struct client_answer answer;
    json_t *all;
    *environment = NULL;
    const struct client_request get = {.method = "GET",
                                       .path = CLIENT_PATH(client->arena, STR("/products"), target->product)};
    client_send_wait(client, &get, &answer);
    if (answer.status == 404)
        return true;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, STR("/products"),
                                                            json_get_str(answer.json, "id"),
                                                            STR("environments"))};
    if (!client_is_fine(&answer)) {
        *exit_status = client_fail(client, &answer);
        return false;
    }
    if (!client_list_wait(client, &list, 0, &all, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(all); i++) {
        if (str_equal(json_get_str(json_array_get(all, i), "name"), target->environment))
            *environment = json_array_get(all, i);
    }
    return true;
}

static FIBER bool read_before_wait(struct client *client, struct apply_state *state, struct str id,
                                   int *exit_status) {
    struct client_answer answer;
    struct str path = CLIENT_PATH(client->arena, STR("/environments"), id, STR("document"));
    const struct client_request get = {.method = "GET", .path = path};
    client_send_wait(client, &get, &answer);
    if (answer.status == 404)
        *exit_status = cli_fail(client->cli, "There is no environment '%.*s' here.", STR_ARG(id));
    else if (!client_is_fine(&answer))
        *exit_status = client_fail(client, &answer);
    state->before = answer.json;
    state->etag = answer.etag;
    return client_is_fine(&answer);
}

/* Where the document goes, and what is there. */
static FIBER bool find_wait(struct client *client, struct apply_state *state, int *exit_status) {
    const struct plan_target *target = state->target;
    const json_t *environment;
    if (str_starts_with(target->environment, STR("env_"))) {
        state->path = CLIENT_PATH(client->arena, STR("/environments"), target->environment, STR("document"));
        return read_before_wait(client, state, target->environment, exit_status);
    }
    state->path = CLIENT_PATH(client->arena, STR("/products"), target->product, STR("environments"),
                              target->environment, STR("document"));
    return find_environment_wait(client, target, &environment, exit_status) &&
           (environment == NULL ||
            read_before_wait(client, state, json_get_str(environment, "id"), exit_status));
}

/* ---- secrets ---- */

static FIBER bool put_secret_wait(struct client *client, const struct apply_state *state,
                                  const struct plan_secret *secret, bool is_dry_run,
                                  struct client_answer *answer, int *exit_status) {
    json_auto_t *body = json_object();
    json_set(body, STR("value"), json_from_str(secret->value));
    const struct client_request put = {.method = "PUT",
                                       .path = CLIENT_PATH(client->arena, STR("/environments"),
                                                           json_get_str(state->applied, "environment"),
                                                           STR("secrets"), secret->name),
                                       .query = {{"dryRun", is_dry_run ? STR("true") : STR_NONE}},
                                       .body = body};
    return client_call_wait(client, &put, answer, exit_status);
}

static const json_t *find_named(const json_t *secrets, struct str name) {
    for (size_t i = 0; i < json_array_size(secrets); i++) {
        const json_t *one = json_array_get(secrets, i);
        if (str_equal(json_get_str(one, "purpose"), STR("named")) &&
            str_equal(json_get_str(one, "name"), name) &&
            str_equal(json_get_str(one, "state"), STR("usable")))
            return one;
    }
    return NULL;
}

/* The API compares the value with the one that is kept, and tells no more than that. */
static FIBER bool look_at_secret_wait(struct client *client, const struct apply_state *state,
                                      const json_t *kept, struct apply_secret *secret, int *exit_status) {
    struct client_answer answer;
    if (find_named(kept, secret->planned->name) == NULL) {
        secret->state = SECRET_NEW;
        return true;
    }
    if (str_is_empty(secret->planned->value)) {
        secret->state = SECRET_UNKNOWN;
        return true;
    }
    if (!put_secret_wait(client, state, secret->planned, true, &answer, exit_status))
        return false;
    secret->state = answer.json != NULL ? SECRET_SAME : SECRET_OTHER;
    return true;
}

static FIBER bool look_at_secrets_wait(struct client *client, struct apply_state *state, int *exit_status) {
    const struct plan_target *target = state->target;
    json_t *kept = NULL;
    if (target->secret_count == 0)
        return true;
    state->secrets = arena_alloc_array(client->arena, target->secret_count, sizeof *state->secrets);
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, STR("/environments"),
                                                            json_get_str(state->applied, "environment"),
                                                            STR("secrets"))};
    if (state->before != NULL && !client_list_wait(client, &list, 0, &kept, exit_status))
        return false;
    for (size_t i = 0; i < target->secret_count; i++) {
        state->secrets[i].planned = &target->secrets[i];
        if (!look_at_secret_wait(client, state, kept, &state->secrets[i], exit_status))
            return false;
        state->things_added += state->secrets[i].state == SECRET_NEW;
        state->things_changed += state->secrets[i].state == SECRET_OTHER;
    }
    return true;
}

/* ---- asking and doing ---- */

static FIBER bool put_document_wait(struct client *client, const struct source *source,
                                    struct apply_state *state, bool is_dry_run, int *exit_status) {
    struct client_answer answer;
    const struct client_request put = {.method = "PUT",
                                       .path = state->path,
                                       .query = {{"dryRun", is_dry_run ? STR("true") : STR_NONE}},
                                       .body = state->target->document,
                                       .if_match = state->etag,
                                       .is_slow = true};
    client_send_wait(client, &put, &answer);
    state->applied = answer.json;
    if (client_is_fine(&answer))
        return true;
    state->is_refused = answer.status == 422;
    if (answer.status == 412)
        *exit_status =
            cli_fail(client->cli,
                     "%.*s was changed by somebody else meanwhile. Nothing of it was changed now: look at "
                     "what they did, and apply again.",
                     STR_ARG(state->target->environment));
    else
        *exit_status = apply_fail_wait(client, source, state, &answer);
    return false;
}

static size_t count_slashes(struct str pointer) {
    size_t count = 0;
    for (size_t i = 0; i < pointer.len; i++)
        count += pointer.at[i] == '/';
    return count;
}

/* A change is one of a thing: of the configuration, of a tool. The API tells them place by place, those of a
 * thing one after the other. What comes with a new environment by itself is not counted. */
static void count_things(struct apply_state *state) {
    const json_t *changes = json_get_array(state->applied, "changes");
    struct str last = STR_NONE;
    bool is_new = state->before == NULL;
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        struct str what = json_get_str(change, "what"), op = json_get_str(change, "op");
        if (str_equal(what, last) ||
            (is_new && (str_starts_with(what, STR("product")) || str_starts_with(what, STR("key")))))
            continue;
        last = what;
        bool is_whole = is_new || (count_slashes(json_get_str(change, "pointer")) <= 2 &&
                                   !str_equal(what, STR("config")));
        if (is_whole && str_equal(op, STR("add")))
            state->things_added++;
        else if (is_whole && str_equal(op, STR("remove")))
            state->things_removed++;
        else
            state->things_changed++;
    }
}

bool apply_look_wait(struct client *client, const struct source *source, const struct plan_target *target,
                     struct apply_state *state, int *exit_status) {
    *state = (struct apply_state){.target = target};
    if (!find_wait(client, state, exit_status) ||
        !put_document_wait(client, source, state, true, exit_status))
        return false;
    count_things(state);
    return look_at_secrets_wait(client, state, exit_status);
}

bool apply_do_wait(struct client *client, const struct source *source, struct apply_state *state,
                   int *exit_status) {
    struct client_answer answer;
    if (!put_document_wait(client, source, state, false, exit_status))
        return false;
    for (size_t i = 0; i < state->target->secret_count; i++) {
        const struct apply_secret *secret = &state->secrets[i];
        if ((secret->state == SECRET_NEW || secret->state == SECRET_OTHER) &&
            !put_secret_wait(client, state, secret->planned, false, &answer, exit_status))
            return false;
    }
    return true;
}
