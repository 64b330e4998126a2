/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine token test: by an environment's own settings, unlike `token verify`. */
#include "cli/client.h"
#include "cli/token.h"

struct request {
    struct place place;
    struct str issuer, token;
    bool refresh;
};

static struct str cell_value(struct arena *arena, const json_t *claim, const char *member) {
    enum { SHOWN_MAX = 48 };
    struct str value = json_write(arena, json_object_get(claim, member));
    if (value.len > SHOWN_MAX)
        value = arena_join(arena, 2, (struct str[]){str_slice(value, 0, SHOWN_MAX), STR("…")});
    return str_is_utf8(value) ? value : STR("…");
}

static void print_claims(const struct client *client, const json_t *claims) {
    static const struct table_column columns[] = {COLUMN("CLAIM", "name"),
                                                  COLUMN_AS("VALUE", "value", cell_value),
                                                  COLUMN("FATE", "fate"), COLUMN("WHY", "why"), COLUMN_END};
    cli_say("%s", "");
    table_print(client->arena, claims, columns, "It has no claims.");
}

static void print_verdict(const struct client *client, const json_t *json) {
    bool is_verified = json_get_bool(json, "verified", false);
    struct str fix = json_get_str(json, "fix");
    if (is_verified)
        cli_say("Verified.");
    else
        cli_say("Refused: %.*s, %.*s.", STR_ARG(json_get_str(json, "reason")),
                STR_ARG(json_get_str(json, "detail")));
    cli_say("%.*s", STR_ARG(json_get_str(json, "message")));
    if (!str_is_empty(fix))
        cli_say("What to do: %.*s", STR_ARG(fix));
    const json_t *times = json_get_array(json, "times");
    for (size_t i = 0; i < json_array_size(times); i++) {
        const json_t *one = json_array_get(times, i);
        cli_say("%.*s: %.*s (%.*s UTC)", STR_ARG(json_get_str(one, "name")),
                STR_ARG(json_get_str(one, "words")), STR_ARG(cell_time(client->arena, one, "at")));
    }
    const json_t *warnings = json_get_array(json, "warnings");
    for (size_t i = 0; i < json_array_size(warnings); i++)
        cli_say("Mind: %.*s", STR_ARG(json_get_str(json_array_get(warnings, i), "message")));
    print_claims(client, json_get_array(json, "claims"));
}

static FIBER int test_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    int exit_status;
    json_auto_t *body = json_object();
    json_set(body, STR("token"), json_from_str(request->token));
    if (!str_is_empty(request->issuer))
        json_set(body, STR("issuer"), json_from_str(request->issuer));
    if (request->refresh)
        json_set(body, STR("refreshKeys"), json_true());
    const struct client_request test = {
        .method = "POST", .path = CLIENT_PATH_HERE(client, STR("tokens"), STR("test")), .body = body};
    if (!client_call_wait(client, &test, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        print_verdict(client, answer.json);
    return json_get_bool(answer.json, "verified", false) ? CLI_OK : CLI_REFUSED;
}

static int test(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    struct str file = STR("-");
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_PRIVATE_EGRESS(request.place),
        OPTION_TEXT("file", "FILE", "where the token stands (default: -, standard input)", &file,
                    OPTION_BY_LETTER),
        OPTION_TEXT("issuer", "NAME", "by this issuer's rules, whatever the token says", &request.issuer, 0),
        OPTION_FLAG("refresh-keys", "fetch the issuer's keys anew before", &request.refresh, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status) ||
        !token_read_file(cli, "file", file, &request.token, &exit_status))
        return exit_status;
    request.token = str_trim(request.token);
    request.place.needs = CLIENT_VAULT | CLIENT_EGRESS;
    return client_run_in_environment(cli, &request.place, test_wait, &request);
}

const struct command command_token_test = {
    .name = "test",
    .summary = "Verify a token by an environment's settings; where it is refused, say why and what to do.",
    .details = "Exits with 0 where it is verified and with 1 where it is not. The token is forgotten: it "
               "stands in no log.",
    .run = test,
};
