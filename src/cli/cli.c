/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include "base/buffer.h"
#include "base/json.h"
#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Edit distance in which a swap of neighbours counts once (optimal string alignment); words are short. */
enum { WORD_MAX = 40 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static unsigned distance(struct str a, struct str b) {
    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return WORD_MAX;
    unsigned table[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= a.len; i++)
        table[i][0] = (unsigned)i;
    for (size_t j = 0; j <= b.len; j++)
        table[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        for (size_t j = 1; j <= b.len; j++) {
            unsigned changed = table[i - 1][j - 1] + (a.at[i - 1] != b.at[j - 1]);
            table[i][j] = least(changed, least(table[i - 1][j], table[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
        }
    }
    return table[a.len][b.len];
}

const char *cli_nearest(struct str word, const char *const *words) {
    const char *nearest = NULL;
    unsigned smallest = 0;
    for (; *words != NULL; words++) {
        struct str candidate = str_from(*words);
        unsigned far = distance(word, candidate);
        bool begins = word.len >= 2 && str_starts_with(candidate, word);
        if (begins)
            far = 1;
        if (far <= 1 + candidate.len / 4 && (nearest == NULL || far < smallest)) {
            nearest = *words;
            smallest = far;
        }
    }
    return nearest;
}

static void say_error_with(const struct cli *cli, struct str sentence, const char *name, json_t *more) {
    if (!cli->json) {
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(cli->path),
                STR_ARG(terminal_harmless_lines(cli->arena, sentence)));
        return;
    }
    json_auto_t *error = json_object();
    json_object_set_new(error, "error", json_from_str(sentence));
    if (more != NULL)
        json_object_set(error, name, more);
    fprintf(stderr, "%.*s\n", STR_ARG(terminal_harmless_json(cli->arena, json_write(cli->arena, error))));
}

static void say_error(const struct cli *cli, struct str sentence) {
    say_error_with(cli, sentence, NULL, NULL);
}

int cli_fail_with(const struct cli *cli, struct str sentence, const char *name, json_t *more) {
    say_error_with(cli, sentence, name, more);
    return CLI_REFUSED;
}

int cli_fail(const struct cli *cli, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_error(cli, arena_print_list(cli->arena, format, arguments));
    va_end(arguments);
    return CLI_REFUSED;
}

int cli_usage(const struct cli *cli, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say_error(cli, arena_print_list(cli->arena, format, arguments));
    va_end(arguments);
    if (!cli->json)
        fprintf(stderr, "Try '%.*s --help'.\n", STR_ARG(cli->path));
    return CLI_USAGE;
}

void cli_say(const char *format, ...) {
    va_list arguments;
    AUTO_ARENA arena = arena_new();
    arena_wipe_on_free(arena); /* secrets that are shown once pass through it */
    va_start(arguments, format);
    struct str text = terminal_harmless_lines(arena, arena_print_list(arena, format, arguments));
    va_end(arguments);
    printf("%.*s\n", STR_ARG(text));
}

void cli_print_json(struct cli *cli, const json_t *value) {
    struct str text = cli->json ? json_write(cli->arena, value) : json_write_pretty(cli->arena, value);
    text = terminal_harmless_json(cli->arena, text);
    printf("%.*s%s", STR_ARG(text), str_ends_with(text, STR("\n")) ? "" : "\n");
}

bool cli_printed_as_json(struct cli *cli, const json_t *value) {
    if (cli->json)
        cli_print_json(cli, value);
    return cli->json;
}

static enum status read_all(int file, struct arena *arena, size_t max, struct str *content) {
    struct buffer buffer = BUFFER_EMPTY;
    enum status status = OK;
    for (;;) {
        buffer_reserve(&buffer, 4096);
        ssize_t got = read(file, buffer.at + buffer.len, buffer.capacity - buffer.len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = FAILED;
        if (got <= 0)
            break;
        buffer.len += (size_t)got;
        if (buffer.len > max) {
            status = TOO_LARGE;
            break;
        }
    }
    if (status == OK)
        *content = arena_copy(arena, buffer_text(&buffer));
    buffer_wipe(&buffer); /* it may have been a secret */
    return status;
}

enum status cli_read_file(struct arena *arena, struct str path, size_t max, struct str *content) {
    if (str_equal(path, STR("-")))
        return read_all(STDIN_FILENO, arena, max, content);
    int file = open(arena_terminated(arena, path), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : (errno == EACCES ? DENIED : FAILED);
    enum status status = read_all(file, arena, max, content);
    close(file);
    return status;
}

static void show_group(const struct command *group, struct str path) {
    printf("%s\n\nUsage: %.*s COMMAND [OPTIONS]\n\nCommands:\n", group->summary, STR_ARG(path));
    for (const struct command *const *at = group->subcommands; *at != NULL; at++) {
        if (!(*at)->is_hidden)
            printf("  %-14s %s\n", (*at)->name, (*at)->summary);
    }
    if (group->details != NULL)
        printf("\n%s\n", group->details);
    printf("\nEvery command explains itself with --help and answers in JSON with --json.\n");
}

const struct command *cli_find(const struct command *group, struct str word) {
    for (const struct command *const *at = group->subcommands; *at != NULL; at++) {
        if (str_equal(word, str_from((*at)->name)))
            return *at;
    }
    return NULL;
}

static int no_such_command(const struct cli *cli, const struct command *group, const char *word) {
    size_t count = 0;
    while (group->subcommands[count] != NULL)
        count++;
    const char **names = arena_alloc_array(cli->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = group->subcommands[i]->name;
    const char *meant = cli_nearest(str_from(word), names);
    if (meant == NULL)
        return cli_usage(cli, "there is no command '%s'", word);
    return cli_usage(cli, "there is no command '%s'; did you mean '%s'?", word, meant);
}

/* `--version` and `help COMMAND`, as other programs have them: `version`, and `COMMAND --help`. */
static char **as_other_programs(const struct cli *cli, char **arguments) {
    static char help[] = "--help", version[] = "version";
    bool is_version = strcmp(*arguments, "--version") == 0 && cli_find(cli->command, STR("version")) != NULL;
    if (!is_version && (strcmp(*arguments, "help") != 0 || cli_find(cli->command, STR("help")) != NULL))
        return arguments;
    size_t count = 1;
    while (arguments[count] != NULL)
        count++;
    char **meant = arena_alloc_array(cli->arena, count + 1, sizeof *meant);
    for (size_t i = 1; i < count; i++)
        meant[is_version ? i : i - 1] = arguments[i];
    meant[is_version ? 0 : count - 1] = is_version ? version : help;
    return meant;
}

static int run_group(struct cli *cli) {
    const struct command *group = cli->command;
    char **arguments = *cli->arguments != NULL ? as_other_programs(cli, cli->arguments) : cli->arguments;
    for (; *arguments != NULL && (*arguments)[0] == '-'; arguments++) {
        if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0) {
            show_group(group, cli->path);
            return CLI_OK;
        }
        if (strcmp(*arguments, "--json") != 0)
            return cli_usage(cli, "options stand behind the command: '%s'", *arguments);
    }
    if (*arguments == NULL)
        return cli_usage(cli, "a command is missing");
    const struct command *command = cli_find(group, str_from(*arguments));
    if (command == NULL)
        return no_such_command(cli, group, *arguments);
    struct cli next = *cli;
    next.command = command;
    next.path = arena_print(cli->arena, "%.*s %s", STR_ARG(cli->path), command->name);
    next.arguments = arguments + 1;
    return command->subcommands != NULL ? run_group(&next) : command->run(&next);
}

/* --json is looked for first, so that a complaint about what stands before it is JSON too. */
static bool wants_json(char **arguments) {
    while (*arguments != NULL && strcmp(*arguments, "--") != 0 && strcmp(*arguments, "--json") != 0)
        arguments++;
    return *arguments != NULL && strcmp(*arguments, "--json") == 0;
}

int cli_run(const struct command *command, struct str path, char **arguments, struct arena *arena) {
    struct cli cli = {.command = command, .path = path, .arena = arena, .arguments = arguments};
    cli.json = wants_json(arguments);
    return command->subcommands != NULL ? run_group(&cli) : command->run(&cli);
}

const char *cli_file_problem(enum status status) {
    return status == NOT_FOUND   ? "there is no such file"
           : status == DENIED    ? "the file may not be read"
           : status == TOO_LARGE ? "the file is larger than 1 MiB"
                                 : "the file cannot be read; it may be a directory";
}
