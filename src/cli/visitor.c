/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine visitor */
#include "cli/plain.h"

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

struct filter {
    struct place place;
    struct str search, kind;
    int64_t limit;
};

static FIBER int list_wait(struct client *client, void *argument) {
    static const struct table_column columns[] = {COLUMN("ID", "id"),
                                                  COLUMN("KIND", "kind"),
                                                  COLUMN("SUBJECT", "subject"),
                                                  COLUMN("NAME", "name"),
                                                  COLUMN("E-MAIL", "email"),
                                                  COLUMN_AS("LAST SEEN (UTC)", "lastSeenAt", cell_time),
                                                  COLUMN_AS("REVOKED (UTC)", "revokedAt", cell_time),
                                                  COLUMN_END};
    const struct filter *filter = argument;
    const struct client_request list = {.method = "GET",
                                        .path = CLIENT_PATH_HERE(client, STR("visitors")),
                                        .query = {{"search", filter->search}, {"kind", filter->kind}}};
    return client_show_list_wait(client, &list, (size_t)filter->limit, columns,
                                 "There are no such visitors.");
}

static int list(struct cli *cli) {
    struct filter filter = {.place = PLACE_UNSET, .limit = CLIENT_LIST_DEFAULT};
    const struct option options[] = {
        OPTIONS_PLACE(filter.place),
        OPTION_TEXT("search", "TEXT", "part of a subject, name or e-mail address", &filter.search, 0),
        OPTION_TEXT("kind", "KIND", "verified or anonymous", &filter.kind, 0), OPTION_LIMIT(filter.limit),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &filter.place, list_wait, &filter);
}

static const struct command command_list = {
    .name = "list", .summary = "List an environment's visitors, who was seen last first.", .run = list};

/* ---- one of them ---- */

static FIBER bool find_wait(struct client *client, struct str id, const json_t **visitor, struct str *path,
                            int *exit_status) {
    struct str absent = arena_print(
        client->arena, "There is no visitor '%.*s' here: `chatelaine visitor list --search` finds their id.",
        STR_ARG(id));
    *path = CLIENT_PATH_HERE(client, STR("visitors"), id);
    return client_find_wait(client, *path, absent, visitor, exit_status);
}

static FIBER int show_wait(struct client *client, const struct plain_call *call) {
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, call->operands.at[0], &visitor, &path, &exit_status))
        return exit_status;
    cli_print_json(client->cli, visitor);
    return CLI_OK;
}

static const struct command command_show = {
    .name = "show",
    .summary = "Show a visitor: who it is, when seen, what there is of them.",
    .run = plain_run,
    .plain = &(const struct plain){.run = show_wait, .in = PLAIN_ENVIRONMENT, .operands = {"VISITOR-ID", 1}},
};

static FIBER int revoke_wait(struct client *client, const struct plain_call *call) {
    struct client_answer answer;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, call->operands.at[0], &visitor, &path, &exit_status) ||
        !terminal_confirm(client->cli, call->yes, STR_NONE, &exit_status,
                          "%.*s is signed out everywhere: every token issued until now is refused.",
                          STR_ARG(called(client->arena, visitor))))
        return exit_status;
    const struct client_request revoke = {.method = "POST",
                                          .path = CLIENT_PATH(client->arena, path, STR("revoke"))};
    if (!client_call_wait(client, &revoke, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        cli_say("Signed out; %.*s sessions ended. Who signs in anew is let in.",
                STR_ARG(cell_number(client->arena, answer.json, "sessions")));
    return CLI_OK;
}

static const struct command command_revoke = {
    .name = "revoke",
    .summary = "Sign a visitor out everywhere, now.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = revoke_wait, .in = PLAIN_ENVIRONMENT, .operands = {"VISITOR-ID", 1}, .asks = true},
};

static FIBER int erase_wait(struct client *client, const struct plain_call *call) {
    struct client_answer answer;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, call->operands.at[0], &visitor, &path, &exit_status))
        return exit_status;
    const json_t *counts = json_get_object(visitor, "counts");
    if (!terminal_confirm(client->cli, call->yes, call->operands.at[0], &exit_status,
                          "All there is of %.*s is erased, for ever: %.*s conversations with their messages, "
                          "%.*s sessions, "
                          "and who they were in the audit log.",
                          STR_ARG(called(client->arena, visitor)),
                          STR_ARG(cell_number(client->arena, counts, "conversations")),
                          STR_ARG(cell_number(client->arena, counts, "sessions"))))
        return exit_status;
    const struct client_request erase = {.method = "DELETE", .path = path, .is_slow = true};
    if (!client_call_wait(client, &erase, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        cli_say("Erased: %.*s conversations, %.*s messages, %.*s sessions; %.*s rows of the audit log name "
                "them no more.",
                STR_ARG(cell_number(client->arena, answer.json, "conversations")),
                STR_ARG(cell_number(client->arena, answer.json, "messages")),
                STR_ARG(cell_number(client->arena, answer.json, "sessions")),
                STR_ARG(cell_number(client->arena, answer.json, "auditRows")));
    return CLI_OK;
}

static const struct command command_erase = {
    .name = "erase",
    .summary = "Erase all that is kept of a visitor, for ever.",
    .details = "`chatelaine visitor export` writes it to a file first.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = erase_wait, .in = PLAIN_ENVIRONMENT, .operands = {"VISITOR-ID", 1}, .asks = true},
};

/* ---- export ---- */

struct export {
    struct place place;
    struct str output;
    struct option_list operands;
};

static FIBER int export_wait(struct client *client, void *argument) {
    const struct export *export = argument;
    const json_t *visitor;
    struct str path;
    int exit_status;
    if (!find_wait(client, export->operands.at[0], &visitor, &path, &exit_status))
        return exit_status;
    const struct client_request get = {
        .method = "GET", .path = CLIENT_PATH(client->arena, path, STR("export")), .is_slow = true};
    return client_download_to_wait(client, &get, export->output);
}

static int export(struct cli *cli) {
    struct export export = {.place = PLACE_UNSET, .output = STR("-")};
    const struct option options[] = {OPTIONS_PLACE(export.place),
                                     OPTION_TEXT("output", "FILE",
                                                 "where to write it (default: -, standard output)",
                                                 &export.output, OPTION_BY_LETTER),
                                     OPTION_END};
    const struct operands operands = {"VISITOR-ID", 1, 1, &export.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &export.place, export_wait, &export);
}

static const struct command command_visitor_export = {
    .name = "export", .summary = "Write all that is kept of a visitor to a file (JSON).", .run = export};

const struct command command_visitor = {
    .name = "visitor",
    .summary = "Visitors: who talked in an environment's chat.",
    .subcommands = (const struct command *const[]){&command_list, &command_show, &command_revoke,
                                                   &command_visitor_export, &command_erase, NULL},
};
