/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of each environment: messages, verifications, tool calls, how long answers take, key sets
 * fetched. Each front thread counts for itself, without a lock; what was counted is added to the store every
 * few seconds and at the end, so that a crash loses those seconds. Labels are closed sets: nothing from
 * outside ever names a figure. */
#pragma once

#include "identity/identity.h"
#include "store/figures.h"

struct statistics; /* a front thread's */

enum statistics_tool { STATISTICS_TOOL_ALLOWED, STATISTICS_TOOL_REFUSED, STATISTICS_TOOL_FAILED };
enum { STATISTICS_TOOLS = 3, STATISTICS_FLUSH_MS = 5000 };

struct statistics_latency;

/* Of one environment, on one thread: counted by adding one. */
struct statistics_counters {
    uint32_t messages_verified, messages_anonymous;
    uint32_t verified;                   /* tokens found good */
    uint32_t refused[IDENTITY_DETAILS];  /* tokens that were not */
    uint32_t required[IDENTITY_DETAILS]; /* messages that `required` would have refused */
    uint32_t tools[STATISTICS_TOOLS];
    struct statistics_latency *latency; /* NULL as long as nothing was answered */
};

/* `store` may be NULL: nothing is written. On the thread's loop; ended by statistics_flush, then
 * statistics_free. */
struct statistics *statistics_new(struct store *store);
/* Begins to write every few seconds; within the loop. */
void statistics_start(struct statistics *statistics);
/* Begins to write now what was not written. False: there is nothing. */
bool statistics_flush(struct statistics *statistics);
void statistics_free(struct statistics *statistics);

/* A reference; the counters stay until it is given back and what they hold is written. NULL for NULL. */
struct statistics_counters *statistics_take(struct statistics *statistics, struct str environment);
void statistics_release(struct statistics_counters *counters); /* NULL is fine */

/* All of these take NULL: not counted. */
static inline void statistics_count_verified(struct statistics_counters *counters) {
    if (counters != NULL)
        counters->verified++;
}
static inline void statistics_count_refused(struct statistics_counters *counters,
                                            enum identity_detail detail) {
    if (counters != NULL && detail < IDENTITY_DETAILS)
        counters->refused[detail]++;
}
static inline void statistics_count_message(struct statistics_counters *counters, bool is_verified) {
    if (counters != NULL)
        ++*(is_verified ? &counters->messages_verified : &counters->messages_anonymous);
}
/* A message that would not have been answered where sign-in is `required`. */
static inline void statistics_count_required(struct statistics_counters *counters,
                                             enum identity_detail detail) {
    if (counters != NULL && detail < IDENTITY_DETAILS)
        counters->required[detail]++;
}
static inline void statistics_count_tool(struct statistics_counters *counters, enum statistics_tool outcome) {
    if (counters != NULL)
        counters->tools[outcome]++;
}
/* From the message's arrival to the end of its answer. */
void statistics_count_latency(struct statistics_counters *counters, int64_t us);

/* ---- key sets fetched: by one thread for all ---- */

/* One a process; any thread may call these. */
struct statistics_fetches;
struct statistics_fetches *statistics_fetches_new(void);
void statistics_fetches_free(struct statistics_fetches *fetches);
/* The environment's tokens are verified by this key set. */
void statistics_fetches_expect(struct statistics_fetches *fetches, struct str environment, struct str url);
void statistics_fetches_note(struct statistics_fetches *fetches, struct str url, bool is_good);
/* One of the threads writes them with its own. */
void statistics_set_fetches(struct statistics *statistics, struct statistics_fetches *fetches);

/* ---- figures as they are stored ---- */

#define STATISTICS_MESSAGES      STR("messages")        /* "verified", "anonymous" */
#define STATISTICS_VERIFICATIONS STR("verifications")   /* "ok", or reason and detail: "expired/exp-passed" */
#define STATISTICS_REQUIRED      STR("required")        /* reason and detail */
#define STATISTICS_TOOL_CALLS    STR("tool-calls")      /* "allowed", "refused", "failed" */
#define STATISTICS_LATENCY       STR("latency")         /* a bucket's number; `total` is the sum in us */
#define STATISTICS_FETCHES       STR("key-set-fetches") /* "ok", "failed" */

/* ---- latencies: eight buckets for each doubling, so that what is read from them is good to 12 % ---- */

enum { STATISTICS_BUCKETS = 176 };
unsigned statistics_bucket_of(int64_t us);
struct statistics_spread {
    int64_t counted[STATISTICS_BUCKETS], total[STATISTICS_BUCKETS];
};
/* Adds a figure of STATISTICS_LATENCY; others, and labels that are none, are left out. */
void statistics_spread_add(struct statistics_spread *spread, const struct store_figure *figure);
int64_t statistics_spread_count(const struct statistics_spread *spread);
/* How long `percent` of them took at most, in milliseconds; negative where there are none. */
double statistics_spread_percentile(const struct statistics_spread *spread, double percent);
