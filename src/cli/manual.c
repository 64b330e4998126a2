/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine manual: the manual's pages, made of the same tables as --help. docs/man keeps them; a test holds
 * the two together. */
#include "base/buffer.h"
#include "cli/options.h"

#include <stdio.h>

/* ---- roff ---- */

/* Text as roff takes it: backslashes and hyphens are escaped, and a line that begins with a dot or a quote is
 * no request. */
static void put_text(struct buffer *page, struct str text) {
    bool is_line_start = page->len == 0 || page->at[page->len - 1] == '\n';
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (is_line_start && (c == '.' || c == '\''))
            buffer_append(page, STR("\\&"));
        if (c == '\\')
            buffer_append(page, STR("\\e"));
        else if (c == '-')
            buffer_append(page, STR("\\-"));
        else
            buffer_append_byte(page, c);
        is_line_start = c == '\n';
    }
}

static void put_line(struct buffer *page, const char *request, struct str text) {
    buffer_print(page, "%s", request);
    put_text(page, text);
    buffer_append_byte(page, '\n');
}

/* Paragraphs; lines that begin with blanks are examples and stay as they are. */
static void put_details(struct buffer *page, struct str details) {
    struct str line;
    bool was_example = false;
    while (details.at != NULL && str_cut(&details, '\n', &line)) {
        bool is_example = str_starts_with(line, STR("  "));
        if (is_example != was_example)
            buffer_append(page, is_example ? STR(".PP\n.EX\n") : STR(".EE\n"));
        else if (str_is_empty(line))
            buffer_append(page, STR(".PP\n"));
        if (!str_is_empty(line))
            put_line(page, "", line);
        was_example = is_example;
    }
    if (was_example)
        buffer_append(page, STR(".EE\n"));
}

/* ---- a command that runs ---- */

static void describe(struct cli *cli, const struct option *options, const struct operands *operands) {
    struct buffer *page = cli->description;
    buffer_append(page, STR(".PP\n.B "));
    put_text(page, cli->path);
    for (const struct option *option = options; option->name != NULL; option++) {
        if (option->flags & OPTION_REQUIRED)
            buffer_print(page, " \\-\\-%s \\fI%s\\fR", option->name, option->value);
    }
    buffer_print(page, " [\\fIoptions\\fR]%s%s\n", operands != NULL ? " " : "",
                 operands != NULL ? operands->names : "");
    buffer_append(page, STR(".PP\n"));
    put_line(page, "", str_from(cli->command->summary));
    if (cli->command->details != NULL) {
        buffer_append(page, STR(".PP\n"));
        put_details(page, str_from(cli->command->details));
    }
    for (const struct option *option = options; option->name != NULL; option++) {
        buffer_append(page, STR(".TP\n"));
        if (option->flags & OPTION_BY_LETTER)
            buffer_print(page, "\\fB\\-%c\\fR, ", option->name[0]);
        buffer_append(page, STR("\\fB\\-\\-"));
        put_text(page, str_from(option->name));
        buffer_print(page, "\\fR%s%s%s\n", option->value != NULL ? " \\fI" : "",
                     option->value != NULL ? option->value : "", option->value != NULL ? "\\fR" : "");
        put_line(page, "", str_from(option->help));
    }
}

static void put_command(struct buffer *page, struct arena *arena, const struct command *command,
                        struct str path) {
    if (command->subcommands == NULL) {
        struct cli cli = {
            .command = command, .path = path, .arena = arena, .describe = describe, .description = page};
        command->run(&cli);
        return;
    }
    for (const struct command *const *at = command->subcommands; *at != NULL; at++) {
        if ((*at)->is_hidden)
            continue;
        put_line(page, ".SS ", str_from((*at)->name));
        put_command(page, arena, *at, arena_print(arena, "%.*s %s", STR_ARG(path), (*at)->name));
    }
}

/* ---- pages ---- */

static void put_head(struct buffer *page, struct str title, struct str summary) {
    buffer_print(page, ".\\\" Made by chatelaine manual.\n.TH %.*s 1 \"\" \"Chatelaine %s\"\n.SH NAME\n",
                 STR_ARG(title), CHATELAINE_VERSION);
    put_text(page, title);
    buffer_append(page, STR(" \\- "));
    put_text(page, summary);
    buffer_append(page, STR("\n"));
}

static void put_overview(struct buffer *page) {
    put_head(page, STR("chatelaine"), str_from(command_chatelaine.summary));
    buffer_append(page, STR(".SH SYNOPSIS\n.B chatelaine\n\\fIcommand\\fR [\\fIsubcommand\\fR] "
                            "[\\fIoptions\\fR]\n.SH COMMANDS\n"));
    for (const struct command *const *at = command_chatelaine.subcommands; *at != NULL; at++) {
        if ((*at)->is_hidden)
            continue;
        buffer_append(page, STR(".TP\n"));
        buffer_print(page, ".BR chatelaine\\-%s (1)\n", (*at)->name);
        put_line(page, "", str_from((*at)->summary));
    }
    buffer_append(page,
                  STR(".SH OPTIONS\nEvery command takes \\fB\\-\\-help\\fR and \\fB\\-\\-json\\fR (results "
                      "and errors as JSON, for "
                      "programs).\nWhich installation is meant may also stand in the environment: "
                      "CHATELAINE_DATA, CHATELAINE_STORE, CHATELAINE_SERVER, CHATELAINE_TOKEN.\n"
                      ".SH EXIT STATUS\n0: done; 1: refused or failed; 2: wrong usage, and with apply "
                      "\\-\\-dry\\-run that "
                      "something would change.\n"));
}

static int print_page(struct cli *cli) {
    struct option_list names = {.count = 0};
    const struct option options[] = {OPTION_END};
    const struct operands operands = {"[COMMAND]", 0, 1, &names};
    AUTO_BUFFER page = BUFFER_EMPTY;
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    if (names.count == 0) {
        put_overview(&page);
    } else {
        const struct command *command = cli_find(&command_chatelaine, names.at[0]);
        if (command == NULL || command->is_hidden)
            return cli_usage(cli, "there is no command '%.*s'", STR_ARG(names.at[0]));
        put_head(&page, arena_print(cli->arena, "chatelaine-%s", command->name), str_from(command->summary));
        buffer_append(&page, STR(".SH DESCRIPTION\n"));
        if (command->subcommands != NULL && command->details != NULL)
            put_details(&page, str_from(command->details));
        put_command(&page, cli->arena, command, arena_print(cli->arena, "chatelaine %s", command->name));
        buffer_append(&page, STR(".PP\nEvery command also takes \\fB\\-\\-json\\fR and "
                                 "\\fB\\-\\-help\\fR.\n.SH SEE ALSO\n.BR chatelaine (1)\n"));
    }
    fwrite(page.at, 1, page.len, stdout);
    return CLI_OK;
}

const struct command command_manual = {
    .name = "manual",
    .summary = "Print a page of the manual, as roff.",
    .run = print_page,
    .is_hidden = true,
};
