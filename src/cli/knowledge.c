/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine knowledge */
#include "cli/document.h"

static const struct document_kind kind = {"knowledge", "knowledge", "id", "There is no knowledge."};

static int put(struct cli *cli) {
    return document_put(cli, &kind);
}

static const struct command command_put = {
    .name = "put", .summary = "Save a snippet, or several, from a JSON file.", .run = put};
static const struct command command_list = {.name = "list",
                                            .summary = "List the snippets of an environment.",
                                            .run = plain_run,
                                            .plain = DOCUMENT_LIST(&kind)};
static const struct command command_show = {
    .name = "show", .summary = "Show a snippet as JSON.", .run = plain_run, .plain = DOCUMENT_SHOW(&kind)};
static const struct command command_remove = {
    .name = "remove", .summary = "Remove a snippet.", .run = plain_run, .plain = DOCUMENT_REMOVE(&kind)};

const struct command command_knowledge = {
    .name = "knowledge",
    .summary = "Knowledge: what the rule-driven assistant can answer by itself.",
    .subcommands =
        (const struct command *const[]){&command_put, &command_list, &command_show, &command_remove, NULL},
};
