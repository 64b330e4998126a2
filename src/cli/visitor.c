/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine visitor */
#include "cli/client.h"
#include "cli/terminal.h"

struct request {
    struct place place;
    struct str search, kind, output;
    int64_t limit;
    bool yes;
    struct option_list operands;
};

/* Who it is, for a person: a name and a subject, or that nobody knows. */
static struct str called(struct arena *arena, const json_t *visitor) {
    struct str name = json_get_str(visitor, "name"), subject = json_get_str(visitor, "subject");
    if (str_is_empty(subject))
        return arena_print(arena, "an anonymous visitor (%.*s)", STR_ARG(json_get_str(visitor, "id")));
    if (str_is_empty(name))
        return subject;
    return arena_print(arena, "%.*s (%.*s)", STR_ARG(name), STR_ARG(subject));
}

/* ---- list ---- */

static FIBER int list_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *environment;
    struct str path;
    json_t *items;
    int exit_status;
    if (!client_find_environment_wait(client, &environment, &path, &exit_status))
        return exit_status;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH(client->arena, path, STR("visitors")),
                                        .query = {{"search", request->search}, {"kind", request->kind}}};
    if (!client_list_wait(client, &list, (size_t)request->limit, &items, &exit_status))
        return exit_status;
    struct table *table =
        table_new(client->arena, (const char *const[]){"ID", "KIND", "SUBJECT", "NAME", "E-MAIL",
                                                       "LAST SEEN (UTC)", "REVOKED (UTC)", NULL});
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *one = json_array_get(items, i);
        table_add(table,
                  (struct str[]){json_get_str(one, "id"), json_get_str(one, "kind"),
                                 json_get_str(one, "subject"), json_get_str(one, "name"),
                                 json_get_str(one, "email"), client_time(client->arena, one, "lastSeenAt"),
                                 client_time(client->arena, one, "revokedAt")});
    }
    client_print(client, items, table, "There are no such visitors.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .limit = CLIENT_LIST_DEFAULT};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("search", "TEXT", "part of a subject, name or e-mail address", &request.search, 0),
        OPTION_TEXT("kind", "KIND", "verified or anonymous", &request.kind, 0), OPTION_LIMIT(request.limit),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !client_limit_is_fine(cli, request.limit, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, list_wait, &request);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's visitors, who was seen last first.", .run = list};

/* ---- one of them ---- */

static FIBER bool find_wait(struct client *client, const struct request *request, const json_t **visitor,
                            struct str *path, int *exit_status) {
    const json_t *environment;
    struct str id = request->operands.at[0];
    if (!client_find_environment_wait(client, &environment, path, exit_status))
        return false;
    *path = CLIENT_PATH(client->arena, *path, STR("visitors"), id);
    struct str absent = arena_print(
        client->arena, "There is no visitor '%.*s' here: `chatelaine visitor list --search` finds their id.",
        STR_ARG(id));
    return client_find_wait(client, *path, absent, visitor, exit_status);
}

static int run_on_one(struct cli *cli, int (*run)(struct client *client, void *argument)) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"VISITOR-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, run, &request);
}

static FIBER int show_wait(struct client *client, void *argument) {
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, argument, &visitor, &path, &exit_status))
        return exit_status;
    cli_print_json(client->cli, visitor);
    return CLI_OK;
}

static int show(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_PLACE(request.place), OPTION_END};
    const struct operands operands = {"VISITOR-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, show_wait, &request);
}

static const struct command command_show = {
    .name = "show", .summary = "Show a visitor: who it is, when seen, what there is of them.", .run = show};

static FIBER int revoke_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, request, &visitor, &path, &exit_status) ||
        !terminal_confirm(client->cli, request->yes, STR_NONE, &exit_status,
                          "%.*s is signed out everywhere: every token issued until now is refused.",
                          STR_ARG(called(client->arena, visitor))))
        return exit_status;
    const struct client_request revoke = {.method = "POST",
                                          .path = CLIENT_PATH(client->arena, path, STR("revoke"))};
    if (!client_call_wait(client, &revoke, &answer, &exit_status))
        return exit_status;
    if (client->cli->json)
        cli_print_json(client->cli, answer.json);
    else
        cli_say("Signed out; %.*s sessions ended. Who signs in anew is let in.",
                STR_ARG(client_number(client->arena, answer.json, "sessions")));
    return CLI_OK;
}

static int revoke_visitor(struct cli *cli) {
    return run_on_one(cli, revoke_wait);
}

static const struct command command_revoke = {
    .name = "revoke", .summary = "Sign a visitor out everywhere, now.", .run = revoke_visitor};

static FIBER int erase_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, request, &visitor, &path, &exit_status))
        return exit_status;
    const json_t *counts = json_get_object(visitor, "counts");
    if (!terminal_confirm(client->cli, request->yes, request->operands.at[0], &exit_status,
                          "All there is of %.*s is erased, for ever: %.*s conversations with their messages, "
                          "%.*s sessions, "
                          "and who they were in the audit log.",
                          STR_ARG(called(client->arena, visitor)),
                          STR_ARG(client_number(client->arena, counts, "conversations")),
                          STR_ARG(client_number(client->arena, counts, "sessions"))))
        return exit_status;
    const struct client_request erase = {.method = "DELETE", .path = path, .is_slow = true};
    if (!client_call_wait(client, &erase, &answer, &exit_status))
        return exit_status;
    if (client->cli->json)
        cli_print_json(client->cli, answer.json);
    else
        cli_say("Erased: %.*s conversations, %.*s messages, %.*s sessions; %.*s rows of the audit log name "
                "them no more.",
                STR_ARG(client_number(client->arena, answer.json, "conversations")),
                STR_ARG(client_number(client->arena, answer.json, "messages")),
                STR_ARG(client_number(client->arena, answer.json, "sessions")),
                STR_ARG(client_number(client->arena, answer.json, "auditRows")));
    return CLI_OK;
}

static int erase(struct cli *cli) {
    return run_on_one(cli, erase_wait);
}

static const struct command command_erase = {
    .name = "erase",
    .summary = "Erase all that is kept of a visitor, for ever.",
    .details = "`chatelaine visitor export` writes it to a file first.",
    .run = erase,
};

/* ---- export ---- */

static FIBER int export_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, request, &visitor, &path, &exit_status))
        return exit_status;
    const struct client_request export = {
        .method = "GET", .path = CLIENT_PATH(client->arena, path, STR("export")), .is_slow = true};
    return client_download_to_wait(client, &export, request->output);
}

static int export(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .output = STR("-")};
    const struct option options[] = {OPTIONS_PLACE(request.place),
                                     OPTION_TEXT("output", "FILE",
                                                 "where to write it (default: -, standard output)",
                                                 &request.output, OPTION_BY_LETTER),
                                     OPTION_END};
    const struct operands operands = {"VISITOR-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, export_wait, &request);
}

static const struct command command_visitor_export = {
    .name = "export", .summary = "Write all that is kept of a visitor to a file (JSON).", .run = export};

const struct command command_visitor = {
    .name = "visitor",
    .summary = "Visitors: who talked in an environment's chat.",
    .subcommands = (const struct command *const[]){&command_list, &command_show, &command_revoke,
                                                   &command_visitor_export, &command_erase, NULL},
};
