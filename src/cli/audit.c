/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine audit */
#include "base/clock.h"
#include "cli/client.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

enum { FOLLOW_PAUSE_MS = 500, LIMIT_DEFAULT = 50, LIMIT_MAX = 500, PAGE_LIMIT = 200 };
/* A row's id is made a moment before it is committed, so rows can appear behind ones that were seen: while
 * following, the last seconds are looked at again. */
static const int64_t LOOK_BACK_MS = 10000;

struct request {
    struct place place;
    struct str visitor, subject, tool, actor, action, outcome, reason, from, until, format, output;
    int64_t limit;
    int64_t begun; /* when the command was: what happens from then on is followed */
    bool follow;
};

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    is_interrupted = 1;
}

/* ---- one row ---- */

static struct str first_of(const json_t *row, const char *const *members) {
    struct str text = STR_NONE;
    for (; *members != NULL && str_is_empty(text); members++)
        text = json_get_str(row, *members);
    return text;
}

static struct str cell_who(struct arena *arena, const json_t *row, const char *member) {
    struct str text = first_of(row, (const char *const[]){member, "subject", "visitor", NULL});
    (void)arena;
    return str_is_empty(text) ? STR("anonymous") : text;
}

static struct str cell_what(struct arena *arena, const json_t *row, const char *member) {
    (void)arena;
    return first_of(row, (const char *const[]){member, "target", NULL});
}

static struct str cell_why(struct arena *arena, const json_t *row, const char *member) {
    struct str reason = json_get_str(row, member), detail = json_get_str(row, "detail");
    if (str_is_empty(reason) || str_is_empty(detail))
        return str_is_empty(reason) ? detail : reason;
    return arena_join(arena, 3, (struct str[]){reason, STR(": "), detail});
}

static const struct table_column columns[] = {COLUMN_AS("AT (UTC)", "at", cell_time),
                                              COLUMN_AS("WHO", "actor", cell_who),
                                              COLUMN("ACTION", "action"),
                                              COLUMN_AS("WHAT", "tool", cell_what),
                                              COLUMN("OUTCOME", "outcome"),
                                              COLUMN_AS("WHY", "reason", cell_why),
                                              COLUMN_END};

/* ---- what is asked for ---- */

/* Of an environment, or of the installation: what belongs to none. */
static FIBER bool find_wait(struct client *client, const struct request *request, const char *more,
                            struct client_request *list, int *exit_status) {
    const json_t *environment;
    struct str path = STR("");
    if (!str_is_empty(request->place.environment) &&
        !client_find_environment_wait(client, &environment, &path, exit_status))
        return false;
    *list = (struct client_request){
        .method = "GET",
        .path = arena_join(client->arena, 3, (struct str[]){path, STR("/audit"), str_from(more)}),
        .query = {{"action", request->action},
                  {"actor", request->actor},
                  {"visitor", request->visitor},
                  {"subject", request->subject},
                  {"tool", request->tool},
                  {"outcome", request->outcome},
                  {"reason", request->reason},
                  {"from", request->from},
                  {"until", request->until}},
    };
    return true;
}

#define OPTIONS_FILTER(request)                                                                              \
    OPTIONS_WHERE((request).place), OPTION_PRODUCT((request).place, 0),                                      \
        OPTION_ENVIRONMENT((request).place, 0),                                                              \
        OPTION_TEXT("subject", "SUB", "what was done for this user of yours", &(request).subject, 0),        \
        OPTION_TEXT("visitor", "ID", "what was done for this visitor", &(request).visitor, 0),               \
        OPTION_TEXT("actor", "NAME", "what this administrator did: cli:ada", &(request).actor, 0),           \
        OPTION_TEXT("tool", "NAME", "calls of this tool", &(request).tool, 0),                               \
        OPTION_TEXT("action", "WORD", "tool.call, secret.rotate, …", &(request).action, 0),                  \
        OPTION_TEXT("outcome", "WORD", "allowed, refused or failed", &(request).outcome, 0),                 \
        OPTION_TEXT("reason", "WORD", "expired, bad-signature, …", &(request).reason, 0)

#define OPTIONS_SPAN(request)                                                                                \
    OPTION_TEXT("from", "TIME", "not before: 2026-01-31T09:30:00Z", &(request).from, 0),                     \
        OPTION_TEXT("until", "TIME", "before", &(request).until, 0)

/* ---- list ---- */

static FIBER int print_page_wait(struct client *client, const struct request *request) {
    struct client_request list;
    int exit_status;
    if (!find_wait(client, request, "", &list, &exit_status))
        return exit_status;
    return client_show_list_wait(client, &list, (size_t)request->limit, columns,
                                 "Nothing of that kind has happened.");
}

/* ---- following ---- */

struct seen {
    struct arena *arena; /* of the ids */
    struct str ids[LIMIT_MAX];
    size_t count;
};

static bool was_seen(const struct seen *seen, struct str id) {
    for (size_t i = 0; i < seen->count; i++) {
        if (str_equal(seen->ids[i], id))
            return true;
    }
    return false;
}

static void print_followed(struct client *client, const json_t *row) {
    if (!cli_printed_as_json(client->cli, row))
        table_print_row(client->arena, row, columns);
    fflush(stdout);
}

/* One page of what is new; what is there now is what was seen the next time. */
static FIBER bool follow_page_wait(struct client *client, const struct client_request *list,
                                   const struct seen *before, struct seen *now, struct str *next,
                                   int *exit_status) {
    struct client_answer answer;
    if (!client_call_wait(client, list, &answer, exit_status))
        return false;
    const json_t *items = json_get_array(answer.json, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *row = json_array_get(items, i);
        struct str id = json_get_str(row, "id");
        if (!was_seen(before, id))
            print_followed(client, row);
        if (now->count == LIMIT_MAX)
            now->count = 0; /* more than that in ten seconds: only the latest can come late */
        now->ids[now->count++] = arena_copy(now->arena, id);
    }
    *next = arena_copy(now->arena, json_get_str(answer.json, "next"));
    return true;
}

static struct str time_text(struct arena *arena, int64_t ms) {
    struct str text = arena_copy(arena, table_time(arena, ms));
    ((char *)text.at)[10] = 'T';
    return arena_print(arena, "%.*s.%03dZ", STR_ARG(text), (int)(ms % 1000));
}

/* All that is new since `from`. What it takes goes again, so that it can run for months. */
static FIBER bool follow_once_wait(struct client *client, const struct client_request *list, int64_t from,
                                   const struct seen *before, struct seen *now, int *exit_status) {
    AUTO_ARENA arena = arena_new();
    struct client turn = *client;
    struct cli cli = *client->cli;
    struct str next = STR_NONE;
    turn.arena = cli.arena = arena;
    turn.cli = &cli;
    do {
        struct client_request page = *list;
        size_t count = 0;
        while (page.query[count].name != NULL)
            count++;
        page.query[count++] = (struct client_query){"order", STR("oldest")};
        page.query[count++] = (struct client_query){"limit", arena_print(arena, "%d", PAGE_LIMIT)};
        page.query[count++] = (struct client_query){"from", time_text(arena, from)};
        page.query[count] = (struct client_query){"cursor", next};
        if (!follow_page_wait(&turn, &page, before, now, &next, exit_status))
            return false;
    } while (!str_is_empty(next) && !is_interrupted && !ferror(stdout));
    return true;
}

static FIBER int follow_wait(struct client *client, const struct request *request) {
    struct client_request list;
    int exit_status = CLI_OK;
    struct request open = *request;
    open.from = open.until = STR_NONE;
    if (!find_wait(client, &open, "", &list, &exit_status))
        return exit_status;
    for (size_t i = 0; list.query[i].name != NULL; i++) { /* `from` is its own */
        if (str_equal(str_from(list.query[i].name), STR("from")))
            list.query[i].name = NULL;
    }
    struct seen seen[2] = {{.arena = arena_new()}, {.arena = arena_new()}};
    bool goes_on = true;
    for (unsigned turn = 0; goes_on && !is_interrupted && !ferror(stdout); turn ^= 1U) {
        struct seen *now = &seen[turn];
        now->count = 0;
        arena_reset(now->arena);
        int64_t from = clock_now_ms() - LOOK_BACK_MS;
        goes_on = follow_once_wait(client, &list, from < request->begun ? request->begun : from,
                                   &seen[turn ^ 1U], now, &exit_status) &&
                  fiber_sleep_wait(FOLLOW_PAUSE_MS) == OK;
    }
    arena_free(seen[0].arena);
    arena_free(seen[1].arena);
    return exit_status;
}

static FIBER int list_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    return request->follow ? follow_wait(client, request) : print_page_wait(client, request);
}

static int run_list(struct cli *cli, struct request *request) {
    request->begun = clock_now_ms();
    if (request->follow) {
        signal(SIGINT, on_interrupt);
        signal(SIGTERM, on_interrupt);
    }
    return client_run(cli, &request->place, list_wait, request);
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .limit = LIMIT_DEFAULT};
    const struct option options[] = {
        OPTIONS_FILTER(request), OPTIONS_SPAN(request),
        OPTION_RANGE("limit", "N", "at most so many, the newest (default: 50, at most 500)", &request.limit,
                     1, LIMIT_MAX, 0),
        OPTION_FLAG("follow", "print what happens from now on, until interrupted", &request.follow, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run_list(cli, &request);
}

static const struct command command_list = {
    .name = "list",
    .summary = "List what was done, newest first.",
    .details = "Without --environment: what belongs to none, such as the making of products. All "
               "restrictions that are given hold together. With --json and --follow: one JSON object a line.",
    .run = list,
};

static int tail(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .limit = LIMIT_DEFAULT, .follow = true};
    const struct option options[] = {OPTIONS_FILTER(request), OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return run_list(cli, &request);
}

static const struct command command_tail = {
    .name = "tail",
    .summary = "Print what happens from now on, until interrupted.",
    .details = "With --json: one JSON object a line.",
    .run = tail,
};

/* ---- export ---- */

static FIBER int export_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_request export;
    int exit_status;
    if (!find_wait(client, request, "/export", &export, &exit_status))
        return exit_status;
    size_t count = 0;
    while (export.query[count].name != NULL)
        count++;
    export.query[count] = (struct client_query){"format", request->format};
    export.is_slow = true;
    return client_download_to_wait(client, &export, request->output);
}

static int export_rows(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .format = STR("jsonl"), .output = STR("-")};
    const struct option options[] = {
        OPTIONS_FILTER(request), OPTIONS_SPAN(request),
        OPTION_TEXT("format", "FORMAT", "jsonl (the default) or csv", &request.format, 0),
        OPTION_TEXT("output", "FILE", "where to write it (default: -, standard output)", &request.output,
                    OPTION_BY_LETTER),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (!str_equal(request.format, STR("jsonl")) && !str_equal(request.format, STR("csv")))
        return cli_usage(cli, "--format is jsonl or csv");
    return client_run(cli, &request.place, export_wait, &request);
}

static const struct command command_audit_export = {
    .name = "export",
    .summary = "Write the audit log to a file, as JSON lines or CSV, however long it is.",
    .run = export_rows,
};

const struct command command_audit = {
    .name = "audit",
    .summary = "The audit log: who did what, for whom, and what came of it.",
    .subcommands = (const struct command *const[]){&command_list, &command_tail, &command_audit_export, NULL},
};
