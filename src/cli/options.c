/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_help(const struct cli *cli, const struct option *options, const struct operands *operands) {
    printf("%s\n\nUsage: %.*s", cli->command->summary, STR_ARG(cli->path));
    for (const struct option *option = options; option->name != NULL; option++) {
        if (option->flags & OPTION_REQUIRED)
            printf(" --%s %s", option->name, option->value);
    }
    printf(" [OPTIONS]%s%s\n\nOptions:\n", operands != NULL ? " " : "",
           operands != NULL ? operands->names : "");
    for (const struct option *option = options; option->name != NULL; option++) {
        int width = option->flags & OPTION_BY_LETTER ? printf("  -%c, --%s", option->name[0], option->name)
                                                     : printf("  --%s", option->name);
        width += printf("%s%s", option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
        printf("%*s%s%s\n", width < 30 ? 30 - width : 2, "", option->help,
               option->type == OPTION_IS_LIST ? " (repeatable)" : "");
    }
    printf("  %-28sone JSON object instead of text, errors too\n  %-28sthis text\n", "--json", "--help");
    if (cli->command->details != NULL)
        printf("\n%s\n", cli->command->details);
}

static const struct option *find(const struct option *options, struct str name) {
    for (const struct option *option = options; option->name != NULL; option++) {
        if (str_equal(name, str_from(option->name)))
            return option;
    }
    return NULL;
}

/* `-f`: the option that has it for short, or NULL. */
static const struct option *find_letter(const struct option *options, const char *argument) {
    for (const struct option *option = options; option->name != NULL; option++) {
        if ((option->flags & OPTION_BY_LETTER) && argument[1] == option->name[0] && argument[2] == '\0')
            return option;
    }
    return NULL;
}

static int no_such_option(const struct cli *cli, const struct option *options, struct str name) {
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    const char **names = arena_alloc_array(cli->arena, count + 3, sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = options[i].name;
    names[count] = "help";
    names[count + 1] = "json";
    const char *meant = cli_nearest(name, names);
    if (meant == NULL)
        return cli_usage(cli, "there is no option '--%.*s'", STR_ARG(name));
    return cli_usage(cli, "there is no option '--%.*s'; did you mean '--%s'?", STR_ARG(name), meant);
}

static bool read_flag(struct str value, bool *into) {
    bool yes = str_equal(value, STR("true")) || str_equal(value, STR("1"));
    if (!yes && !str_equal(value, STR("false")) && !str_equal(value, STR("0")))
        return false;
    *into = yes;
    return true;
}

static bool is_in_range(const struct option *option, int64_t number) {
    return (option->least == 0 && option->most == 0) || (number >= option->least && number <= option->most);
}

static bool read_number(const struct cli *cli, const struct option *option, struct str name, struct str value,
                        int *exit_status) {
    int64_t *into = option->into;
    if (str_to_int64(value, into) != OK)
        *exit_status = cli_usage(cli, "%.*s takes a whole number", STR_ARG(name));
    else if (!is_in_range(option, *into))
        *exit_status = cli_usage(cli, "%.*s is a number from %lld to %lld", STR_ARG(name),
                                 (long long)option->least, (long long)option->most);
    else
        return true;
    return false;
}

/* Gives `value` to the option's variable. False, and the exit status, where it is none of its type. `name` is
 * what the person called it: "--drain", or the environment's "CHATELAINE_DRAIN". */
static bool take(const struct cli *cli, const struct option *option, struct str name, struct str value,
                 int *exit_status) {
    struct option_list *list = option->into;
    switch (option->type) {
    case OPTION_IS_FLAG:
        if (read_flag(value, option->into))
            return true;
        *exit_status = cli_usage(cli, "%.*s is 'true' or 'false'", STR_ARG(name));
        return false;
    case OPTION_IS_TEXT:
        *(struct str *)option->into = value;
        return true;
    case OPTION_IS_NUMBER:
        return read_number(cli, option, name, value, exit_status);
    case OPTION_IS_LIST:
        if (list->count < OPTION_LIST_MAX) {
            list->at[list->count++] = value;
            return true;
        }
        *exit_status = cli_usage(cli, "%.*s stands there more than %d times", STR_ARG(name), OPTION_LIST_MAX);
        return false;
    }
    return false;
}

/* "CHATELAINE_DRAIN". */
static struct str variable_name(const struct cli *cli, const struct option *option) {
    struct str name = arena_print(cli->arena, "CHATELAINE_%s", option->name);
    for (char *at = (char *)name.at; *at != '\0'; at++) {
        if (*at == '-')
            *at = '_';
        else if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    }
    return name;
}

/* The first option of that kind that was given; NULL: none was. */
static const struct option *first_given(const struct option *options, const bool *given, unsigned flag) {
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (given[i] && (options[i].flags & flag))
            return &options[i];
    }
    return NULL;
}

static bool read_environment(const struct cli *cli, const struct option *options, bool *given,
                             int *exit_status) {
    const struct option *here = first_given(options, given, OPTION_HERE);
    const struct option *elsewhere = first_given(options, given, OPTION_ELSEWHERE);
    if (here != NULL && elsewhere != NULL) {
        *exit_status =
            cli_usage(cli, "--%s and --%s name two places: give one of them", here->name, elsewhere->name);
        return false;
    }
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (!(options[i].flags & OPTION_FROM_ENVIRONMENT) || given[i] ||
            (here != NULL && (options[i].flags & OPTION_ELSEWHERE)))
            continue;
        struct str name = variable_name(cli, &options[i]);
        struct str value = str_from(getenv(arena_terminated(cli->arena, name)));
        if (str_is_empty(value)) /* files of variables leave one empty that is not wanted */
            continue;
        if (!take(cli, &options[i], name, value, exit_status))
            return false;
        given[i] = true;
    }
    return true;
}

/* One argument that begins with two dashes; `*arguments` moves behind it and its value. */
static bool read_option(struct cli *cli, const struct option *options, char ***arguments, bool *given,
                        int *exit_status) {
    struct str name = str_from_index(str_from(**arguments), 2);
    struct str value = STR_NONE;
    size_t equals = str_find_byte(name, '=');
    if (equals != STR_NOT_FOUND) {
        value = str_from_index(name, equals + 1);
        name = str_slice(name, 0, equals);
    }
    (*arguments)++;
    const struct option *option = find(options, name);
    if (option == NULL) {
        *exit_status = no_such_option(cli, options, name);
        return false;
    }
    if (equals == STR_NOT_FOUND && option->type == OPTION_IS_FLAG) {
        value = STR("true");
    } else if (equals == STR_NOT_FOUND) {
        if (**arguments == NULL ||
            str_starts_with(str_from(**arguments), STR("--"))) { /* such a value needs '=' */
            *exit_status = cli_usage(cli, "--%s needs its value: %s", option->name, option->value);
            return false;
        }
        value = str_from(*(*arguments)++);
    }
    /* A script's variable that is not set, most likely: that must not mean all there is, or another place. */
    if (str_is_empty(value) && option->type != OPTION_IS_FLAG) {
        *exit_status = cli_usage(cli, "--%s is empty: give it its value (%s), or leave it away", option->name,
                                 option->value);
        return false;
    }
    size_t index = (size_t)(option - options);
    if (given[index] && option->type != OPTION_IS_LIST) {
        *exit_status = cli_usage(cli, "--%s stands there twice", option->name);
        return false;
    }
    given[index] = true;
    return take(cli, option, arena_print(cli->arena, "--%s", option->name), value, exit_status);
}

static bool read_operand(const struct cli *cli, const struct operands *operands, char *operand,
                         int *exit_status) {
    if (operands == NULL || operands->into->count >= operands->most) {
        *exit_status = cli_usage(cli, "'%s' is one too many", operand);
        return false;
    }
    if (*operand == '\0' && !cli->command->is_hidden) { /* `complete` is told of an empty word */
        *exit_status = cli_usage(cli, "what is given as %s is empty", operands->names);
        return false;
    }
    operands->into->at[operands->into->count++] = str_from(operand);
    return true;
}

static bool wants_help(char **arguments) {
    for (; *arguments != NULL && strcmp(*arguments, "--") != 0; arguments++) {
        if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0)
            return true;
    }
    return false;
}

static bool is_complete(const struct cli *cli, const struct option *options, const struct operands *operands,
                        const bool *given, int *exit_status) {
    for (size_t i = 0; options[i].name != NULL; i++) {
        if ((options[i].flags & OPTION_REQUIRED) && !given[i]) {
            *exit_status = cli_usage(cli, "--%s %s is missing", options[i].name, options[i].value);
            return false;
        }
    }
    if (operands != NULL && operands->into->count < operands->least) {
        *exit_status = cli_usage(cli, "%s is missing", operands->names);
        return false;
    }
    return true;
}

bool options_read(struct cli *cli, const struct option *options, const struct operands *operands,
                  int *exit_status) {
    if (cli->describe != NULL) {
        cli->describe(cli, options, operands);
        *exit_status = CLI_OK;
        return false;
    }
    if (wants_help(cli->arguments)) {
        show_help(cli, options, operands);
        *exit_status = CLI_OK;
        return false;
    }
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    bool *given = arena_alloc_array(cli->arena, count, sizeof *given);
    bool options_ended = false;
    for (char **at = cli->arguments; *at != NULL;) {
        if (options_ended || (*at)[0] != '-' || strcmp(*at, "-") == 0) {
            if (!read_operand(cli, operands, *at++, exit_status))
                return false;
        } else if (strcmp(*at, "--") == 0) {
            options_ended = true;
            at++;
        } else if (strcmp(*at, "--json") == 0) {
            at++;
        } else if ((*at)[1] != '-') {
            const struct option *option = find_letter(options, *at);
            if (option == NULL) {
                *exit_status = cli_usage(cli, "there is no option '%s'; options begin with two dashes", *at);
                return false;
            }
            *at = arena_terminated(cli->arena, arena_print(cli->arena, "--%s", option->name));
        } else if (!read_option(cli, options, &at, given, exit_status)) {
            return false;
        }
    }
    return read_environment(cli, options, given, exit_status) &&
           is_complete(cli, options, operands, given, exit_status);
}
