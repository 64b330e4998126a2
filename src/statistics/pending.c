/* SPDX-License-Identifier: Apache-2.0 */
/* Counters become figures. */
#include "statistics/counters.h"

#include <string.h>

void pending_take(struct pending *pending, struct str environment, struct str name, struct str label,
                  uint32_t *counted, uint64_t *total) {
    if (*counted == 0)
        return;
    if (pending->count == pending->capacity) {
        size_t capacity = pending->capacity == 0 ? 32 : pending->capacity * 2;
        struct pending_figure *grown = arena_alloc_array(pending->arena, capacity, sizeof *grown);
        if (pending->count > 0)
            memcpy(grown, pending->at, pending->count * sizeof *grown);
        pending->at = grown;
        pending->capacity = capacity;
    }
    pending->at[pending->count++] = (struct pending_figure){
        .figure = {.environment = environment,
                   .at = pending->now_ms,
                   .name = name,
                   .label = label,
                   .counted = *counted,
                   .total = total != NULL ? (int64_t)*total : 0},
        .counted = counted,
        .total = total,
    };
    *counted = 0;
    if (total != NULL)
        *total = 0;
}

static struct str detail_label(struct arena *arena, enum identity_detail detail) {
    const struct identity_words *words = identity_words(detail);
    return arena_print(arena, "%s/%s", identity_reason_name(words->reason), words->detail);
}

static void take_details(struct pending *pending, struct str environment, struct str name,
                         uint32_t counted[IDENTITY_DETAILS]) {
    for (int detail = 0; detail < IDENTITY_DETAILS; detail++) {
        if (counted[detail] > 0)
            pending_take(pending, environment, name,
                         detail_label(pending->arena, (enum identity_detail)detail), &counted[detail], NULL);
    }
}

void pending_take_counters(struct pending *pending, struct str environment,
                           struct statistics_counters *counters) {
    static const struct str outcomes[STATISTICS_TOOLS] = {STR_STATIC("allowed"), STR_STATIC("refused"),
                                                          STR_STATIC("failed")};
    pending_take(pending, environment, STATISTICS_MESSAGES, STR("verified"), &counters->messages_verified,
                 NULL);
    pending_take(pending, environment, STATISTICS_MESSAGES, STR("anonymous"), &counters->messages_anonymous,
                 NULL);
    pending_take(pending, environment, STATISTICS_VERIFICATIONS, STR("ok"), &counters->verified, NULL);
    take_details(pending, environment, STATISTICS_VERIFICATIONS, counters->refused);
    take_details(pending, environment, STATISTICS_REQUIRED, counters->required);
    for (int i = 0; i < STATISTICS_TOOLS; i++)
        pending_take(pending, environment, STATISTICS_TOOL_CALLS, outcomes[i], &counters->tools[i], NULL);
    struct statistics_latency *latency = counters->latency;
    for (unsigned i = 0; latency != NULL && i < STATISTICS_BUCKETS; i++) {
        if (latency->counted[i] > 0)
            pending_take(pending, environment, STATISTICS_LATENCY, arena_print(pending->arena, "%u", i),
                         &latency->counted[i], &latency->total[i]);
    }
}
