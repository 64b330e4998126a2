/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: a tree of commands, each in a file of its own, listed in main.c. A command's run function
 * declares its options (cli/options.h), and gets from that its parsing, its --help and its complaints about
 * wrong usage. */
#pragma once

#include "base/arena.h"

#include <jansson.h>

enum { CLI_OK = 0, CLI_REFUSED = 1, CLI_USAGE = 2 }; /* exit statuses: done; failed or refused; wrong usage */

struct cli;
struct option;
struct operands;
struct plain;

struct command {
    const char *name;                         /* one word: "token" */
    const char *summary;                      /* one line, for lists of commands */
    const char *details;                      /* further paragraphs for --help; NULL for none */
    const struct command *const *subcommands; /* NULL-terminated; NULL for a command that runs itself */
    int (*run)(struct cli *cli);              /* the exit status; NULL where there are subcommands */
    bool is_hidden;                           /* for programs: it stands in no list */
    const struct plain *plain;                /* what plain_run runs (cli/plain.h) */
};

/* One call of a command: lives for the length of the process. */
struct cli {
    const struct command *command;
    struct str path; /* "chatelaine token verify", for messages */
    struct arena *arena;
    char **arguments; /* behind the command's words; NULL-terminated */
    bool json;        /* --json was given: results and errors as one JSON object a line */
    /* Set by `complete` and `manual`: the command is not to run, only to say which options it has.
     * options_read calls it and ends the command. */
    void (*describe)(struct cli *cli, const struct option *options, const struct operands *operands);
    void *description; /* describe's */
};

/* Runs `command` (whose words up to here are `path`) with what stands behind them. */
int cli_run(const struct command *command, struct str path, char **arguments, struct arena *arena);

/* The subcommand of that name; NULL: there is none. */
const struct command *cli_find(const struct command *group, struct str word);

/* Results, on standard output. */
void cli_print_json(struct cli *cli, const json_t *value); /* one line with --json, else indented */
/* The same, but only with --json. True: it was printed, and nothing is to be said to a person. */
NODISCARD bool cli_printed_as_json(struct cli *cli, const json_t *value);
__attribute__((format(printf, 1, 2))) void
cli_say(const char *format, ...); /* lines for people; control characters in them are shown as '?' */

/* What went wrong, on standard error: a sentence, or {"error": …} with --json. Gives back the exit status to
 * return. */
__attribute__((format(printf, 2, 3))) int cli_fail(const struct cli *cli, const char *format,
                                                   ...); /* CLI_REFUSED */
/* CLI_REFUSED: a sentence that may have several lines; with --json also `more` (borrowed; may be NULL) as
 * member `name`. */
int cli_fail_with(const struct cli *cli, struct str sentence, const char *name, json_t *more);
__attribute__((format(printf, 2, 3))) int cli_usage(const struct cli *cli, const char *format,
                                                    ...); /* CLI_USAGE, points to --help */

/* A whole file ("-": standard input) of at most `max` bytes. NOT_FOUND, TOO_LARGE, DENIED or FAILED. */
NODISCARD enum status cli_read_file(struct arena *arena, struct str path, size_t max, struct str *content);
/* Why it was not read, for a person. The commands' files are at most 1 MiB. */
const char *cli_file_problem(enum status status);

/* The word of `words` (NULL-terminated) that was most likely meant; NULL where none is near. */
const char *cli_nearest(struct str word, const char *const *words);

extern const struct command command_chatelaine; /* all of it: main.c */

/* ---- the commands: each defined in the file of its name ---- */
extern const struct command command_admin;
extern const struct command command_api;
extern const struct command command_api_token;
extern const struct command command_apply;
extern const struct command command_audit;
extern const struct command command_complete;
extern const struct command command_completion;
extern const struct command command_conversation;
extern const struct command command_environment;
extern const struct command command_export;
extern const struct command command_import;
extern const struct command command_init;
extern const struct command command_issuer;
extern const struct command command_key;
extern const struct command command_keyset;
extern const struct command command_knowledge;
extern const struct command command_manual;
extern const struct command command_product;
extern const struct command command_schema;
extern const struct command command_secret;
extern const struct command command_serve;
extern const struct command command_statistics;
extern const struct command command_token;
extern const struct command command_tool;
extern const struct command command_version;
extern const struct command command_visitor;
