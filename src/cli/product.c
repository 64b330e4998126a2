/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine product */
#include "cli/client.h"
#include "cli/terminal.h"

struct request {
    struct place place;
    struct option_list names;
    bool yes;
};

/* ---- create ---- */

static FIBER int create_wait(struct client *client, void *argument) {
    struct request *request = argument;
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(request->names.at[0]));
    const struct client_request create = {.method = "POST", .path = STR("/products"), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    if (client->cli->json)
        cli_print_json(client->cli, answer.json);
    else
        cli_say("Made the product %.*s (%.*s).", STR_ARG(json_get_str(answer.json, "name")),
                STR_ARG(json_get_str(answer.json, "id")));
    return CLI_OK;
}

static int create(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_WHERE(request.place), OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, create_wait, &request);
}

static const struct command command_create = {.name = "create", .summary = "Make a product.", .run = create};

/* ---- list ---- */

static FIBER int list_wait(struct client *client, void *argument) {
    const struct client_request list = {.method = "GET", .path = STR("/products")};
    json_t *items;
    int exit_status;
    (void)argument;
    if (!client_list_wait(client, &list, 0, &items, &exit_status))
        return exit_status;
    struct table *table = table_new(client->arena, (const char *const[]){"NAME", "ID", "MADE (UTC)", NULL});
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        table_add(table, (struct str[]){json_get_str(one, "name"), json_get_str(one, "id"),
                                        client_time(client->arena, one, "createdAt")});
    }
    client_print(client, items, table,
                 "There are no products yet. `chatelaine product create NAME` makes one.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct place place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_WHERE(place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run(cli, &place, list_wait, NULL);
}

static const struct command command_list = {.name = "list", .summary = "List the products.", .run = list};

/* ---- rename, delete ---- */

static FIBER int rename_wait(struct client *client, void *argument) {
    struct request *request = argument;
    const json_t *product;
    int exit_status;
    if (!client_find_product_wait(client, request->names.at[0], &product, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(request->names.at[1]));
    const struct client_request change = {
        .method = "PATCH",
        .path = CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id")),
        .body = body,
        .if_match = STR("*")};
    return client_do_wait(client, &change);
}

static int rename_product(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_WHERE(request.place), OPTION_END};
    const struct operands operands = {"NAME NEW-NAME", 2, 2, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, rename_wait, &request);
}

static const struct command command_rename = {
    .name = "rename", .summary = "Rename a product.", .run = rename_product};

static FIBER int delete_wait(struct client *client, void *argument) {
    struct request *request = argument;
    const json_t *product;
    int exit_status;
    if (!client_find_product_wait(client, request->names.at[0], &product, &exit_status))
        return exit_status;
    struct str name = json_get_str(product, "name");
    if (!terminal_ask(client->cli, request->yes, name, &exit_status,
                      "The product %.*s is deleted, and nobody can bring it back.", STR_ARG(name)))
        return exit_status;
    const struct client_request delete = {
        .method = "DELETE",
        .path = CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id")),
        .if_match = STR("*")};
    return client_do_wait(client, &delete);
}

static int delete_product(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_WHERE(request.place), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.names};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, delete_wait, &request);
}

static const struct command command_delete = {
    .name = "delete",
    .summary = "Delete a product that has no environments.",
    .details = "On a terminal it asks for the name first.",
    .run = delete_product,
};

const struct command command_product = {
    .name = "product",
    .summary = "Products: what a company embeds the chat in.",
    .subcommands = (const struct command *const[]){&command_create, &command_list, &command_rename,
                                                   &command_delete, NULL},
};
