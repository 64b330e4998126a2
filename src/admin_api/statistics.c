/* SPDX-License-Identifier: Apache-2.0 */
/* Figures over time. */
#include "statistics/statistics.h"

#include "admin_api/people.h"
#include "admin_api/routes.h"
#include "base/clock.h"

#include <string.h>

enum { STEPS_MAX = 400, STEPS_FINE = 150 /* where none was asked for */, SERIES_MAX = 256 };

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

/* ---- what was asked ---- */

struct range {
    int64_t step_ms, from, until; /* both on a step */
    size_t count;
};

static bool read_time(struct call *call, const char *name, int64_t *ms) {
    struct str text = call_query(call, name);
    if (text.at == NULL || time_read(text, ms) == OK)
        return true;
    return call_problem(call, 400, "query-invalid",
                        "`%s` must be a time as RFC 3339 has them: 2026-01-31T09:30:00Z.", name);
}

static size_t count_steps(const struct range *range) {
    int64_t from = range->from / range->step_ms * range->step_ms;
    return range->until <= from ? 0 : (size_t)((range->until - from + range->step_ms - 1) / range->step_ms);
}

/* The smallest step that fits where none was asked for. */
static bool choose_step(struct call *call, struct range *range) {
    static const int64_t steps[] = {STORE_STEP_MINUTES, STORE_STEP_HOUR, STORE_STEP_DAY};
    int64_t wanted = 0;
    if (!call_query_number(call, "step", STORE_STEP_MINUTES, STORE_STEP_DAY, &wanted))
        return false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        range->step_ms = steps[i] * 1000;
        if (wanted == steps[i] || (wanted == 0 && count_steps(range) <= STEPS_FINE))
            break;
        if (i + 1 == sizeof steps / sizeof *steps && wanted != 0)
            return call_problem(call, 400, "query-invalid", "`step` must be 300, 3600 or 86400 seconds.");
    }
    range->count = count_steps(range);
    return range->count <= STEPS_MAX ||
           call_problem(call, 422, "too-many-steps",
                        "That is more than %d steps. Ask for a shorter time, or for a longer step.",
                        STEPS_MAX);
}

static bool read_range(struct call *call, struct range *range) {
    *range = (struct range){.until = clock_now_ms() + 1};
    if (!read_time(call, "until", &range->until))
        return false;
    range->from = range->until - DAY_MS;
    if (!read_time(call, "from", &range->from))
        return false;
    if (range->from < 0 || range->until <= range->from)
        return call_problem(call, 400, "query-invalid", "`from` must be a time before `until`.");
    if (!choose_step(call, range))
        return false;
    range->from = range->from / range->step_ms * range->step_ms;
    range->until = range->from + (int64_t)range->count * range->step_ms;
    return true;
}

/* ---- series ---- */

struct series {
    struct str name, label;
    int64_t total;
    int64_t *counts;
};

struct sheet {
    struct arena *arena;
    const struct range *range;
    struct series series[SERIES_MAX];
    size_t count;
    struct statistics_spread *spreads; /* one a step */
    struct statistics_spread *total;
};

static struct series *series_of(struct sheet *sheet, struct str name, struct str label) {
    for (size_t i = 0; i < sheet->count; i++) {
        if (str_equal(sheet->series[i].name, name) && str_equal(sheet->series[i].label, label))
            return &sheet->series[i];
    }
    if (sheet->count == SERIES_MAX) /* labels are closed sets: a hand was in the database */
        return NULL;
    struct series *made = &sheet->series[sheet->count++];
    *made = (struct series){.name = name,
                            .label = label,
                            .counts = arena_alloc_array(sheet->arena, sheet->range->count, sizeof(int64_t))};
    return made;
}

/* Those that a reader looks for are there also where nothing was counted. */
static void add_expected(struct sheet *sheet) {
    series_of(sheet, STATISTICS_MESSAGES, STR("verified"));
    series_of(sheet, STATISTICS_MESSAGES, STR("anonymous"));
    series_of(sheet, STATISTICS_VERIFICATIONS, STR("ok"));
    series_of(sheet, STATISTICS_TOOL_CALLS, STR("allowed"));
    series_of(sheet, STATISTICS_TOOL_CALLS, STR("refused"));
    series_of(sheet, STATISTICS_TOOL_CALLS, STR("failed"));
    series_of(sheet, STATISTICS_FETCHES, STR("ok"));
    series_of(sheet, STATISTICS_FETCHES, STR("failed"));
}

static void add_figure(struct sheet *sheet, const struct store_figure *figure) {
    size_t step = (size_t)((figure->at - sheet->range->from) / sheet->range->step_ms);
    if (step >= sheet->range->count)
        return;
    if (str_equal(figure->name, STATISTICS_LATENCY)) {
        statistics_spread_add(&sheet->spreads[step], figure);
        statistics_spread_add(sheet->total, figure);
        return;
    }
    struct series *series = series_of(sheet, figure->name, figure->label);
    if (series == NULL)
        return;
    series->counts[step] += figure->counted;
    series->total += figure->counted;
}

/* ---- as JSON ---- */

static void set_percentile(json_t *json, const char *name, const struct statistics_spread *spread,
                           double percent) {
    double ms = statistics_spread_percentile(spread, percent);
    json_object_set_new(json, name, ms < 0 ? json_null() : json_real(ms));
}

static json_t *spread_json(const struct statistics_spread *spread) {
    json_t *json = json_object();
    set_percentile(json, "p50", spread, 50);
    set_percentile(json, "p95", spread, 95);
    set_percentile(json, "p99", spread, 99);
    set_number(json, "count", statistics_spread_count(spread));
    return json;
}

static json_t *series_json(const struct series *series, size_t steps) {
    json_t *json = json_object();
    json_t *counts = json_array();
    for (size_t i = 0; i < steps; i++)
        json_array_append_new(counts, json_integer(series->counts[i]));
    set_text(json, "name", series->name);
    set_text(json, "label", series->label);
    json_object_set_new(json, "counts", counts);
    set_number(json, "total", series->total);
    return json;
}

static json_t *sheet_json(const struct sheet *sheet) {
    const struct range *range = sheet->range;
    json_t *json = json_object();
    json_t *at = json_array();
    json_t *series = json_array();
    json_t *latency = json_array();
    for (size_t i = 0; i < range->count; i++) {
        json_array_append_new(
            at, json_from_str(time_text(sheet->arena, range->from + (int64_t)i * range->step_ms)));
        json_array_append_new(latency, spread_json(&sheet->spreads[i]));
    }
    for (size_t i = 0; i < sheet->count; i++)
        json_array_append_new(series, series_json(&sheet->series[i], range->count));
    set_number(json, "step", range->step_ms / 1000);
    set_time(json, "from", range->from);
    set_time(json, "until", range->until);
    json_object_set_new(json, "at", at);
    json_object_set_new(json, "series", series);
    json_object_set_new(json, "latency", latency);
    json_object_set_new(json, "latencyTotal", spread_json(sheet->total));
    return json;
}

void statistics_read(struct call *call) {
    struct range range;
    struct store_figures figures;
    if (!read_range(call, &range))
        return;
    enum status status = store_figures_list_wait(call->api->store, call->arena, call->environment.id,
                                                 range.step_ms / 1000, range.from, range.until, &figures);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    struct sheet *sheet = ARENA_NEW(call->arena, struct sheet);
    sheet->arena = call->arena;
    sheet->range = &range;
    sheet->spreads = arena_alloc_array(call->arena, range.count, sizeof *sheet->spreads);
    sheet->total = ARENA_NEW(call->arena, struct statistics_spread);
    add_expected(sheet);
    for (size_t i = 0; i < figures.count; i++)
        add_figure(sheet, &figures.at[i]);
    call_answer(call, 200, sheet_json(sheet));
}

/* ---- what `required` would have refused ---- */

struct required {
    int64_t counts[IDENTITY_DETAILS];
    int64_t messages, refused;
};

static void add_required(struct required *required, const struct store_figure *figure) {
    struct str label = figure->label;
    struct str reason;
    if (str_equal(figure->name, STATISTICS_MESSAGES))
        required->messages += figure->counted;
    if (!str_equal(figure->name, STATISTICS_REQUIRED) || !str_cut(&label, '/', &reason))
        return;
    for (int detail = 0; detail < IDENTITY_DETAILS; detail++) {
        if (str_equal(label, str_from(identity_words((enum identity_detail)detail)->detail))) {
            required->counts[detail] += figure->counted;
            required->refused += figure->counted;
        }
    }
}

/* The most frequent first. */
static json_t *by_reason(struct required *required) {
    json_t *list = json_array();
    for (;;) {
        int most = 0;
        for (int detail = 1; detail < IDENTITY_DETAILS; detail++)
            most = required->counts[detail] > required->counts[most] ? detail : most;
        if (required->counts[most] == 0)
            return list;
        const struct identity_words *words = identity_words((enum identity_detail)most);
        json_t *one = json_object();
        set_text(one, "reason", str_from(identity_reason_name(words->reason)));
        set_text(one, "detail", str_from(words->detail));
        set_text(one, "message", str_from(words->sentence));
        set_number(one, "count", required->counts[most]);
        json_array_append_new(list, one);
        required->counts[most] = 0;
    }
}

static struct str enforcement_of(struct call *call) {
    json_auto_t *config = NULL;
    if (json_read(call->environment.config, JSON_DEPTH_DOCUMENT, &config, NULL) != OK)
        return STR("off");
    struct str word = json_get_str(json_get_object(config, "signIn"), "enforcement");
    bool is_on = str_equal(word, STR("optional")) || str_equal(word, STR("required"));
    return is_on ? arena_copy(call->arena, word) : STR("off");
}

void statistics_required(struct call *call) {
    struct store_figures figures;
    int64_t step_ms = STORE_STEP_MINUTES * 1000LL;
    int64_t now = clock_now_ms();
    int64_t since = (now - DAY_MS) / step_ms * step_ms;
    enum status status = store_figures_list_wait(call->api->store, call->arena, call->environment.id,
                                                 STORE_STEP_MINUTES, since, now + step_ms, &figures);
    if (status != OK) {
        call_refuse(call, status, STR_NONE);
        return;
    }
    struct required required = {.messages = 0};
    for (size_t i = 0; i < figures.count; i++)
        add_required(&required, &figures.at[i]);
    json_t *json = json_object();
    set_time(json, "since", since);
    set_text(json, "enforcement", enforcement_of(call));
    set_number(json, "messages", required.messages);
    set_number(json, "wouldBeRefused", required.refused);
    json_object_set_new(json, "byReason", by_reason(&required));
    call_answer(call, 200, json);
}
