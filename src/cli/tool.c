/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine tool */
#include "cli/document.h"

static int put(struct cli *cli) {
    return document_put(cli, &document_tools);
}
static int list(struct cli *cli) {
    return document_list(cli, &document_tools);
}
static int show(struct cli *cli) {
    return document_show(cli, &document_tools);
}
static int remove_one(struct cli *cli) {
    return document_remove(cli, &document_tools);
}

static const struct command command_put = {
    .name = "put", .summary = "Save a tool, or several, from a JSON file.", .run = put};
static const struct command command_list = {
    .name = "list", .summary = "List the tools of an environment.", .run = list};
static const struct command command_show = {.name = "show", .summary = "Show a tool as JSON.", .run = show};
static const struct command command_remove = {
    .name = "remove", .summary = "Remove a tool.", .run = remove_one};

const struct command command_tool = {
    .name = "tool",
    .summary = "Tools: what the assistant may do, by HTTP, in the visitor's name.",
    .subcommands = (const struct command *const[]){&command_put, &command_list, &command_show,
                                                   &command_remove, &command_tool_try, NULL},
};
