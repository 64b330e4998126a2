/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine apply | import */
#include "cli/apply.h"

#include "cli/terminal.h"

#include <stdio.h>

enum { DRY_RUN_CHANGES = 2 };

struct request {
    struct place place;
    struct str file;
    bool is_dry_run, yes, only_new;
    struct source source;
    struct plan plan;
};

static int print_json(const struct client *client, const struct request *request,
                      const struct apply_state *states, bool changes) {
    json_auto_t *json = json_object();
    json_t *list = json_array();
    json_set(json, STR("dryRun"), json_boolean(request->is_dry_run));
    json_set(json, STR("changed"), json_boolean(changes));
    for (size_t i = 0; i < request->plan.count; i++)
        json_array_append_new(list, apply_json(&states[i]));
    json_set(json, STR("environments"), list);
    cli_print_json(client->cli, json);
    return request->is_dry_run && changes ? DRY_RUN_CHANGES : CLI_OK;
}

static void print_done(const struct client *client, const struct apply_state *state) {
    struct str key = json_get_str(state->applied, "publishableKey");
    cli_say("%s %.*s (%.*s).", state->before == NULL ? "Made" : "Changed",
            STR_ARG(state->target->environment), STR_ARG(json_get_str(state->applied, "environment")));
    if (!str_is_empty(key))
        cli_say("  Its publishable key, for the page: %.*s", STR_ARG(key));
    apply_print_missing(client, state);
}

/* One after the other; those before one that fails have been changed. */
static FIBER bool do_all_wait(struct client *client, const struct request *request,
                              struct apply_state *states, int *exit_status) {
    for (size_t i = 0; i < request->plan.count; i++) {
        if (!apply_changes(&states[i]))
            continue;
        if (!apply_do_wait(client, &request->source, &states[i], exit_status))
            return false;
        if (!client->cli->json)
            print_done(client, &states[i]);
    }
    return true;
}

static bool are_all_new(const struct client *client, const struct request *request,
                        const struct apply_state *states, int *exit_status) {
    for (size_t i = 0; request->only_new && i < request->plan.count; i++) {
        if (states[i].before == NULL)
            continue;
        *exit_status = cli_fail(client->cli,
                                "There is an environment %.*s already. Import makes new ones only: "
                                "`chatelaine apply` changes one that is there.",
                                STR_ARG(states[i].target->environment));
        return false;
    }
    return true;
}

/* What is wrong with several is said of all of them. */
static FIBER bool look_at_all_wait(struct client *client, const struct request *request,
                                   struct apply_state *states, bool *changes, int *exit_status) {
    bool is_fine = true;
    *changes = false;
    for (size_t i = 0; i < request->plan.count; i++) {
        bool is_looked_at =
            apply_look_wait(client, &request->source, &request->plan.targets[i], &states[i], exit_status);
        if (!is_looked_at && !states[i].is_refused)
            return false;
        is_fine = is_fine && is_looked_at;
        *changes = *changes || apply_changes(&states[i]);
    }
    return is_fine;
}

static FIBER int apply_wait(struct client *client, void *argument) {
    struct request *request = argument;
    struct apply_state *states = arena_alloc_array(client->arena, request->plan.count, sizeof *states);
    bool changes = false;
    int exit_status = CLI_OK;
    if (!look_at_all_wait(client, request, states, &changes, &exit_status))
        return exit_status;
    if (!are_all_new(client, request, states, &exit_status))
        return exit_status;
    for (size_t i = 0; !client->cli->json && i < request->plan.count; i++)
        apply_print(client, &states[i]);
    fflush(stdout);
    if (!request->is_dry_run && changes &&
        (!terminal_ask(client->cli, request->yes || client->cli->json, STR_NONE, &exit_status,
                       "These changes are made now.") ||
         !do_all_wait(client, request, states, &exit_status)))
        return exit_status;
    if (client->cli->json)
        return print_json(client, request, states, changes);
    for (size_t i = 0; i < request->plan.count; i++) {
        if (request->is_dry_run || !apply_changes(&states[i]))
            apply_print_missing(client, &states[i]);
    }
    return request->is_dry_run && changes ? DRY_RUN_CHANGES : CLI_OK;
}

/* An OpenID Connect issuer without a key-set URL: the provider's metadata are asked for it. */
static bool needs_discovery(const struct plan_target *target) {
    const json_t *config = json_get_object(target->document, "config");
    const json_t *issuers = json_get_array(json_get_object(config, "signIn"), "issuers");
    for (size_t i = 0; i < json_array_size(issuers); i++) {
        const json_t *issuer = json_array_get(issuers, i);
        if (str_equal(json_get_str(json_get_object(issuer, "provider"), "id"), STR("oidc")) &&
            json_object_get(issuer, "keySetUrl") == NULL && json_object_get(issuer, "keys") == NULL)
            return true;
    }
    return false;
}

static int run(struct cli *cli, struct request *request) {
    int exit_status;
    if (!source_read(cli, request->file, &request->source, &exit_status) ||
        !plan_read(cli, &request->source, &request->place, &request->plan, &exit_status))
        return exit_status;
    if (!request->is_dry_run && !plan_has_secrets(cli, &request->source, &request->plan, &exit_status))
        return exit_status;
    for (size_t i = 0; i < request->plan.count; i++) {
        if (request->plan.targets[i].secret_count > 0)
            request->place.needs |= CLIENT_VAULT;
        if (needs_discovery(&request->plan.targets[i]))
            request->place.needs |= CLIENT_EGRESS;
    }
    return client_run(cli, &request->place, apply_wait, request);
}

#define OPTIONS_APPLY(request)                                                                               \
    OPTIONS_WHERE((request).place),                                                                          \
        OPTION_TEXT("file", "FILE",                                                                          \
                    "the configuration file (default: chatelaine.json); - is standard input",                \
                    &(request).file, OPTION_BY_LETTER),                                                      \
        OPTION_TEXT("product", "NAME", "the product, where the file does not say or another is meant",       \
                    &(request).place.product, 0),                                                            \
        OPTION_TEXT("environment", "NAME",                                                                   \
                    "the environment, likewise; of a file with several: only this one",                      \
                    &(request).place.environment, 0),                                                        \
        OPTION_PRIVATE_EGRESS((request).place),                                                              \
        OPTION_FLAG("dry-run", "only say what would change; exits with 2 where something would",             \
                    &(request).is_dry_run, 0),                                                               \
        OPTION_YES((request).yes)

static int apply(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .file = STR("chatelaine.json")};
    const struct option options[] = {OPTIONS_APPLY(request), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run(cli, &request);
}

const struct command command_apply = {
    .name = "apply",
    .summary = "Make environments what a configuration file says, after showing the difference.",
    .details =
        "The file is {\"product\", \"environment\", \"config\": {…}, \"tools\": [{…}], \"knowledge\": "
        "[{…}],\n"
        "\"secrets\": {…}}, or {\"environments\": [{…}, …]} with several of these. Product, environment and\n"
        "publishable key are made where they are missing. Tools and knowledge that a given list does not "
        "name\n"
        "are removed; a member that is absent leaves all as it is. Everything is checked before anything is\n"
        "changed, and the same file again changes nothing.\n\n"
        "Secrets stand elsewhere: \"secrets\": {\"model-key\": {\"$env\": \"OPENAI_KEY\"}} or {\"$file\": "
        "\"path\"}.\n\n"
        "Exits with 0 where all is as the file says, 1 where something went wrong, and with --dry-run with "
        "2\n"
        "where something would change.",
    .run = apply,
};

static int import(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .file = STR("chatelaine.json"), .only_new = true};
    const struct option options[] = {OPTIONS_APPLY(request), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run(cli, &request);
}

const struct command command_import = {
    .name = "import",
    .summary = "Make new environments from a configuration file; none that is there is changed.",
    .details = "The file is what `chatelaine export` writes and `chatelaine apply` reads.",
    .run = import,
};
