/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/plain.h"

struct run {
    const struct plain *plain;
    struct plain_call call;
};

static FIBER int run_wait(struct client *client, void *argument) {
    const struct run *run = argument;
    return run->plain->run(client, &run->call);
}

static bool read_options(struct cli *cli, struct run *run, const struct option *options, int *exit_status) {
    const struct plain *plain = run->plain;
    const struct operands operands = {plain->operands.names, plain->operands.count, plain->operands.count,
                                      &run->call.operands};
    return options_read(cli, options, plain->operands.count > 0 ? &operands : NULL, exit_status);
}

int plain_run(struct cli *cli) {
    const struct plain *plain = cli->command->plain;
    struct run run = {plain, {.place = PLACE_UNSET, .about = plain->about}};
    struct plain_call *call = &run.call;
    const struct option yes = OPTION_YES(call->yes), end = OPTION_END;
    const struct option last = plain->asks ? yes : end;
    const struct option for_installation[] = {OPTIONS_WHERE(call->place), last, end};
    const struct option for_environment[] = {OPTIONS_PLACE(call->place), last, end};
    const bool is_in_environment = plain->in == PLAIN_ENVIRONMENT;
    int exit_status;
    if (!read_options(cli, &run, is_in_environment ? for_environment : for_installation, &exit_status))
        return exit_status;
    return (is_in_environment ? client_run_in_environment : client_run)(cli, &call->place, run_wait, &run);
}
