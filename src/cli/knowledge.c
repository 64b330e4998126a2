/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine knowledge */
#include "cli/document.h"

static int put(struct cli *cli) {
    return document_put(cli, &document_knowledge);
}
static int list(struct cli *cli) {
    return document_list(cli, &document_knowledge);
}
static int show(struct cli *cli) {
    return document_show(cli, &document_knowledge);
}
static int remove_one(struct cli *cli) {
    return document_remove(cli, &document_knowledge);
}

static const struct command command_put = {
    .name = "put", .summary = "Save a snippet, or several, from a JSON file.", .run = put};
static const struct command command_list = {
    .name = "list", .summary = "List the snippets of an environment.", .run = list};
static const struct command command_show = {
    .name = "show", .summary = "Show a snippet as JSON.", .run = show};
static const struct command command_remove = {
    .name = "remove", .summary = "Remove a snippet.", .run = remove_one};

const struct command command_knowledge = {
    .name = "knowledge",
    .summary = "Knowledge: what the rule-driven assistant can answer by itself.",
    .subcommands =
        (const struct command *const[]){&command_put, &command_list, &command_show, &command_remove, NULL},
};
