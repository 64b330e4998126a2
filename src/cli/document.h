/* SPDX-License-Identifier: Apache-2.0 */
/* `chatelaine tool` and `chatelaine knowledge`: named documents of an environment, with the same four
 * commands. */
#pragma once

#include "cli/plain.h"

struct document_kind {
    const char *collection; /* in the API's paths: "tools" */
    const char *noun;       /* "tool" */
    const char *name;       /* the member that names one: "name" */
    const char *when_empty; /* a sentence */
};

int document_put(struct cli *cli, const struct document_kind *kind);
FIBER int document_list_wait(struct client *client, const struct plain_call *call);
FIBER int document_show_wait(struct client *client, const struct plain_call *call);
FIBER int document_remove_wait(struct client *client, const struct plain_call *call);

/* The other three, as plain commands about `kind` (a pointer to a document_kind). */
#define DOCUMENT_LIST(kind)                                                                                  \
    (&(const struct plain){.run = document_list_wait, .in = PLAIN_ENVIRONMENT, .about = (kind)})
#define DOCUMENT_SHOW(kind)                                                                                  \
    (&(const struct plain){                                                                                  \
        .run = document_show_wait, .in = PLAIN_ENVIRONMENT, .operands = {"NAME", 1}, .about = (kind)})
#define DOCUMENT_REMOVE(kind)                                                                                \
    (&(const struct plain){.run = document_remove_wait,                                                      \
                           .in = PLAIN_ENVIRONMENT,                                                          \
                           .operands = {"NAME", 1},                                                          \
                           .asks = true,                                                                     \
                           .about = (kind)})

extern const struct command command_tool_try; /* tool_try.c */
