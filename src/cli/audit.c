/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine audit */
#include "base/clock.h"
#include "base/json.h"
#include "cli/installation.h"

#include <signal.h>
#include <stdio.h>

enum { FOLLOW_PAUSE_MS = 500, LIMIT_DEFAULT = 50 };
/* A row's id is made a moment before it is committed, so rows can appear behind ones that were seen: while
 * following, the last seconds are looked at again. */
static const int64_t LOOK_BACK_MS = 10000;

struct request {
    struct place place;
    struct str visitor, subject, tool, actor, action, outcome;
    int64_t limit;
    bool follow;
};

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    is_interrupted = 1;
}

/* ---- one row ---- */

static struct str who(const struct store_audit *row) {
    if (!str_is_empty(row->actor))
        return row->actor;
    return str_is_empty(row->subject) ? (str_is_empty(row->visitor) ? STR("anonymous") : row->visitor)
                                      : row->subject;
}

static struct str why(struct arena *arena, const struct store_audit *row) {
    if (str_is_empty(row->reason) || str_is_empty(row->detail))
        return str_is_empty(row->reason) ? row->detail : row->reason;
    return arena_join(arena, 3, (struct str[]){row->reason, STR(": "), row->detail});
}

static void add_row(struct table *table, struct arena *arena, const struct store_audit *row) {
    table_add(table, (struct str[]){table_time(arena, row->at), who(row), row->action,
                                    str_is_empty(row->tool) ? row->target : row->tool, row->outcome,
                                    why(arena, row)});
}

/* ---- list ---- */

static struct table *new_table(struct arena *arena) {
    return table_new(arena,
                     (const char *const[]){"AT (UTC)", "WHO", "ACTION", "WHAT", "OUTCOME", "WHY", NULL});
}

static struct store_audit_filter filter_of(const struct request *request, struct str environment) {
    return (struct store_audit_filter){
        .environment = environment,
        .visitor = request->visitor,
        .subject = request->subject,
        .tool = request->tool,
        .actor = request->actor,
        .action = request->action,
        .outcome = request->outcome,
        .limit = (unsigned)request->limit,
    };
}

static FIBER int print_page_wait(struct installation *installation, const struct store_audit_filter *filter) {
    struct store_audits page;
    enum status status = store_audit_list_wait(installation->store, installation->arena, filter, &page);
    if (status != OK)
        return installation_fail(installation, status);
    struct table *table = new_table(installation->arena);
    json_auto_t *json = json_array();
    for (size_t i = 0; i < page.count; i++) {
        json_array_append_new(json, admin_audit_json(&page.at[i]));
        add_row(table, installation->arena, &page.at[i]);
    }
    if (installation->cli->json)
        cli_print_json(installation->cli, json);
    else
        table_print(table, "Nothing of that kind has happened.");
    return CLI_OK;
}

/* ---- follow ---- */

struct seen {
    struct arena *arena; /* of the ids */
    struct str ids[STORE_PAGE_MAX];
    size_t count;
};

static bool was_seen(const struct seen *seen, struct str id) {
    for (size_t i = 0; i < seen->count; i++) {
        if (str_equal(seen->ids[i], id))
            return true;
    }
    return false;
}

static void print_followed(struct installation *installation, struct arena *arena,
                           const struct store_audit *row) {
    if (installation->cli->json) {
        json_auto_t *json = admin_audit_json(row);
        cli_print_json(installation->cli, json);
    } else {
        struct table *harmless = table_new(arena, (const char *const[]){"", "", "", "", "", "", NULL});
        add_row(harmless, arena, row);
        table_print_rows(harmless);
    }
    fflush(stdout);
}

/* All that is new since `from`, page by page; what is there now is what was seen the next time. */
static FIBER enum status follow_once_wait(struct installation *installation, struct store_audit_filter filter,
                                          const struct seen *before, struct seen *now) {
    AUTO_ARENA arena = arena_new();
    for (;;) {
        struct store_audits page;
        TRY(store_audit_list_wait(installation->store, arena, &filter, &page));
        for (size_t i = 0; i < page.count; i++) {
            if (!was_seen(before, page.at[i].id))
                print_followed(installation, arena, &page.at[i]);
            if (now->count == STORE_PAGE_MAX)
                now->count = 0; /* more than that in ten seconds: only the latest can come late */
            now->ids[now->count++] = arena_copy(now->arena, page.at[i].id);
        }
        if (page.count < STORE_PAGE_MAX)
            return OK;
        filter.after = page.at[page.count - 1].id;
    }
}

static FIBER int follow_wait(struct installation *installation, struct store_audit_filter filter) {
    struct seen seen[2] = {{.arena = arena_new()}, {.arena = arena_new()}};
    enum status status = OK;
    int64_t begun = clock_now_ms();
    filter.oldest_first = true;
    filter.limit = STORE_PAGE_MAX;
    for (unsigned turn = 0; status == OK && !is_interrupted; turn ^= 1U) {
        struct seen *now = &seen[turn];
        now->count = 0;
        arena_reset(now->arena);
        int64_t from = clock_now_ms() - LOOK_BACK_MS;
        filter.from = from < begun ? begun : from;
        status = follow_once_wait(installation, filter, &seen[turn ^ 1U], now);
        if (status == OK)
            status = fiber_sleep_wait(FOLLOW_PAUSE_MS);
    }
    arena_free(seen[0].arena);
    arena_free(seen[1].arena);
    return status == OK || status == CANCELED ? CLI_OK : installation_fail(installation, status);
}

static FIBER int list_wait(struct installation *installation, void *argument) {
    struct request *request = argument;
    struct store_environment environment = {.id = STR_NONE};
    int exit_status;
    if (!str_is_empty(request->place.environment) &&
        !installation_find_wait(installation, &request->place, &environment, &exit_status))
        return exit_status;
    struct store_audit_filter filter = filter_of(request, environment.id);
    exit_status = request->follow ? CLI_OK : print_page_wait(installation, &filter);
    return request->follow ? follow_wait(installation, filter) : exit_status;
}

static int list(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET, .limit = LIMIT_DEFAULT};
    const struct option options[] = {
        OPTIONS_DATA(request.place),
        OPTION_PRODUCT(request.place, 0),
        OPTION_ENVIRONMENT(request.place, 0),
        OPTION_TEXT("subject", "SUB", "what was done for this user of yours", &request.subject, 0),
        OPTION_TEXT("visitor", "ID", "what was done for this visitor", &request.visitor, 0),
        OPTION_TEXT("actor", "NAME", "what this administrator did: cli:ada", &request.actor, 0),
        OPTION_TEXT("tool", "NAME", "calls of this tool", &request.tool, 0),
        OPTION_TEXT("action", "WORD", "tool.call, secret.rotate, …", &request.action, 0),
        OPTION_TEXT("outcome", "WORD", "allowed, refused or failed", &request.outcome, 0),
        OPTION_NUMBER("limit", "N", "at most so many, the newest (default: 50, at most 500)", &request.limit,
                      0),
        OPTION_FLAG("follow", "print what happens from now on, until interrupted", &request.follow, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    if (request.limit < 1 || request.limit > STORE_PAGE_MAX)
        return cli_usage(cli, "--limit is 1 to %d", STORE_PAGE_MAX);
    if (request.follow) {
        signal(SIGINT, on_interrupt);
        signal(SIGTERM, on_interrupt);
    }
    return installation_run(cli, &request.place, NEEDS_STORE, list_wait, &request);
}

static const struct command command_list = {
    .name = "list",
    .summary = "List what was done, newest first.",
    .details = "Without --environment: what belongs to none, such as the making of products. All "
               "restrictions that are given "
               "hold together. With --json and --follow: one JSON object a line.",
    .run = list,
};

const struct command command_audit = {
    .name = "audit",
    .summary = "The audit log: who did what, for whom, and what came of it.",
    .subcommands = (const struct command *const[]){&command_list, NULL},
};
