/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine completion bash: a script for the shell; it asks `chatelaine complete` at each press of the key,
 * which knows all commands and their options by the very tables that run them. */
#include "cli/options.h"

#include <stdio.h>
#include <string.h>

static const char bash_script[] =
    "# Completion of chatelaine for bash: eval \"$(chatelaine completion bash)\", or as a file in\n"
    "# /usr/share/bash-completion/completions/chatelaine\n"
    "_chatelaine() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} line\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        if [ \"$line\" = ':files' ]; then\n"
    "            compopt -o filenames\n"
    "            while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen -f -- \"$word\")\n"
    "        elif [ -n \"$line\" ]; then\n"
    "            COMPREPLY+=(\"$line\")\n"
    "        fi\n"
    "    done < <(\"${COMP_WORDS[0]}\" complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -F _chatelaine chatelaine\n";

static int print_script(struct cli *cli) {
    struct option_list shells = {.count = 0};
    const struct option options[] = {OPTION_END};
    const struct operands operands = {"SHELL", 1, 1, &shells};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (!str_equal(shells.at[0], STR("bash")))
        return cli_usage(cli, "there is a script for bash alone");
    fputs(bash_script, stdout);
    return CLI_OK;
}

const struct command command_completion = {
    .name = "completion",
    .summary = "Print a script by which the shell completes commands and options: bash.",
    .details = "  eval \"$(chatelaine completion bash)\"",
    .run = print_script,
};

/* ---- what may stand there ---- */

struct wish {
    struct str word;   /* the beginning of what is wanted; the last of the words */
    struct str before; /* the word before it */
    bool has_ended;    /* "--" stood before */
};

static void offer(struct str word, const char *prefix, const char *candidate) {
    char text[128];
    int len = snprintf(text, sizeof text, "%s%s", prefix, candidate);
    if (len > 0 && str_starts_with(str_of(text, (size_t)len), word))
        puts(text);
}

static bool takes_file(const struct option *option) {
    static const char *const words[] = {"FILE", "DIR", NULL};
    for (size_t i = 0; words[i] != NULL; i++) {
        if (option->value != NULL && strcmp(option->value, words[i]) == 0)
            return true;
    }
    return false;
}

/* The option that the word before names and whose value is wanted; NULL: none. */
static const struct option *awaits_value(const struct option *options, struct str before) {
    for (const struct option *option = options; option->name != NULL; option++) {
        bool is_short = (option->flags & OPTION_BY_LETTER) && before.len == 2 && before.at[0] == '-' &&
                        before.at[1] == option->name[0];
        bool is_long = str_starts_with(before, STR("--")) &&
                       str_equal(str_from_index(before, 2), str_from(option->name));
        if ((is_short || is_long) && option->type != OPTION_IS_FLAG)
            return option;
    }
    return NULL;
}

static void describe(struct cli *cli, const struct option *options, const struct operands *operands) {
    const struct wish *wish = cli->description;
    const struct option *awaited = wish->has_ended ? NULL : awaits_value(options, wish->before);
    if (awaited != NULL) {
        if (takes_file(awaited))
            puts(":files");
        return;
    }
    if (!wish->has_ended && str_starts_with(wish->word, STR("-"))) {
        for (const struct option *option = options; option->name != NULL; option++)
            offer(wish->word, "--", option->name);
        offer(wish->word, "--", "json");
        offer(wish->word, "--", "help");
        return;
    }
    if (operands != NULL && strstr(operands->names, "FILE") != NULL)
        puts(":files");
}

static void offer_commands(const struct command *group, struct str word) {
    for (const struct command *const *at = group->subcommands; *at != NULL; at++) {
        if (!(*at)->is_hidden)
            offer(word, "", (*at)->name);
    }
    if (str_starts_with(word, STR("-")))
        offer(word, "--", "help");
}

static int complete(struct cli *cli) {
    struct option_list words = {.count = 0};
    const struct option options[] = {OPTION_END};
    const struct operands operands = {"WORD…", 0, OPTION_LIST_MAX, &words};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    struct wish wish = {.word = words.count > 0 ? words.at[words.count - 1] : STR("")};
    const struct command *at = &command_chatelaine;
    for (size_t i = 0; i + 1 < words.count; i++) {
        const struct command *next = at->subcommands != NULL ? cli_find(at, words.at[i]) : NULL;
        if (at->subcommands != NULL && next == NULL)
            return CLI_OK; /* no such command: nothing fits */
        at = next != NULL ? next : at;
        wish.before = words.at[i];
        wish.has_ended = wish.has_ended || str_equal(words.at[i], STR("--"));
    }
    if (at->subcommands != NULL) {
        offer_commands(at, wish.word);
        return CLI_OK;
    }
    struct cli asked = {.command = at,
                        .path = cli->path,
                        .arena = cli->arena,
                        .arguments = cli->arguments,
                        .describe = describe,
                        .description = &wish};
    return at->run(&asked);
}

const struct command command_complete = {
    .name = "complete",
    .summary = "What may stand behind these words: for shells.",
    .run = complete,
    .is_hidden = true,
};
