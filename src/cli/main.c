/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine COMMAND: the list of all commands. Each stands in a file of its own name. */
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct command *const commands[] = {
    &command_init,         &command_serve,       &command_apply,
    &command_export,       &command_import,      &command_schema,
    &command_product,      &command_environment, &command_issuer,
    &command_key,          &command_keyset,      &command_secret,
    &command_tool,         &command_knowledge,   &command_visitor,
    &command_conversation, &command_audit,       &command_statistics,
    &command_token,        &command_admin,       &command_api_token,
    &command_api,          &command_version,     &command_completion,
    &command_complete,     &command_manual,      NULL,
};

const struct command command_chatelaine = {
    .name = "chatelaine",
    .summary = "Chatelaine keeps the keys of a chat: who is talking, and what may the assistant do for them?",
    .subcommands = commands,
};

static bool is_reader_gone(void) {
    struct pollfd out = {.fd = STDOUT_FILENO};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/* A result that reached nobody is none: a full disk is told of, a reader that has seen enough (`| head`)
 * knows. */
static int tell_whether_it_was_read(int exit_status) {
    bool is_flushed = fflush(stdout) == 0;
    const char *why = is_flushed ? "is the disk full?" : strerrordesc_np(errno); /* it was an earlier write */
    if (is_flushed && !ferror(stdout))
        return exit_status;
    if (!is_reader_gone())
        fprintf(stderr, "chatelaine: The result could not be written: %s%s\n", why, is_flushed ? "" : ".");
    return exit_status == CLI_OK ? CLI_REFUSED : exit_status;
}

int main(int argc, char **argv) {
    (void)argc;
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of that write, not the end of the process */
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena);
    int exit_status = cli_run(&command_chatelaine, STR("chatelaine"), argv + (argv[0] != NULL), arena);
    return tell_whether_it_was_read(exit_status);
}
