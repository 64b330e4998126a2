/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine environment apply: one environment, without a word before. `chatelaine apply` shows what
 * changes, and takes several environments and secrets by reference. */
#include "cli/environment.h"

#include "cli/source.h"

struct request {
    struct place place;
    struct str file;
    struct source source;
};

/* What has changed: things, not places in them. */
struct tally {
    bool is_created;
    unsigned changed, removed;
};

static bool is_whole(struct str pointer) {
    size_t slashes = 0;
    for (size_t i = 0; i < pointer.len; i++)
        slashes += pointer.at[i] == '/';
    return slashes == 2;
}

static struct tally tally_of(const json_t *changes) {
    struct tally tally = {0};
    struct str last = STR_NONE;
    for (size_t i = 0; i < json_array_size(changes); i++) {
        const json_t *change = json_array_get(changes, i);
        struct str what = json_get_str(change, "what");
        bool is_removed = str_equal(json_get_str(change, "op"), STR("remove")) &&
                          is_whole(json_get_str(change, "pointer")) && !str_equal(what, STR("config"));
        tally.is_created = tally.is_created || str_starts_with(what, STR("environment"));
        if (!str_equal(what, last))
            ++*(is_removed ? &tally.removed : &tally.changed);
        last = what;
    }
    return tally;
}

static json_t *result_json(const struct place *place, const json_t *applied, const struct tally *tally) {
    json_t *json = json_object();
    json_object_set(json, "product", json_object_get(applied, "product"));
    json_set(json, STR("productName"), json_from_str(place->product));
    json_object_set(json, "environment", json_object_get(applied, "environment"));
    json_set(json, STR("environmentName"), json_from_str(place->environment));
    json_object_set(json, "publishableKey", json_object_get(applied, "publishableKey"));
    json_object_set(json, "version", json_object_get(applied, "version"));
    json_set(json, STR("created"), json_boolean(tally->is_created));
    json_set(json, STR("changed"), json_integer(tally->changed));
    json_set(json, STR("removed"), json_integer(tally->removed));
    return json;
}

static void say_result(const struct place *place, const json_t *applied, const struct tally *tally) {
    if (tally->is_created)
        cli_say("Made the environment %.*s of %.*s (%.*s).", STR_ARG(place->environment),
                STR_ARG(place->product), STR_ARG(json_get_str(applied, "environment")));
    else if (tally->changed + tally->removed == 0)
        cli_say("Nothing to change: %.*s of %.*s is as the document says.", STR_ARG(place->environment),
                STR_ARG(place->product));
    else
        cli_say("Changed %u and removed %u of %.*s of %.*s.", tally->changed, tally->removed,
                STR_ARG(place->environment), STR_ARG(place->product));
    cli_say("Publishable key, for the page: %.*s", STR_ARG(json_get_str(applied, "publishableKey")));
    if (!json_get_bool(applied, "signsToolCalls", false))
        cli_say("Calls to tools cannot be signed yet: chatelaine secret generate --purpose tool-signing");
}

static FIBER int apply_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const struct place *place = client->place;
    struct client_answer answer;
    const struct client_request put = {.method = "PUT",
                                       .path = CLIENT_PATH(client->arena, STR("/products"), place->product,
                                                           STR("environments"), place->environment,
                                                           STR("document")),
                                       .body = request->source.json,
                                       .is_slow = true};
    client_send_wait(client, &put, &answer);
    if (!client_is_fine(&answer))
        return source_fail_answer(client, &request->source, STR_NONE, STR_NONE, &answer);
    const struct tally tally = tally_of(json_get_array(answer.json, "changes"));
    json_auto_t *json = result_json(place, answer.json, &tally);
    if (!cli_printed_as_json(client->cli, json))
        say_result(place, answer.json, &tally);
    return CLI_OK;
}

static int apply(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_WHERE(request.place),
                                     OPTION_PRODUCT(request.place, OPTION_REQUIRED),
                                     OPTION_ENVIRONMENT(request.place, OPTION_REQUIRED),
                                     OPTION_TEXT("file", "FILE", "the document (JSON); - is standard input",
                                                 &request.file, OPTION_REQUIRED | OPTION_BY_LETTER),
                                     OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !source_read(cli, request.file, &request.source, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, apply_wait, &request);
}

const struct command command_environment_apply = {
    .name = "apply",
    .summary = "Bring one environment to what a document says, without a word before.",
    .details =
        "The document is {\"config\": {…}, \"tools\": [{…}], \"knowledge\": [{…}]}. Product, environment and "
        "publishable key are made where they are missing. Tools and knowledge that a given list does not "
        "name "
        "are removed; a member that is absent leaves all as it is. Everything is checked before anything is "
        "changed, and the same document again changes nothing. `chatelaine apply` shows the difference "
        "first.",
    .run = apply,
};
