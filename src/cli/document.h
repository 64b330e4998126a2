/* SPDX-License-Identifier: Apache-2.0 */
/* `chatelaine tool` and `chatelaine knowledge`: named documents of an environment, with the same four
 * commands. */
#pragma once

#include "cli/client.h"

struct document_kind {
    const char *collection; /* in the API's paths: "tools" */
    const char *name;       /* the member that names one: "name" */
    const char *when_empty; /* a sentence */
};
extern const struct document_kind document_tools, document_knowledge;

int document_put(struct cli *cli, const struct document_kind *kind);
int document_list(struct cli *cli, const struct document_kind *kind);
int document_show(struct cli *cli, const struct document_kind *kind);
int document_remove(struct cli *cli, const struct document_kind *kind);

extern const struct command command_tool_try; /* tool_try.c */
