/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON file that a person wrote, with the places of what is in it: what is wrong is said with file, line
 * and column, and the line itself with a mark below it. */
#pragma once

#include "base/json_item.h"
#include "cli/client.h"

struct source {
    struct str name; /* the file's, for messages */
    struct str text;
    json_t *json;                 /* belongs to the arena */
    const struct json_item *root; /* the same, with its places */
};

/* "-" is standard input. False: it was said why. */
NODISCARD bool source_read(struct cli *cli, struct str path, struct source *source, int *exit_status);

struct source_error {
    struct str pointer; /* into the source's value */
    struct str detail;
    bool is_about_name; /* what is wrong is the member's name, not its value */
    bool is_secret;     /* the line is not shown */
};
/* Says all of them. Gives the exit status. */
int source_fail(const struct cli *cli, const struct source *source, const struct source_error *errors,
                size_t count);

/* Says why the API refused what came from `source`: what stood at `sent` of the request's body stands at
 * `pointer` of the source. */
int source_fail_answer(const struct client *client, const struct source *source, struct str sent,
                       struct str pointer, const struct client_answer *answer);
