/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine environment */
#include "cli/environment.h"

#include "cli/plain.h"
#include "cli/source.h"

struct request { /* of what reads a file */
    struct place place;
    struct str file;
    int64_t version;
    struct option_list names;
    struct source source; /* `json` NULL: no file was given */
};

/* As GET /environments/{environment} has it, with what was called otherwise before there was an admin API. */
static json_t *environment_json(const json_t *environment, json_t *config) {
    json_t *json = json_copy((json_t *)environment);
    json_object_set(json, "product", json_object_get(environment, "productId"));
    if (config != NULL)
        json_object_set(json, "config", config);
    return json;
}

/* ---- create ---- */

static FIBER int create_wait(struct client *client, void *argument) {
    struct request *request = argument;
    struct client_answer answer;
    const json_t *product;
    json_t *config;
    int exit_status;
    if (!client_find_product_wait(client, request->place.product, &product, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(request->names.at[0]));
    if (request->source.json != NULL)
        json_object_set(body, "config", request->source.json);
    const struct client_request create = {
        .method = "POST",
        .path =
            CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id"), STR("environments")),
        .body = body};
    client_send_wait(client, &create, &answer);
    if (!client_is_fine(&answer))
        return source_fail_answer(client, &request->source, STR("/config"), STR_NONE, &answer);
    struct str id = json_get_str(answer.json, "id");
    if (!client_get_wait(client, CLIENT_PATH(client->arena, STR("/environments"), id, STR("config")), &config,
                         &exit_status))
        return exit_status;
    json_auto_t *json = environment_json(answer.json, config);
    if (cli_printed_as_json(client->cli, json))
        return CLI_OK;
    cli_say("Made the environment %.*s of %.*s (%.*s).", STR_ARG(json_get_str(json, "name")),
            STR_ARG(json_get_str(json, "productName")), STR_ARG(id));
    cli_say("Its publishable key, for the page: %.*s", STR_ARG(json_get_str(json, "publishableKey")));
    return CLI_OK;
}

static int create(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_WHERE(request.place), OPTION_PRODUCT(request.place, OPTION_REQUIRED),
        OPTION_TEXT("file", "FILE", "its configuration (JSON); - is standard input", &request.file,
                    OPTION_BY_LETTER),
        OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        (!str_is_empty(request.file) && !source_read(cli, request.file, &request.source, &exit_status)))
        return exit_status;
    return client_run(cli, &request.place, create_wait, &request);
}

static const struct command command_create = {
    .name = "create", .summary = "Make an environment with its publishable key.", .run = create};

/* ---- list ---- */

static FIBER bool add_environments_wait(struct client *client, struct str product, json_t *all,
                                        int *exit_status) {
    const struct client_request list = {
        .method = "GET", .path = CLIENT_PATH(client->arena, STR("/products"), product, STR("environments"))};
    json_t *items;
    if (!client_list_wait(client, &list, 0, &items, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(items); i++)
        json_array_append_new(all, environment_json(json_array_get(items, i), NULL));
    return true;
}

static FIBER bool list_all_wait(struct client *client, json_t *all, int *exit_status) {
    const struct client_request list = {.method = "GET", .path = STR("/products")};
    json_t *products;
    if (!client_list_wait(client, &list, 0, &products, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(products); i++) {
        if (!add_environments_wait(client, json_get_str(json_array_get(products, i), "id"), all, exit_status))
            return false;
    }
    return true;
}

static FIBER int list_wait(struct client *client, void *argument) {
    static const struct table_column columns[] = {COLUMN("PRODUCT", "productName"),
                                                  COLUMN("NAME", "name"),
                                                  COLUMN("ID", "id"),
                                                  COLUMN_AS("VERSION", "version", cell_number),
                                                  COLUMN_AS("CHANGED (UTC)", "updatedAt", cell_time),
                                                  COLUMN_END};
    const json_t *product;
    int exit_status;
    json_t *all = json_keep(client->arena, json_array());
    (void)argument;
    if (str_is_empty(client->place->product)) {
        if (!list_all_wait(client, all, &exit_status))
            return exit_status;
    } else if (!client_find_product_wait(client, client->place->product, &product, &exit_status) ||
               !add_environments_wait(client, json_get_str(product, "id"), all, &exit_status)) {
        return exit_status;
    }
    client_print(
        client, all, columns,
        "There are no environments yet. `chatelaine environment create NAME --product PRODUCT` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct place place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_WHERE(place), OPTION_PRODUCT(place, 0), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &place, list_wait, NULL);
}

static const struct command command_list = {
    .name = "list", .summary = "List the environments, of one product or of all.", .run = list};

/* ---- show ---- */

static FIBER int show_wait(struct client *client, const struct plain_call *call) {
    json_t *config;
    int exit_status;
    (void)call;
    if (!client_get_wait(client, CLIENT_PATH_HERE(client, STR("config")), &config, &exit_status))
        return exit_status;
    json_auto_t *json = environment_json(client->environment, config);
    cli_print_json(client->cli, json);
    return CLI_OK;
}

static const struct command command_show = {
    .name = "show",
    .summary = "Show an environment with its configuration.",
    .run = plain_run,
    .plain = &(const struct plain){.run = show_wait, .in = PLAIN_ENVIRONMENT},
};

/* ---- set-config ---- */

static FIBER int set_config_wait(struct client *client, void *argument) {
    struct request *request = argument;
    struct client_answer before, after;
    int exit_status;
    struct str path = CLIENT_PATH_HERE(client, STR("config"));
    const struct client_request get = {.method = "GET", .path = path};
    if (!client_call_wait(client, &get, &before, &exit_status))
        return exit_status;
    const struct client_request put = {
        .method = "PUT",
        .path = path,
        .body = request->source.json,
        .if_match = request->version != 0
                        ? arena_print(client->arena, "\"%lld\"", (long long)request->version)
                        : STR("*")};
    client_send_wait(client, &put, &after);
    if (!client_is_fine(&after))
        return source_fail_answer(client, &request->source, STR_NONE, STR_NONE, &after);
    int64_t version = client_version(&after);
    json_auto_t *json = json_pack("{s:b, s:I}", "changed", version != client_version(&before), "version",
                                  (json_int_t)version);
    if (!cli_printed_as_json(client->cli, json))
        cli_say(version != client_version(&before) ? "Saved, as version %lld."
                                                   : "Nothing to change: this is version %lld.",
                (long long)version);
    return CLI_OK;
}

static int set_config(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("file", "FILE", "the configuration (JSON); - is standard input", &request.file,
                    OPTION_REQUIRED | OPTION_BY_LETTER),
        OPTION_NUMBER("version", "N", "save only where this is still the version", &request.version, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !source_read(cli, request.file, &request.source, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &request.place, set_config_wait, &request);
}

static const struct command command_set_config = {
    .name = "set-config", .summary = "Replace an environment's configuration.", .run = set_config};

/* ---- rename, delete ---- */

static FIBER int rename_wait(struct client *client, const struct plain_call *call) {
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(call->operands.at[0]));
    const struct client_request change = {
        .method = "PATCH", .path = client->environment_path, .body = body, .if_match = STR("*")};
    return client_do_wait(client, &change);
}

static const struct command command_rename = {
    .name = "rename",
    .summary = "Rename an environment.",
    .run = plain_run,
    .plain = &(const struct plain){.run = rename_wait, .in = PLAIN_ENVIRONMENT, .operands = {"NEW-NAME", 1}},
};

static FIBER int delete_wait(struct client *client, const struct plain_call *call) {
    struct str name = json_get_str(client->environment, "name");
    if (!str_equal(call->operands.at[0], name))
        return cli_fail(client->cli,
                        "The environment's name is %.*s: say that to delete it with all that it holds.",
                        STR_ARG(name));
    const struct client_request delete = {
        .method = "DELETE", .path = client->environment_path, .if_match = STR("*")};
    return client_do_wait(client, &delete);
}

static const struct command command_delete = {
    .name = "delete",
    .summary = "Delete an environment with its keys, secrets, tools, visitors and conversations.",
    .details = "Its name stands there twice, as --environment and by itself, so that it is not deleted by "
               "mistake. The audit log stays.",
    .run = plain_run,
    .plain =
        &(const struct plain){.run = delete_wait, .in = PLAIN_ENVIRONMENT, .operands = {"NAME-AGAIN", 1}},
};

const struct command command_environment = {
    .name = "environment",
    .summary = "A product's environments: live, test, …",
    .subcommands =
        (const struct command *const[]){&command_create, &command_list, &command_show, &command_set_config,
                                        &command_environment_apply, &command_environment_keys,
                                        &command_rename, &command_delete, NULL},
};
