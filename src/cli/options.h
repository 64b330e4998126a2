/* SPDX-License-Identifier: Apache-2.0 */
/* Options, declared beside the variables that they fill:
 *
 *     struct str listen = STR("127.0.0.1:8080");
 *     int64_t threads = 0;
 *     const struct option options[] = {
 *         OPTION_TEXT("listen", "ADDRESS:PORT", "where to listen", &listen, OPTION_FROM_ENVIRONMENT),
 *         OPTION_NUMBER("threads", "N", "front threads; 0: one a core", &threads, 0),
 *         OPTION_END,
 *     };
 *     int exit_status;
 *     if (!options_read(cli, options, NULL, &exit_status))
 *         return exit_status;
 *
 * `--name value` and `--name=value`; flags take no value, or `=true` and `=false`. `--` ends the options.
 * --help and --json belong to every command and are not declared. What is not given keeps its value. */
#pragma once

#include "cli/cli.h"

enum option_type { OPTION_IS_FLAG, OPTION_IS_TEXT, OPTION_IS_NUMBER, OPTION_IS_LIST };

enum {
    OPTION_REQUIRED = 1,
    OPTION_FROM_ENVIRONMENT = 2, /* also read from CHATELAINE_<NAME>; the command line wins */
    OPTION_BY_LETTER = 4,        /* `-f` is short for `--file` */
    /* Of two places only one can be meant: where the command line names one of the first kind, the
     * environment's word for one of the second is not heeded, and both on the command line is wrong usage. */
    OPTION_HERE = 8,
    OPTION_ELSEWHERE = 16,
};

enum { OPTION_LIST_MAX = 64 };

struct option_list { /* of an option that may be given again and again */
    struct str at[OPTION_LIST_MAX];
    size_t count;
};

struct option {
    const char *name;  /* without dashes */
    const char *value; /* what its value is, for --help; NULL for a flag */
    const char *help;
    enum option_type type;
    void *into; /* bool, struct str, int64_t or struct option_list */
    unsigned flags;
    int64_t least, most; /* of a number; both 0: any */
};

#define OPTION_FLAG(name_, help_, into_, flags_)                                                             \
    { .name = (name_), .help = (help_), .type = OPTION_IS_FLAG, .into = (bool *){(into_)}, .flags = (flags_) }
#define OPTION_TEXT(name_, value_, help_, into_, flags_)                                                     \
    {                                                                                                        \
        .name = (name_), .value = (value_), .help = (help_), .type = OPTION_IS_TEXT,                         \
        .into = (struct str *){(into_)}, .flags = (flags_)                                                   \
    }
#define OPTION_NUMBER(name_, value_, help_, into_, flags_)                                                   \
    {                                                                                                        \
        .name = (name_), .value = (value_), .help = (help_), .type = OPTION_IS_NUMBER,                       \
        .into = (int64_t *){(into_)}, .flags = (flags_)                                                      \
    }
#define OPTION_RANGE(name_, value_, help_, into_, least_, most_, flags_)                                     \
    {                                                                                                        \
        .name = (name_), .value = (value_), .help = (help_), .type = OPTION_IS_NUMBER,                       \
        .into = (int64_t *){(into_)}, .flags = (flags_), .least = (least_), .most = (most_)                  \
    }
#define OPTION_LIST(name_, value_, help_, into_, flags_)                                                     \
    {                                                                                                        \
        .name = (name_), .value = (value_), .help = (help_), .type = OPTION_IS_LIST,                         \
        .into = (struct option_list *){(into_)}, .flags = (flags_)                                           \
    }
#define OPTION_END                                                                                           \
    { .name = NULL }

/* What stands there without dashes: `OPERANDS` names them for --help, e.g. "NAME". */
struct operands {
    const char *names; /* "NAME [TITLE]" */
    size_t least;
    size_t most; /* at most OPTION_LIST_MAX */
    struct option_list *into;
};

/* Reads all arguments. `operands` NULL: there may be none. False: the command is over (help was shown, or
 * usage was wrong), return
 * `*exit_status`. Text lives as long as the process's arguments and environment. */
NODISCARD bool options_read(struct cli *cli, const struct option *options, const struct operands *operands,
                            int *exit_status);
