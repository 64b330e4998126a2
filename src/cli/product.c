/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine product */
#include "cli/plain.h"

/* ---- create ---- */

static FIBER int create_wait(struct client *client, const struct plain_call *call) {
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(call->operands.at[0]));
    const struct client_request create = {.method = "POST", .path = STR("/products"), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        cli_say("Made the product %.*s (%.*s).", STR_ARG(json_get_str(answer.json, "name")),
                STR_ARG(json_get_str(answer.json, "id")));
    return CLI_OK;
}

static const struct command command_create = {
    .name = "create",
    .summary = "Make a product.",
    .run = plain_run,
    .plain = &(const struct plain){.run = create_wait, .in = PLAIN_INSTALLATION, .operands = {"NAME", 1}},
};

/* ---- list ---- */

static FIBER int list_wait(struct client *client, const struct plain_call *call) {
    static const struct table_column columns[] = {COLUMN("NAME", "name"), COLUMN("ID", "id"),
                                                  COLUMN_AS("MADE (UTC)", "createdAt", cell_time),
                                                  COLUMN_END};
    const struct client_request list = {.method = "GET", .path = STR("/products")};
    (void)call;
    return client_show_list_wait(client, &list, 0, columns,
                                 "There are no products yet. `chatelaine product create NAME` makes one.");
}

static const struct command command_list = {
    .name = "list",
    .summary = "List the products.",
    .run = plain_run,
    .plain = &(const struct plain){.run = list_wait, .in = PLAIN_INSTALLATION},
};

/* ---- rename, delete ---- */

static FIBER int rename_wait(struct client *client, const struct plain_call *call) {
    const json_t *product;
    int exit_status;
    if (!client_find_product_wait(client, call->operands.at[0], &product, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("name"), json_from_str(call->operands.at[1]));
    const struct client_request change = {
        .method = "PATCH",
        .path = CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id")),
        .body = body,
        .if_match = STR("*")};
    return client_do_wait(client, &change);
}

static const struct command command_rename = {
    .name = "rename",
    .summary = "Rename a product.",
    .run = plain_run,
    .plain =
        &(const struct plain){.run = rename_wait, .in = PLAIN_INSTALLATION, .operands = {"NAME NEW-NAME", 2}},
};

static FIBER int delete_wait(struct client *client, const struct plain_call *call) {
    const json_t *product;
    int exit_status;
    if (!client_find_product_wait(client, call->operands.at[0], &product, &exit_status))
        return exit_status;
    struct str name = json_get_str(product, "name");
    if (!terminal_ask(client->cli, call->yes, name, &exit_status,
                      "The product %.*s is deleted, and nobody can bring it back.", STR_ARG(name)))
        return exit_status;
    const struct client_request delete = {
        .method = "DELETE",
        .path = CLIENT_PATH(client->arena, STR("/products"), json_get_str(product, "id")),
        .if_match = STR("*")};
    return client_do_wait(client, &delete);
}

static const struct command command_delete = {
    .name = "delete",
    .summary = "Delete a product that has no environments.",
    .details = "On a terminal it asks for the name first.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = delete_wait, .in = PLAIN_INSTALLATION, .operands = {"NAME", 1}, .asks = true},
};

const struct command command_product = {
    .name = "product",
    .summary = "Products: what a company embeds the chat in.",
    .subcommands = (const struct command *const[]){&command_create, &command_list, &command_rename,
                                                   &command_delete, NULL},
};
