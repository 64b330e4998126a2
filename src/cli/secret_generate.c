/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret generate | rotate */
#include "base/clock.h"
#include "cli/secret.h"
#include "cli/terminal.h"

struct request {
    struct place place;
    struct str issuer, purpose, overlap, lifetime;
    bool now, yes;
    enum { FIRST, OVERLAP, REPLACE } succession; /* beside those in use, or in their place */
    int64_t overlap_ms, lifetime_ms;
};

static const int64_t DURATION_MAX_MS = 10LL * 365 * 24 * 3600 * 1000;

/* "90s", "30m", "24h", "7d". */
static bool read_duration(struct str text, int64_t *ms) {
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60 * 1000}, {'h', 3600 * 1000}, {'d', 24 * 3600 * 1000}};
    int64_t number;
    if (text.len < 2 || str_to_int64(str_slice(text, 0, text.len - 1), &number) != OK || number <= 0)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text.at[text.len - 1] == units[i].letter && number <= DURATION_MAX_MS / units[i].ms) {
            *ms = number * units[i].ms;
            return true;
        }
    }
    return false;
}

static void say_result(const struct client *client, const struct request *request, const json_t *answer) {
    struct arena *arena = client->arena;
    const json_t *record = json_object_get(answer, "record");
    struct str ends = cell_time(arena, record, "expiresAt");
    cli_say("%.*s", STR_ARG(json_get_str(answer, "secret")));
    cli_say("\nThis secret (%.*s) is shown this once. Store it where your backend keeps its secrets.",
            STR_ARG(json_get_str(record, "id")));
    if (!str_is_empty(ends))
        cli_say("It ends at %.*s UTC.", STR_ARG(ends));
    if (request->succession == OVERLAP)
        cli_say("The one before it goes on until %.*s UTC.",
                STR_ARG(table_time(arena, clock_now_ms() + request->overlap_ms)));
    if (request->succession == REPLACE)
        cli_say("The one before it has ended.");
}

static json_t *draft_of(const struct request *request) {
    json_t *draft = json_object();
    json_set(draft, STR("purpose"), json_from_str(request->purpose));
    if (!str_is_empty(request->issuer))
        json_set(draft, STR("name"), json_from_str(request->issuer));
    if (request->lifetime_ms != 0)
        json_set(draft, STR("lifetimeSeconds"), json_integer(request->lifetime_ms / 1000));
    if (request->succession == OVERLAP)
        json_set(draft, STR("overlapSeconds"), json_integer(request->overlap_ms / 1000));
    if (request->succession == REPLACE)
        json_set(draft, STR("replace"), json_true());
    return draft;
}

static FIBER int generate_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    int exit_status;
    if (request->succession == REPLACE &&
        !terminal_ask(client->cli, request->yes, STR_NONE, &exit_status,
                      "What was signed with the secret in use of %.*s is refused within a second, for good.",
                      STR_ARG(json_get_str(client->environment, "name"))))
        return exit_status;
    json_auto_t *draft = draft_of(request);
    const struct client_request create = {
        .method = "POST", .path = CLIENT_PATH_HERE(client, STR("secrets")), .body = draft};
    if (!client_call_wait(client, &create, &answer, &exit_status))
        return exit_status;
    json_auto_t *json = secret_json(json_object_get(answer.json, "record"));
    json_object_set(json, "secret", json_object_get(answer.json, "secret"));
    if (!cli_printed_as_json(client->cli, json))
        say_result(client, request, answer.json);
    return CLI_OK;
}

static int run_request(struct cli *cli, struct request *request) {
    if (!str_is_empty(request->lifetime) && !read_duration(request->lifetime, &request->lifetime_ms))
        return cli_usage(cli, "--lifetime is a number and a unit: 90s, 30m, 24h, 7d");
    if (!str_is_empty(request->overlap) && !read_duration(request->overlap, &request->overlap_ms))
        return cli_usage(cli, "--overlap is a number and a unit: 90s, 30m, 24h, 7d");
    request->place.needs = CLIENT_VAULT;
    return client_run_in_environment(cli, &request->place, generate_wait, request);
}

#define OPTIONS_SECRET(request)                                                                              \
    OPTIONS_PLACE((request).place),                                                                          \
        OPTION_TEXT("purpose", "PURPOSE", "visitor-signing (the default) or tool-signing",                   \
                    &(request).purpose, 0),                                                                  \
        OPTION_TEXT("issuer", "NAME", "the issuer of the configuration, where it has several",               \
                    &(request).issuer, 0),                                                                   \
        OPTION_TEXT("lifetime", "TIME", "ends by itself after: 90d (default: never)", &(request).lifetime,   \
                    0)

static int generate(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .purpose = STR("visitor-signing"), .succession = FIRST};
    const struct option options[] = {OPTIONS_SECRET(request), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run_request(cli, &request);
}

const struct command command_secret_generate = {
    .name = "generate",
    .summary = "Make a signing secret, shown once.",
    .details = "For visitor-signing, your backend signs its visitors' session tokens with it (HS256): the "
               "text itself, all "
               "of it, is the key. For tool-signing, it is what your tools verify our calls with (Standard "
               "Webhooks).",
    .run = generate,
};

static int rotate(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET,
                              .purpose = STR("visitor-signing"),
                              .overlap = STR("24h"),
                              .succession = OVERLAP};
    const struct option options[] = {
        OPTIONS_SECRET(request),
        OPTION_TEXT("overlap", "TIME", "how long the old one goes on (default: 24h)", &request.overlap, 0),
        OPTION_FLAG("now", "the old one ends at once", &request.now, 0), OPTION_YES(request.yes), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (request.now)
        request.succession = REPLACE;
    return run_request(cli, &request);
}

const struct command command_secret_rotate = {
    .name = "rotate",
    .summary = "Make a signing secret in the place of the one in use, shown once.",
    .details = "Old and new both verify until the overlap is over. With --now the old one ends at once: for "
               "a secret that "
               "somebody else has seen.",
    .run = rotate,
};
