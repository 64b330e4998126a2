/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine conversation */
#include "cli/client.h"
#include "cli/terminal.h"

#include <stdio.h>

struct request {
    struct place place;
    struct str search, visitor;
    int64_t limit;
    bool yes;
    struct option_list operands;
};

/* ---- list ---- */

static FIBER int list_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct str path;
    json_t *items;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    const struct client_request list = {
        .method = "GET",
        .path = CLIENT_PATH(client->arena, path, STR("conversations")),
        .query = {{"search", request->search}, {"visitor", request->visitor}}};
    if (!client_list_wait(client, &list, (size_t)request->limit, &items, &exit_status))
        return exit_status;
    struct table *table =
        table_new(client->arena, (const char *const[]){"ID", "TITLE", "WHO", "MESSAGES", "LAST (UTC)", NULL});
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        struct str subject = json_get_str(one, "visitorSubject");
        table_add(table, (struct str[]){json_get_str(one, "id"), json_get_str(one, "title"),
                                        str_is_empty(subject) ? STR("anonymous") : subject,
                                        client_number(client->arena, one, "messageCount"),
                                        client_time(client->arena, one, "updatedAt")});
    }
    client_print(client, items, table, "There are no such conversations.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .limit = CLIENT_LIST_DEFAULT};
    const struct option options[] = {OPTIONS_PLACE(request.place),
                                     OPTION_TEXT("search", "TEXT", "part of a title", &request.search, 0),
                                     OPTION_TEXT("visitor", "ID", "of this visitor", &request.visitor, 0),
                                     OPTION_LIMIT(request.limit), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !client_limit_is_fine(cli, request.limit, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, list_wait, &request);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's conversations, the last one first.", .run = list};

/* ---- show ---- */

static FIBER bool find_wait(struct client *client, const struct request *request, const json_t **conversation,
                            struct str *path, int *exit_status) {
    const json_t *environment;
    struct str id = request->operands.at[0];
    if (!client_find_environment_wait(client, &environment, path, exit_status))
        return false;
    *path = CLIENT_PATH(client->arena, *path, STR("conversations"), id);
    struct str absent = arena_print(client->arena, "There is no conversation '%.*s' here.", STR_ARG(id));
    return client_find_wait(client, *path, absent, conversation, exit_status);
}

/* A message as a person reads it: who, when, what; its lines stand on lines of their own. */
static void print_message(struct arena *arena, const json_t *message) {
    struct str rest = json_get_str(message, "text"), line;
    const json_t *tools = json_get_array(message, "tools");
    cli_say("%.*s  %.*s", STR_ARG(client_time(arena, message, "createdAt")),
            STR_ARG(json_get_str(message, "role")));
    for (size_t i = 0; i < json_array_size(tools); i++)
        cli_say("    [%.*s: %.*s]",
                STR_ARG(terminal_harmless(arena, json_get_str(json_array_get(tools, i), "name"))),
                STR_ARG(json_get_str(json_array_get(tools, i), "outcome")));
    while (rest.at != NULL && str_cut(&rest, '\n', &line))
        cli_say("    %.*s", STR_ARG(terminal_harmless(arena, line)));
}

static FIBER int show_wait(struct client *client, void *argument) {
    const json_t *conversation;
    struct str path;
    json_t *messages;
    int exit_status;
    if (!find_wait(client, argument, &conversation, &path, &exit_status))
        return exit_status;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, path, STR("messages"))};
    if (!client_list_wait(client, &list, 0, &messages, &exit_status))
        return exit_status;
    if (client->cli->json) {
        json_auto_t *json = json_copy((json_t *)conversation);
        json_object_set(json, "messages", messages);
        cli_print_json(client->cli, json);
        return CLI_OK;
    }
    struct str subject = json_get_str(conversation, "visitorSubject");
    cli_say("%.*s  %.*s  %.*s\n", STR_ARG(json_get_str(conversation, "id")),
            STR_ARG(str_is_empty(subject) ? STR("anonymous") : terminal_harmless(client->arena, subject)),
            STR_ARG(terminal_harmless(client->arena, json_get_str(conversation, "title"))));
    for (size_t i = 0; i < json_array_size(messages); i++)
        print_message(client->arena, json_array_get(messages, i));
    return CLI_OK;
}

static int show(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"CONVERSATION-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, show_wait, &request);
}

static const struct command command_show = {
    .name = "show", .summary = "Show what was said in a conversation.", .run = show};

/* ---- delete ---- */

static FIBER int delete_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *conversation;
    struct str path;
    int exit_status;
    if (!find_wait(client, request, &conversation, &path, &exit_status))
        return exit_status;
    struct str subject = json_get_str(conversation, "visitorSubject");
    if (!terminal_confirm(client->cli, request->yes, STR_NONE, &exit_status,
                          "The conversation “%.*s” of %.*s with its %.*s messages is deleted, for ever.",
                          STR_ARG(json_get_str(conversation, "title")),
                          STR_ARG(str_is_empty(subject) ? STR("an anonymous visitor") : subject),
                          STR_ARG(client_number(client->arena, conversation, "messageCount"))))
        return exit_status;
    const struct client_request delete = {.method = "DELETE", .path = path};
    return client_do_wait(client, &delete);
}

static int delete_conversation(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"CONVERSATION-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, delete_wait, &request);
}

static const struct command command_delete = {.name = "delete",
                                              .summary = "Delete a conversation with its messages, for ever.",
                                              .run = delete_conversation};

const struct command command_conversation = {
    .name = "conversation",
    .summary = "Conversations: what was said in an environment's chat.",
    .subcommands = (const struct command *const[]){&command_list, &command_show, &command_delete, NULL},
};
