/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine admin */
#include "access/access.h"
#include "cli/plain.h"

struct request {
    struct place place;
    struct str name;
    struct option_list roles, operands;
    bool yes, without_second_factor;
};

#define OPTION_ROLES(request, flags_)                                                                        \
    OPTION_LIST("role", "ROLE[@PRODUCT]",                                                                    \
                "owner, admin, developer or viewer; of one product or, without @, of all", &(request).roles, \
                (flags_))

/* ---- roles ---- */

/* "developer@acme" → {"product": "prod_…", "role": "developer"}. */
static FIBER bool add_role_wait(struct client *client, struct str text, json_t *roles, int *exit_status) {
    struct str product = text, role;
    const json_t *found;
    if (!str_cut(&product, '@', &role))
        role = text;
    json_t *grant = json_object();
    json_array_append_new(roles, grant);
    json_set(grant, STR("role"), json_from_str(role));
    json_set(grant, STR("product"), json_null());
    if (product.at == NULL)
        return true;
    if (!client_find_product_wait(client, product, &found, exit_status))
        return false;
    json_object_set(grant, "product", json_object_get(found, "id"));
    return true;
}

/* Each is a role, alone or with a product: what the API would say of it is told in its JSON's words. */
static bool roles_are_fine(const struct cli *cli, const struct option_list *list, int *exit_status) {
    static const char *const roles[] = {"owner", "admin", "developer", "viewer", NULL};
    for (size_t i = 0; i < list->count; i++) {
        const struct str role = str_slice(list->at[i], 0, str_find_byte(list->at[i], '@'));
        size_t found = 0;
        while (roles[found] != NULL && !str_equal(role, str_from(roles[found])))
            found++;
        if (roles[found] != NULL)
            continue;
        *exit_status = cli_usage(cli,
                                 "--role %.*s: a role is owner, admin, developer or viewer, alone or of one "
                                 "product: developer@acme",
                                 STR_ARG(list->at[i]));
        return false;
    }
    return true;
}

static FIBER bool read_roles_wait(struct client *client, const struct option_list *list, json_t **roles,
                                  int *exit_status) {
    *roles = json_keep(client->arena, json_array());
    for (size_t i = 0; i < list->count; i++) {
        if (!add_role_wait(client, list->at[i], *roles, exit_status))
            return false;
    }
    return true;
}

static struct str cell_roles(struct arena *arena, const json_t *admin, const char *member) {
    const json_t *roles = json_get_array(admin, member);
    AUTO_BUFFER text = BUFFER_EMPTY;
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const json_t *role = json_array_get(roles, i);
        struct str product = json_get_str(role, "productName");
        buffer_print(&text, "%s%.*s%s%.*s", i > 0 ? ", " : "", STR_ARG(json_get_str(role, "role")),
                     str_is_empty(product) ? "" : "@", STR_ARG(product));
    }
    return arena_copy(arena, buffer_text(&text));
}

/* ---- finding one ---- */

static FIBER bool find_wait(struct client *client, struct str email_or_id, const json_t **found,
                            struct str *path, int *exit_status) {
    const struct client_request list = {.method = "GET", .path = STR("/admins")};
    json_t *items;
    if (!client_list_wait(client, &list, 0, &items, exit_status))
        return false;
    for (size_t i = 0; i < json_array_size(items); i++) {
        *found = json_array_get(items, i);
        if (!str_equal_ignore_case(json_get_str(*found, "email"), email_or_id) &&
            !str_equal(json_get_str(*found, "id"), email_or_id))
            continue;
        *path = CLIENT_PATH(client->arena, STR("/admins"), json_get_str(*found, "id"));
        return true;
    }
    *exit_status = cli_fail(client->cli, "There is no administrator '%.*s'.", STR_ARG(email_or_id));
    return false;
}

/* ---- list ---- */

static struct str cell_factors(struct arena *arena, const json_t *admin, const char *member) {
    bool has_totp = json_get_bool(admin, "hasTotp", false);
    bool has_passkey = json_get_int(admin, "passkeyCount", 0) > 0;
    (void)arena;
    (void)member;
    return has_totp && has_passkey ? STR("one-time code, passkey")
           : has_passkey           ? STR("passkey")
           : has_totp              ? STR("one-time code")
                                   : STR("");
}

static FIBER int list_wait(struct client *client, const struct plain_call *call) {
    static const struct table_column columns[] = {COLUMN("E-MAIL", "email"),
                                                  COLUMN("NAME", "name"),
                                                  COLUMN_AS("ROLES", "roles", cell_roles),
                                                  COLUMN("STATE", "state"),
                                                  COLUMN_AS("SECOND FACTOR", NULL, cell_factors),
                                                  COLUMN_AS("LAST SIGN-IN (UTC)", "lastSignInAt", cell_time),
                                                  COLUMN_END};
    const struct client_request list = {.method = "GET", .path = STR("/admins")};
    (void)call;
    return client_show_list_wait(
        client, &list, 0, columns,
        "There are no administrators yet. `chatelaine admin setup-token` lets the first one in.");
}

static const struct command command_list = {
    .name = "list",
    .summary = "List the administrators with their roles.",
    .run = plain_run,
    .plain = &(const struct plain){.run = list_wait, .in = PLAIN_INSTALLATION},
};

/* ---- invite, reset-password ---- */

/* Where the dashboard is: known of a server, else to be put in front. */
static void print_link(const struct client *client, const json_t *invitation) {
    struct str token = json_get_str(invitation, "token");
    cli_say("Send them this link; it works once, until %.*s UTC%s:\n%.*s/invitation#%.*s",
            STR_ARG(cell_time(client->arena, invitation, "expiresAt")),
            str_is_empty(client->place->server) ? " (your server's address goes in front)" : "",
            STR_ARG(client->place->server), STR_ARG(token));
}

static FIBER int invite_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    json_t *roles;
    int exit_status;
    if (!read_roles_wait(client, &request->roles, &roles, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("email"), json_from_str(request->operands.at[0]));
    json_set(body, STR("name"), json_from_str(request->name));
    json_object_set(body, "roles", roles);
    const struct client_request create = {.method = "POST", .path = STR("/admins"), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    if (cli_printed_as_json(client->cli, answer.json))
        return CLI_OK;
    const json_t *made = json_object_get(answer.json, "administrator");
    cli_say("%.*s is invited: %.*s.", STR_ARG(json_get_str(made, "email")),
            STR_ARG(cell_roles(client->arena, made, "roles")));
    print_link(client, json_object_get(answer.json, "invitation"));
    return CLI_OK;
}

static int invite(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_WHERE(request.place),
        OPTION_TEXT("name", "NAME", "what they are called: \"Ada Lovelace\"", &request.name, OPTION_REQUIRED),
        OPTION_ROLES(request, OPTION_REQUIRED), OPTION_END};
    const struct operands operands = {"E-MAIL", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        !roles_are_fine(cli, &request.roles, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, invite_wait, &request);
}

static const struct command command_invite = {
    .name = "invite",
    .summary = "Invite an administrator; prints a link for them, this once.",
    .details = "  chatelaine admin invite ada@acme.example --name \"Ada Lovelace\" --role developer@acme",
    .run = invite,
};

static FIBER int reset_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    const json_t *admin;
    struct str path;
    int exit_status;
    if (!find_wait(client, request->operands.at[0], &admin, &path, &exit_status))
        return exit_status;
    if (request->without_second_factor &&
        !terminal_confirm(client->cli, request->yes, json_get_str(admin, "email"), &exit_status,
                          "With the link, %.*s signs in without a second factor, and those there are go.",
                          STR_ARG(json_get_str(admin, "email"))))
        return exit_status;
    json_auto_t *body = json_object();
    if (request->without_second_factor)
        json_set(body, STR("removeSecondFactor"), json_true());
    const struct client_request create = {
        .method = "POST", .path = CLIENT_PATH(client->arena, path, STR("invitation")), .body = body};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        print_link(client, json_object_get(answer.json, "invitation"));
    return CLI_OK;
}

static int reset_password(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_WHERE(request.place),
        OPTION_FLAG("remove-second-factor",
                    "also end their one-time codes and passkeys: for those who have lost them",
                    &request.without_second_factor, 0),
        OPTION_YES(request.yes), OPTION_END};
    const struct operands operands = {"E-MAIL", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, reset_wait, &request);
}

static const struct command command_reset_password = {
    .name = "reset-password",
    .summary = "Make a link by which an administrator sets a new password.",
    .run = reset_password,
};

/* ---- role, remove ---- */

static FIBER int role_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    const json_t *admin;
    struct str path;
    json_t *roles;
    int exit_status;
    if (!find_wait(client, request->operands.at[0], &admin, &path, &exit_status) ||
        !read_roles_wait(client, &request->roles, &roles, &exit_status))
        return exit_status;
    json_auto_t *body = json_object();
    json_object_set(body, "roles", roles);
    const struct client_request change = {
        .method = "PATCH",
        .path = path,
        .body = body,
        .if_match = arena_print(client->arena, "\"%lld\"", (long long)json_get_int(admin, "version", 0))};
    if (!client_call_wait(client, &change, &answer, &exit_status))
        return exit_status;
    if (cli_printed_as_json(client->cli, answer.json))
        return CLI_OK;
    cli_say("%.*s was %.*s and is now %.*s.", STR_ARG(json_get_str(admin, "email")),
            STR_ARG(cell_roles(client->arena, admin, "roles")),
            STR_ARG(cell_roles(client->arena, answer.json, "roles")));
    bool is_invited = str_equal(json_get_str(answer.json, "state"), STR("invited"));
    if (is_invited && str_is_empty(json_get_str(answer.json, "invitationExpiresAt")))
        cli_say("The link that they were given has ended with it: `chatelaine admin reset-password` makes "
                "another.");
    return CLI_OK;
}

static int role(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {OPTIONS_WHERE(request.place), OPTION_ROLES(request, OPTION_REQUIRED),
                                     OPTION_END};
    const struct operands operands = {"E-MAIL", 1, 1, &request.operands};
    int exit_status;
    if (!options_read(cli, options, &operands, &exit_status) ||
        !roles_are_fine(cli, &request.roles, &exit_status))
        return exit_status;
    return client_run(cli, &request.place, role_wait, &request);
}

static const struct command command_role = {
    .name = "role",
    .summary = "Say what an administrator may do; what they had goes.",
    .details = "  chatelaine admin role ada@acme.example --role admin@acme --role viewer@shop",
    .run = role,
};

static FIBER int remove_wait(struct client *client, const struct plain_call *call) {
    const json_t *admin;
    struct str path;
    int exit_status;
    if (!find_wait(client, call->operands.at[0], &admin, &path, &exit_status))
        return exit_status;
    struct str email = json_get_str(admin, "email");
    if (!terminal_confirm(client->cli, call->yes, email, &exit_status,
                          "%.*s (%.*s) can no longer sign in, and their sessions and API tokens end now.",
                          STR_ARG(json_get_str(admin, "name")), STR_ARG(email)))
        return exit_status;
    const struct client_request remove = {.method = "DELETE", .path = path, .if_match = STR("*")};
    return client_do_wait(client, &remove);
}

static const struct command command_remove = {
    .name = "remove",
    .summary = "Remove an administrator; their sessions and API tokens end.",
    .run = plain_run,
    .plain =
        &(const struct plain){
            .run = remove_wait, .in = PLAIN_INSTALLATION, .operands = {"E-MAIL", 1}, .asks = true},
};

/* ---- setup-token: on this machine only ---- */

static FIBER int setup_token_wait(struct installation *installation, void *argument) {
    struct str token;
    (void)argument;
    enum status status = access_setup_token_wait(installation->store, installation->arena, &token);
    if (status == CONFLICT)
        return cli_fail(installation->cli,
                        "There is an administrator already: `chatelaine admin invite` lets in others, "
                        "`chatelaine admin reset-password` those who have forgotten theirs.");
    if (status != OK)
        return cli_fail(installation->cli, "The database did not take it (%s).", status_name(status));
    json_auto_t *json = json_object();
    json_set(json, STR("setupToken"), json_from_str(token));
    if (!cli_printed_as_json(installation->cli, json))
        cli_say("%.*s\n\nThe first administrator signs up with it, once: at your server's address, behind "
                "/setup#",
                STR_ARG(token));
    return CLI_OK;
}

static int setup_token(struct cli *cli) {
    struct place place = PLACE_UNSET;
    const struct option options[] = {OPTIONS_DATA(place), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return installation_run(cli, &place, NEEDS_STORE, setup_token_wait, NULL);
}

static const struct command command_setup_token = {
    .name = "setup-token",
    .summary = "Print a token by which the first administrator signs up, in the place of the one before.",
    .run = setup_token,
};

const struct command command_admin = {
    .name = "admin",
    .summary = "Administrators: who may use the dashboard and the admin API.",
    .subcommands =
        (const struct command *const[]){&command_list, &command_invite, &command_role, &command_remove,
                                        &command_setup_token, &command_reset_password, NULL},
};
