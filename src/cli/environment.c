/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine environment */
#include "cli/environment.h"

struct request {
    struct place place;
    struct str file;
    int64_t version;
    struct option_list names;
    json_t *document;
};

/* ---- create ---- */

static FIBER int create_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_key key;
    enum status status = admin_environment_create_wait(
        &installation->admin, installation->arena, request->place.product, request->names.at[0],
        request->document, &environment, &key, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    if (installation->cli->json) {
        json_auto_t *json = admin_environment_json(&environment);
        json_set(json, STR("publishableKey"), json_from_str(key.text));
        cli_print_json(installation->cli, json);
        return CLI_OK;
    }
    cli_say("Made the environment %.*s of %.*s (%.*s).", STR_ARG(environment.name),
            STR_ARG(environment.product_name), STR_ARG(environment.id));
    cli_say("Its publishable key, for the page: %.*s", STR_ARG(key.text));
    return CLI_OK;
}

static int create(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_DATA(request.place), OPTION_PRODUCT(request.place, OPTION_REQUIRED),
        OPTION_TEXT("file", "FILE", "its configuration (JSON); - is standard input", &request.file,
                    OPTION_BY_LETTER),
        OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (!str_is_empty(request.file) &&
        !installation_read_json(cli, request.file, &request.document, &exit_status))
        return exit_status;
    exit_status = installation_run(cli, &request.place, NEEDS_STORE, create_wait, &request);
    json_decref(request.document);
    return exit_status;
}

static const struct command command_create = {
    .name = "create", .summary = "Make an environment with its publishable key.", .run = create};

/* ---- list ---- */

static FIBER int list_pages_wait(struct installation *installation, struct str product, struct table *table,
                                 json_t *json) {
    struct str after = STR_NONE;
    for (;;) {
        struct store_environments page;
        enum status status =
            store_environment_list_wait(installation->store, installation->arena, product, after, 0, &page);
        if (status != OK)
            return installation_fail(installation, status);
        if (page.count == 0)
            return CLI_OK;
        for (size_t i = 0; i < page.count; i++) {
            const struct store_environment *one = &page.at[i];
            json_array_append_new(json, admin_environment_json(one));
            table_add(table, (struct str[]){one->product_name, one->name, one->id,
                                            arena_print(installation->arena, "%lld", (long long)one->version),
                                            table_time(installation->arena, one->updated_at)});
        }
        const struct store_environment *last = &page.at[page.count - 1];
        after = str_is_empty(product) ? last->id : last->name;
    }
}

static FIBER int list_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_product product = {.id = STR_NONE};
    if (!str_is_empty(request->place.product)) {
        enum status status = admin_product_find_wait(&installation->admin, installation->arena,
                                                     request->place.product, &product, &installation->error);
        if (status != OK)
            return installation_fail(installation, status);
    }
    struct table *table =
        table_new(installation->arena,
                  (const char *const[]){"PRODUCT", "NAME", "ID", "VERSION", "CHANGED (UTC)", NULL});
    json_auto_t *json = json_array();
    int exit_status = list_pages_wait(installation, product.id, table, json);
    if (exit_status != CLI_OK)
        return exit_status;
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, "There are no environments yet. `chatelaine environment create NAME --product "
                           "PRODUCT` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_DATA(request.place), OPTION_PRODUCT(request.place, 0),
                                     OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, list_wait, &request);
}

static const struct command command_list = {
    .name = "list", .summary = "List the environments, of one product or of all.", .run = list};

/* ---- show ---- */

static FIBER int show_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    json_auto_t *json = admin_environment_json(&environment);
    cli_print_json(installation->cli, json);
    return CLI_OK;
}

static int show(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, show_wait, &request);
}

static const struct command command_show = {
    .name = "show", .summary = "Show an environment with its configuration.", .run = show};

/* ---- set-config ---- */

static FIBER int set_config_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    bool changed;
    enum status status = admin_environment_set_config_wait(&installation->admin, installation->arena,
                                                           &environment, request->version, request->document,
                                                           &changed, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json =
        json_pack("{s:b, s:I}", "changed", changed, "version", (json_int_t)environment.version);
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        cli_say(changed ? "Saved, as version %lld." : "Nothing to change: this is version %lld.",
                (long long)environment.version);
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
        !installation_read_json(cli, request.file, &request.document, &exit_status))
        return exit_status;
    exit_status = installation_run(cli, &request.place, NEEDS_STORE, set_config_wait, &request);
    json_decref(request.document);
    return exit_status;
}

static const struct command command_set_config = {
    .name = "set-config", .summary = "Replace an environment's configuration.", .run = set_config};

/* ---- rename, delete ---- */

static FIBER int rename_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    enum status status = admin_environment_rename_wait(
        &installation->admin, installation->arena, &environment, request->names.at[0], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int rename_environment(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"NEW-NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, rename_wait, &request);
}

static const struct command command_rename = {
    .name = "rename", .summary = "Rename an environment.", .run = rename_environment};

static FIBER int delete_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    if (!str_equal(request->names.at[0], environment.name))
        return cli_fail(installation->cli,
                        "The environment's name is %.*s: say that to delete it with all that it holds.",
                        STR_ARG(environment.name));
    enum status status = admin_environment_delete_wait(&installation->admin, installation->arena,
                                                       &environment, &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int delete_environment(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"NAME-AGAIN", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, delete_wait, &request);
}

static const struct command command_delete = {
    .name = "delete",
    .summary = "Delete an environment with its keys, secrets, tools, visitors and conversations.",
    .details = "Its name stands there twice, as --environment and by itself, so that it is not deleted by "
               "mistake. The "
               "audit log stays.",
    .run = delete_environment,
};

const struct command command_environment = {
    .name = "environment",
    .summary = "A product's environments: live, test, …",
    .subcommands =
        (const struct command *const[]){&command_create, &command_list, &command_show, &command_set_config,
                                        &command_environment_apply, &command_environment_keys,
                                        &command_rename, &command_delete, NULL},
};
