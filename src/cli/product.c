/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine product */
#include "cli/installation.h"

struct request {
    struct place place;
    struct option_list names;
};

static bool read_request(struct cli *cli, struct request *request, const char *names, size_t count,
                         int *exit_status) {
    request->place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_DATA(request->place), OPTION_END};
    const struct operands operands = {names, count, count, &request->names};
    return options_read(cli, options, count > 0 ? &operands : NULL, exit_status);
}

/* ---- create ---- */

static FIBER int create_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_product product;
    enum status status = admin_product_create_wait(&installation->admin, installation->arena,
                                                   request->names.at[0], &product, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    json_auto_t *json = admin_product_json(&product);
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        cli_say("Made the product %.*s (%.*s).", STR_ARG(product.name), STR_ARG(product.id));
    return CLI_OK;
}

static int create(struct cli *cli) {
    struct request request = {0};
    int exit_status;
    if (!read_request(cli, &request, "NAME", 1, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, create_wait, &request);
}

static const struct command command_create = {.name = "create", .summary = "Make a product.", .run = create};

/* ---- list ---- */

static FIBER int list_wait(struct installation *installation, void *argument) {
    (void)argument;
    struct table *table =
        table_new(installation->arena, (const char *const[]){"NAME", "ID", "MADE (UTC)", NULL});
    json_auto_t *json = json_array();
    struct str after = STR_NONE;
    for (;;) {
        struct store_products page;
        enum status status =
            store_product_list_wait(installation->store, installation->arena, after, 0, &page);
        if (status != OK)
            return installation_fail(installation, status);
        for (size_t i = 0; i < page.count; i++) {
            const struct store_product *one = &page.at[i];
            json_array_append_new(json, admin_product_json(one));
            table_add(table,
                      (struct str[]){one->name, one->id, table_time(installation->arena, one->created_at)});
        }
        if (page.count == 0)
            break;
        after = page.at[page.count - 1].name;
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, "There are no products yet. `chatelaine product create NAME` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {0};
    int exit_status;
    if (!read_request(cli, &request, NULL, 0, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, list_wait, NULL);
}

static const struct command command_list = {.name = "list", .summary = "List the products.", .run = list};

/* ---- rename, delete ---- */

static FIBER int rename_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    enum status status =
        admin_product_rename_wait(&installation->admin, installation->arena, request->names.at[0],
                                  request->names.at[1], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int rename_product(struct cli *cli) {
    struct request request = {0};
    int exit_status;
    if (!read_request(cli, &request, "NAME NEW-NAME", 2, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, rename_wait, &request);
}

static const struct command command_rename = {
    .name = "rename", .summary = "Rename a product.", .run = rename_product};

static FIBER int delete_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    enum status status = admin_product_delete_wait(&installation->admin, installation->arena,
                                                   request->names.at[0], &installation->error);
    return status == OK ? CLI_OK : installation_fail(installation, status);
}

static int delete_product(struct cli *cli) {
    struct request request = {0};
    int exit_status;
    if (!read_request(cli, &request, "NAME", 1, &exit_status))
        return exit_status;
    return installation_run(cli, &request.place, NEEDS_STORE, delete_wait, &request);
}

static const struct command command_delete = {
    .name = "delete", .summary = "Delete a product that has no environments.", .run = delete_product};

const struct command command_product = {
    .name = "product",
    .summary = "Products: what a company embeds the chat in.",
    .subcommands = (const struct command *const[]){&command_create, &command_list, &command_rename,
                                                   &command_delete, NULL},
};
