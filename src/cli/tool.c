/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine tool */
#include "cli/document.h"

static const struct document_kind kind = {"tools", "tool", "name", "There are no tools."};

static int put(struct cli *cli) {
    return document_put(cli, &kind);
}

static const struct command command_put = {
    .name = "put", .summary = "Save a tool, or several, from a JSON file.", .run = put};
static const struct command command_list = {.name = "list",
                                            .summary = "List the tools of an environment.",
                                            .run = plain_run,
                                            .plain = DOCUMENT_LIST(&kind)};
static const struct command command_show = {
    .name = "show", .summary = "Show a tool as JSON.", .run = plain_run, .plain = DOCUMENT_SHOW(&kind)};
static const struct command command_remove = {
    .name = "remove", .summary = "Remove a tool.", .run = plain_run, .plain = DOCUMENT_REMOVE(&kind)};

const struct command command_tool = {
    .name = "tool",
    .summary = "Tools: what the assistant may do, by HTTP, in the visitor's name.",
    .subcommands = (const struct command *const[]){&command_put, &command_list, &command_show,
                                                   &command_remove, &command_tool_try, NULL},
};
