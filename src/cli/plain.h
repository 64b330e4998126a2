/* SPDX-License-Identifier: Apache-2.0 */
/* Plain commands: those that take where they work, perhaps what they are about, perhaps --yes, and have no
 * options of their own. Such a command is a table, and a function that does it:
 *
 *     static const struct command command_revoke = {
 *         .name = "revoke",
 *         .summary = "Make a key worthless, within a second everywhere.",
 *         .run = plain_run,
 *         .plain = &(const struct plain){
 *             .run = revoke_wait, .in = PLAIN_ENVIRONMENT, .operands = {"KEY-ID", 1}, .asks = true},
 *     };
 */
#pragma once

#include "cli/client.h"
#include "cli/terminal.h"

struct plain_call { /* what the command line says */
    struct place place;
    struct option_list operands;
    bool yes;
    const void *about; /* the command's */
};

struct plain {
    FIBER int (*run)(struct client *client, const struct plain_call *call); /* gives the exit status */
    enum {
        PLAIN_INSTALLATION, /* or a server */
        PLAIN_ENVIRONMENT,  /* the same, by client_run_in_environment */
    } in;
    struct {
        const char *names; /* "NAME NEW-NAME" */
        size_t count;
    } operands;
    bool asks;         /* it can be told --yes */
    const void *about; /* for one function that serves several commands */
};

/* What `command.run` is of a command that has `command.plain`. */
int plain_run(struct cli *cli);
