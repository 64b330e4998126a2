/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine api-token */
#include "cli/client.h"
#include "cli/terminal.h"

struct request {
    struct place place;
    struct option_list operands, scopes;
    struct str email, password_file;
    int64_t days;
    bool yes;
    FIBER int (*run)(struct client *client, const struct request *request); /* signed in */
};

/* ---- signing in ---- */

static FIBER int signed_in_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_credentials credentials = {.email = request->email};
    int exit_status = CLI_REFUSED;
    if (str_is_empty(request->email))
        return request->run(client, request);
    if (!str_is_empty(request->password_file) &&
        !installation_read_text(client->cli, request->password_file, &credentials.password, &exit_status))
        return exit_status;
    credentials.password = str_is_empty(request->password_file)
                               ? terminal_ask_secret(client->arena, "Password")
                               : str_trim(credentials.password);
    if (str_is_empty(credentials.password))
        return cli_usage(client->cli,
                         "the password is asked for on a terminal, or read from --password-file");
    enum status status = client_sign_in_wait(client, &credentials, &exit_status);
    if (status == DENIED) {
        credentials.code = terminal_ask_secret(client->arena, "One-time or recovery code");
        if (str_is_empty(credentials.code))
            return cli_fail(
                client->cli,
                "Your account has a second factor. Its code is asked for on a terminal; who has passkeys "
                "alone makes the token in the dashboard, under Account.");
        status = client_sign_in_wait(client, &credentials, &exit_status);
    }
    if (status != OK)
        return exit_status;
    exit_status = request->run(client, request);
    client_sign_out_wait(client);
    return exit_status;
}

/* Runs `run` signed in as --email, or, without that, by the API token as everything else. */
static int run_signed_in(struct cli *cli, struct request *request,
                         int (*run)(struct client *client, const struct request *request)) {
    if (str_is_empty(request->place.server))
        return cli_usage(cli, "say by --server at which server, and by --email as whom: API tokens are an "
                              "administrator's own, and who sits at this machine has none");
    request->place.signs_in = !str_is_empty(request->email);
    request->run = run;
    return client_run(cli, &request->place, signed_in_wait, request);
}

#define OPTIONS_SIGN_IN(request)                                                                             \
    OPTIONS_WHERE((request).place),                                                                          \
        OPTION_TEXT("email", "ADDRESS",                                                                      \
                    "sign in to the server as this administrator; asks for the password", &(request).email,  \
                    0),                                                                                      \
        OPTION_TEXT("password-file", "FILE", "read the password from there; - is standard input",            \
                    &(request).password_file, 0)

/* ---- list ---- */

static struct str cell_words(struct arena *arena, const json_t *token, const char *member) {
    const json_t *list = json_get_array(token, member);
    AUTO_BUFFER text = BUFFER_EMPTY;
    for (size_t i = 0; i < json_array_size(list); i++)
        buffer_print(&text, "%s%.*s", i > 0 ? ", " : "", STR_ARG(json_str(json_array_get(list, i))));
    return arena_copy(arena, buffer_text(&text));
}

static FIBER int list_wait(struct client *client, const struct request *request) {
    static const struct table_column columns[] = {COLUMN("ID", "id"),
                                                  COLUMN("NAME", "name"),
                                                  COLUMN_AS("TOKEN", "hint", cell_hint),
                                                  COLUMN_AS("SCOPES", "scopes", cell_words),
                                                  COLUMN("PRODUCT", "product"),
                                                  COLUMN_AS("ENDS (UTC)", "expiresAt", cell_time),
                                                  COLUMN_AS("LAST USED (UTC)", "lastUsedAt", cell_time),
                                                  COLUMN_END};
    json_t *json;
    int exit_status;
    (void)request;
    if (!client_get_wait(client, STR("/account/api-tokens"), &json, &exit_status))
        return exit_status;
    client_print(client, json_get_array(json, "items"), columns, "You have no API tokens.");
    return CLI_OK;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_SIGN_IN(request), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run_signed_in(cli, &request, list_wait);
}

static const struct command command_list = {.name = "list", .summary = "List your API tokens.", .run = list};

/* ---- create ---- */

static FIBER int create_wait(struct client *client, const struct request *request) {
    struct client_answer answer;
    const json_t *product;
    int exit_status;
    json_auto_t *body = json_object();
    json_t *scopes = json_array();
    json_set(body, STR("name"), json_from_str(request->operands.at[0]));
    json_set(body, STR("scopes"), scopes);
    for (size_t i = 0; i < request->scopes.count; i++)
        json_array_append_new(scopes, json_from_str(request->scopes.at[i]));
    if (!str_is_empty(request->place.product)) {
        if (!client_find_product_wait(client, request->place.product, &product, &exit_status))
            return exit_status;
        json_object_set(body, "product", json_object_get(product, "id"));
    }
    if (request->days != 0)
        json_set(body, STR("expiresInDays"), json_integer(request->days));
    const struct client_request create = {.method = "POST", .path = STR("/account/api-tokens"), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    if (cli_printed_as_json(client->cli, answer.json))
        return CLI_OK;
    const json_t *made = json_object_get(answer.json, "apiToken");
    cli_say("%.*s", STR_ARG(json_get_str(answer.json, "token")));
    cli_say("\nThis token (%.*s) is shown this once; it ends at %.*s UTC.", STR_ARG(json_get_str(made, "id")),
            STR_ARG(cell_time(client->arena, made, "expiresAt")));
    return CLI_OK;
}

static int create(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_SIGN_IN(request),
        OPTION_LIST("scope", "RIGHT", "read, configure, secrets, people-write, manage or own",
                    &request.scopes, OPTION_REQUIRED),
        OPTION_TEXT("product", "NAME", "for this product alone", &request.place.product, 0),
        OPTION_NUMBER("days", "N", "it ends after so many days", &request.days, 0), OPTION_END};
    const struct operands operands = {"NAME", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return run_signed_in(cli, &request, create_wait);
}

static const struct command command_create = {
    .name = "create",
    .summary = "Make an API token, shown once.",
    .details = "An API token may not make others: sign in for it by --email. It never may more than you may "
               "yourself.\n\nFor a deployment: --scope read --scope configure --scope secrets.",
    .run = create,
};

/* ---- revoke ---- */

static FIBER int revoke_wait(struct client *client, const struct request *request) {
    struct str id = request->operands.at[0];
    int exit_status;
    if (!terminal_confirm(client->cli, request->yes, STR_NONE, &exit_status,
                          "Whatever uses the API token %.*s is refused from the next request on.",
                          STR_ARG(id)))
        return exit_status;
    const struct client_request revoke = {.method = "DELETE",
                                          .path = CLIENT_PATH(client->arena, STR("/account/api-tokens"), id)};
    return client_do_wait(client, &revoke);
}

static int revoke_token(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_SIGN_IN(request), OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"TOKEN-ID", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return run_signed_in(cli, &request, revoke_wait);
}

static const struct command command_revoke = {
    .name = "revoke", .summary = "Revoke an API token, at once.", .run = revoke_token};

const struct command command_api_token = {
    .name = "api-token",
    .summary = "Your API tokens, by which scripts use the admin API in your name.",
    .details = "They are an administrator's own: use them with --server.",
    .subcommands = (const struct command *const[]){&command_create, &command_list, &command_revoke, NULL},
};
