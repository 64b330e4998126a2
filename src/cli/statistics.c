/* SPDX-License-Identifier: Apache-2.0 */
/* chatelaine statistics */
#include "cli/client.h"

struct request {
    struct place place;
    struct str from, until, step;
    bool required;
};

static void print_figures(const struct client *client, const json_t *json) {
    static const struct table_column columns[] = {COLUMN("WHAT", "name"), COLUMN("OF WHICH", "label"),
                                                  COLUMN_AS("COUNT", "total", cell_number), COLUMN_END};
    cli_say("From %.*s to %.*s UTC", STR_ARG(cell_time(client->arena, json, "from")),
            STR_ARG(cell_time(client->arena, json, "until")));
    table_print(client->arena, json_get_array(json, "series"), columns, "Nothing has happened.");
    const json_t *latency = json_get_object(json, "latencyTotal");
    const json_t *median = json_object_get(latency, "p50");
    if (json_is_number(median))
        cli_say("Answers: half within %.1f ms, 95 %% within %.1f ms, 99 %% within %.1f ms",
                json_number_value(median), json_number_value(json_object_get(latency, "p95")),
                json_number_value(json_object_get(latency, "p99")));
}

static void print_required(const struct client *client, const json_t *json) {
    static const struct table_column columns[] = {COLUMN_AS("COUNT", "count", cell_number),
                                                  COLUMN("REASON", "reason"), COLUMN("DETAIL", "detail"),
                                                  COLUMN("IN WORDS", "message"), COLUMN_END};
    const json_t *reasons = json_get_array(json, "byReason");
    cli_say("Of the last 24 hours' %.*s messages, %.*s would be refused if sign-in were required (it is %.*s "
            "now).",
            STR_ARG(cell_number(client->arena, json, "messages")),
            STR_ARG(cell_number(client->arena, json, "wouldBeRefused")),
            STR_ARG(json_get_str(json, "enforcement")));
    if (json_array_size(reasons) > 0)
        table_print(client->arena, reasons, columns, "");
}

static FIBER int show_wait(struct client *client, void *argument) {
    const struct request *request = argument;
    struct client_answer answer;
    int exit_status;
    const struct client_request get = {
        .method = "GET",
        .path = request->required ? CLIENT_PATH_HERE(client, STR("statistics"), STR("required"))
                                  : CLIENT_PATH_HERE(client, STR("statistics")),
        .query = {{"from", request->from}, {"until", request->until}, {"step", request->step}}};
    if (!client_call_wait(client, &get, &answer, &exit_status))
        return exit_status;
    if (!cli_printed_as_json(client->cli, answer.json))
        (request->required ? print_required : print_figures)(client, answer.json);
    return CLI_OK;
}

static int show(struct cli *cli) {
    struct request request = {.place = PLACE_UNSET};
    const struct option options[] = {
        OPTIONS_PLACE(request.place),
        OPTION_TEXT("from", "TIME", "not before: 2026-01-31T09:30:00Z (default: a day ago)", &request.from,
                    0),
        OPTION_TEXT("until", "TIME", "before (default: now)", &request.until, 0),
        OPTION_TEXT("step", "SECONDS", "with --json, counted in steps of 300, 3600 or 86400", &request.step,
                    0),
        OPTION_FLAG("required", "what requiring sign-in would have refused in the last day",
                    &request.required, 0),
        OPTION_END};
    int exit_status;
    if (!options_read(cli, options, NULL, &exit_status))
        return exit_status;
    return client_run_in_environment(cli, &request.place, show_wait, &request);
}

const struct command command_statistics = {
    .name = "statistics",
    .summary = "How many messages, verifications and tool calls, and what came of them.",
    .run = show,
};
