/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine environment apply */
#include "cli/environment.h"

struct request {
    struct place place;
    struct str file;
    json_t *document;
};

static json_t *result_json(const struct admin_applied *applied) {
    json_t *json = json_object();
    json_set(json, STR("product"), json_from_str(applied->product.id));
    json_set(json, STR("productName"), json_from_str(applied->product.name));
    json_set(json, STR("environment"), json_from_str(applied->environment.id));
    json_set(json, STR("environmentName"), json_from_str(applied->environment.name));
    json_set(json, STR("publishableKey"), json_from_str(applied->publishable_key));
    json_set(json, STR("version"), json_integer(applied->environment.version));
    json_set(json, STR("created"), json_boolean(applied->is_created));
    json_set(json, STR("changed"), json_integer(applied->changed));
    json_set(json, STR("removed"), json_integer(applied->removed));
    return json;
}

static void say_result(const struct admin_applied *applied) {
    if (applied->is_created)
        cli_say("Made the environment %.*s of %.*s (%.*s).", STR_ARG(applied->environment.name),
                STR_ARG(applied->product.name), STR_ARG(applied->environment.id));
    else if (applied->changed + applied->removed == 0)
        cli_say("Nothing to change: %.*s of %.*s is as the document says.",
                STR_ARG(applied->environment.name), STR_ARG(applied->product.name));
    else
        cli_say("Changed %u and removed %u of %.*s of %.*s.", applied->changed, applied->removed,
                STR_ARG(applied->environment.name), STR_ARG(applied->product.name));
    cli_say("Publishable key, for the page: %.*s", STR_ARG(applied->publishable_key));
    if (!applied->signs_tool_calls)
        cli_say("Calls to tools cannot be signed yet: chatelaine secret generate --purpose tool-signing");
}

static FIBER int apply_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct admin_applied applied;
    enum status status =
        admin_apply_wait(&installation->admin, installation->arena, request->place.product,
                         request->place.environment, request->document, &applied, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json = result_json(&applied);
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        say_result(&applied);
    return CLI_OK;
}

static int apply(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_DATA(request.place),
                                     OPTION_PRODUCT(request.place, OPTION_REQUIRED),
                                     OPTION_ENVIRONMENT(request.place, OPTION_REQUIRED),
                                     OPTION_TEXT("file", "FILE", "the document (JSON); - is standard input",
                                                 &request.file, OPTION_REQUIRED | OPTION_BY_LETTER),
                                     OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !installation_read_json(cli, request.file, &request.document, &exit_status))
        return exit_status;
    exit_status = installation_run(cli, &request.place, NEEDS_STORE, apply_wait, &request);
    json_decref(request.document);
    return exit_status;
}

const struct command command_environment_apply = {
    .name = "apply",
    .summary = "Bring an environment to what a document says.",
    .details =
        "The document is {\"config\": {…}, \"tools\": [{…}], \"knowledge\": [{…}]}. Product, environment and "
        "publishable key are made where they are missing. Tools and knowledge that a given list does not "
        "name are "
        "removed; a member that is absent leaves all as it is. Everything is checked before anything is "
        "changed, and the same document again changes nothing.",
    .run = apply,
};
