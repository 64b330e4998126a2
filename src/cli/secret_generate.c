/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine secret generate | rotate */
#include "cli/secret.h"

struct request {
    struct place place;
    struct str issuer, purpose, overlap, lifetime;
    bool now;
    enum admin_succession succession;
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

static void say_result(const struct request *request, struct arena *arena, const struct store_secret *secret,
                       struct str text) {
    cli_say("%.*s", STR_ARG(text));
    cli_say("\nThis secret (%.*s) is shown this once. Store it where your backend keeps its secrets.",
            STR_ARG(secret->id));
    if (secret->expires_at != 0)
        cli_say("It ends at %.*s UTC.", STR_ARG(table_time(arena, secret->expires_at)));
    if (request->succession == ADMIN_OVERLAP)
        cli_say("The one before it goes on until %.*s UTC.",
                STR_ARG(table_time(arena, secret->created_at + request->overlap_ms)));
    if (request->succession == ADMIN_REPLACE)
        cli_say("The one before it has ended.");
}

static FIBER int generate_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment;
    struct store_secret secret;
    struct str text;
    int exit_status;
    if (!installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    const struct admin_secret_request wanted = {request->purpose, request->issuer, request->succession,
                                                request->overlap_ms, request->lifetime_ms};
    enum status status = admin_secret_generate_wait(&installation->admin, installation->arena, &environment,
                                                    &wanted, &secret, &text, &installation->error);
    if (status != OK)
        return installation_fail(installation, status);
    if (installation->cli->json) {
        json_auto_t *json = admin_secret_json(&secret);
        json_set(json, STR("secret"), json_from_str(text));
        cli_print_json(installation->cli, json);
    } else {
        say_result(request, installation->arena, &secret, text);
    }
    return CLI_OK;
}

static int run_request(struct cli *cli, struct request *request) {
    if (!str_is_empty(request->lifetime) && !read_duration(request->lifetime, &request->lifetime_ms))
        return cli_usage(cli, "--lifetime is a number and a unit: 90s, 30m, 24h, 7d");
    if (!str_is_empty(request->overlap) && !read_duration(request->overlap, &request->overlap_ms))
        return cli_usage(cli, "--overlap is a number and a unit: 90s, 30m, 24h, 7d");
    return installation_run(cli, &request->place, NEEDS_STORE_AND_VAULT, generate_wait, request);
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
    struct request request = {
        .place = PLACE_UNSET, .purpose = STORE_SECRET_VISITOR_SIGNING, .succession = ADMIN_FIRST};
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
                              .purpose = STORE_SECRET_VISITOR_SIGNING,
                              .overlap = STR("24h"),
                              .succession = ADMIN_OVERLAP};
    const struct option options[] = {
        OPTIONS_SECRET(request),
        OPTION_TEXT("overlap", "TIME", "how long the old one goes on (default: 24h)", &request.overlap, 0),
        OPTION_FLAG("now", "the old one ends at once", &request.now, 0), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (request.now)
        request.succession = ADMIN_REPLACE;
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
