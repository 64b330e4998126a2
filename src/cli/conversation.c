/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine conversation */
#include "cli/plain.h"

static struct str cell_who(struct arena *arena, const json_t *conversation, const char *member) {
    struct str subject = json_get_str(conversation, member);
    (void)arena;
    return str_is_empty(subject) ? STR("anonymous") : subject;
}

/* ---- list ---- */

struct filter {
    struct place place;
    struct str search, visitor;
    int64_t limit;
};

static FIBER int list_wait(struct client *client, void *argument) {
    static const struct table_column columns[] = {COLUMN("ID", "id"),
                                                  COLUMN("TITLE", "title"),
                                                  COLUMN_AS("WHO", "visitorSubject", cell_who),
                                                  COLUMN_AS("MESSAGES", "messageCount", cell_number),
                                                  COLUMN_AS("LAST (UTC)", "updatedAt", cell_time),
                                                  COLUMN_END};
    const struct filter *filter = argument;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH_HERE(client, STR("conversations")),
                                        .query = {{"search", filter->search}, {"visitor", filter->visitor}}};
    return client_show_list_wait(client, &list, (size_t)filter->limit, columns,
                                 "There are no such conversations.");
}

static int list(struct cli *cli) {
    struct filter filter = {.place = PLACE_UNSET, .limit = CLIENT_LIST_DEFAULT};
    const struct option options[] = {OPTIONS_PLACE(filter.place),
                                     OPTION_TEXT("search", "TEXT", "part of a title", &filter.search, 0),
                                     OPTION_TEXT("visitor", "ID", "of this visitor", &filter.visitor, 0),
                                     OPTION_LIMIT(filter.limit), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &filter.place, list_wait, &filter);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's conversations, the last one first.", .run = list};

/* ---- show ---- */

static FIBER bool find_wait(struct client *client, const struct plain_call *call, const json_t **conversation,
                            struct str *path, int *exit_status) {
    struct str id = call->operands.at[0];
    *path = CLIENT_PATH_HERE(client, STR("conversations"), id);
    struct str absent = arena_print(client->arena, "There is no conversation '%.*s' here.", STR_ARG(id));
    return client_find_wait(client, *path, absent, conversation, exit_status);
}

/* A message as a person reads it: who, when, what; its lines stand on lines of their own. */
static void print_message(struct arena *arena, const json_t *message) {
    struct str rest = json_get_str(message, "text"), line;
    const json_t *tools = json_get_array(message, "tools");
    struct str refused = json_get_str(message, "refused");
    cli_say("%.*s  %.*s%s%.*s%s", STR_ARG(cell_time(arena, message, "createdAt")),
            STR_ARG(json_get_str(message, "role")),
            str_is_empty(refused) ? "" : " (token refused: ", STR_ARG(refused),
            str_is_empty(refused) ? "" : ")");
    for (size_t i = 0; i < json_array_size(tools); i++)
        cli_say("    [%.*s: %.*s]",
                STR_ARG(terminal_harmless(arena, json_get_str(json_array_get(tools, i), "name"))),
                STR_ARG(json_get_str(json_array_get(tools, i), "outcome")));
    while (rest.at != NULL && str_cut(&rest, '\n', &line))
        cli_say("    %.*s", STR_ARG(terminal_harmless(arena, line)));
}

static FIBER int show_wait(struct client *client, const struct plain_call *call) {
    const json_t *conversation;
    struct str path;
    json_t *messages;
    int exit_status;
    if (!find_wait(client, call, &conversation, &path, &exit_status))
        return exit_status;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, path, STR("messages"))};
    if (!client_list_wait(client, &list, 0, &messages, &exit_status))
        return exit_status;
    json_auto_t *json = json_copy((json_t *)conversation);
    json_object_set(json, "messages", messages);
    if (cli_printed_as_json(client->cli, json))
        return CLI_OK;
    struct str who = cell_who(client->arena, conversation, "visitorSubject");
    cli_say("%.*s  %.*s  %.*s\n", STR_ARG(json_get_str(conversation, "id")),
            STR_ARG(terminal_harmless(client->arena, who)),
            STR_ARG(terminal_harmless(client->arena, json_get_str(conversation, "title"))));
    for (size_t i = 0; i < json_array_size(messages); i++)
        print_message(client->arena, json_array_get(messages, i));
    return CLI_OK;
}

static const struct command command_show = {
    .name = "show",
    .summary = "Show what was said in a conversation.",
    .run = plain_run,
    .plain =
        &(const struct plain){.run = show_wait, .in = PLAIN_ENVIRONMENT, .operands = {"CONVERSATION-ID", 1}},
};

/* ---- delete ---- */

static FIBER int delete_wait(struct client *client, const struct plain_call *call) {
    const json_t *conversation;
    struct str path;
    int exit_status;
    if (!find_wait(client, call, &conversation, &path, &exit_status))
        return exit_status;
    struct str subject = json_get_str(conversation, "visitorSubject");
    if (!terminal_confirm(client->cli, call->yes, STR_NONE, &exit_status,
                          "The conversation “%.*s” of %.*s with its %.*s messages is deleted, for ever.",
                          STR_ARG(json_get_str(conversation, "title")),
                          STR_ARG(str_is_empty(subject) ? STR("an anonymous visitor") : subject),
                          STR_ARG(cell_number(client->arena, conversation, "messageCount"))))
        return exit_status;
    const struct client_request delete = {.method = "DELETE", .path = path};
    return client_do_wait(client, &delete);
}

static const struct command command_delete = {
    .name = "delete",
    .summary = "Delete a conversation with its messages, for ever.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = delete_wait, .in = PLAIN_ENVIRONMENT, .operands = {"CONVERSATION-ID", 1}, .asks = true},
};

const struct command command_conversation = {
    .name = "conversation",
    .summary = "Conversations: what was said in an environment's chat.",
    .subcommands = (const struct command *const[]){&command_list, &command_show, &command_delete, NULL},
};
