/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's counters, by environment, and the fiber that writes what they hold. An environment's counters
 * stay as long as somebody counts with them or they hold something: so there are no more of them than
 * environments in use. */
#include "statistics/statistics.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "statistics/counters.h"

#include <stddef.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct owned {
    struct statistics_counters public; /* first: what others count with */
    struct statistics *owner;          /* NULL: that has gone */
    struct owned *next_in_bucket;
    struct owned *newer, *older; /* in the list of all */
    unsigned references;
    struct str environment;
    char text[];
};

struct statistics {
    struct store *store;
    struct statistics_fetches *fetches; /* NULL: another thread's */
    struct timer timer;
    bool is_writing;
    struct owned *buckets[BUCKETS];
    struct owned *newest;
};

struct statistics *statistics_new(struct store *store) {
    struct statistics *statistics = mem_alloc_zero(sizeof *statistics);
    statistics->store = store;
    return statistics;
}

void statistics_set_fetches(struct statistics *statistics, struct statistics_fetches *fetches) {
    statistics->fetches = fetches;
}

/* ---- counters ---- */

static struct owned **place_of(struct statistics *statistics, struct str environment) {
    struct owned **at = &statistics->buckets[str_hash(environment) % BUCKETS];
    while (*at != NULL && !str_equal((*at)->environment, environment))
        at = &(*at)->next_in_bucket;
    return at;
}

struct statistics_counters *statistics_take(struct statistics *statistics, struct str environment) {
    if (statistics == NULL)
        return NULL;
    struct owned **place = place_of(statistics, environment);
    if (*place == NULL) {
        struct owned *made = mem_alloc_zero(sizeof *made + environment.len);
        memcpy(made->text, environment.at, environment.len);
        made->environment = str_of(made->text, environment.len);
        made->owner = statistics;
        made->older = statistics->newest;
        if (made->older != NULL)
            made->older->newer = made;
        statistics->newest = made;
        *place = made;
    }
    (*place)->references++;
    return &(*place)->public;
}

static void counters_free(struct owned *owned) {
    mem_free(owned->public.latency);
    mem_free(owned);
}

static void counters_drop(struct owned *owned) {
    struct statistics *statistics = owned->owner;
    *place_of(statistics, owned->environment) = owned->next_in_bucket;
    *(owned->newer != NULL ? &owned->newer->older : &statistics->newest) = owned->older;
    if (owned->older != NULL)
        owned->older->newer = owned->newer;
    counters_free(owned);
}

/* What it holds is written first: the next flush drops it. */
void statistics_release(struct statistics_counters *counters) {
    struct owned *owned = (struct owned *)counters;
    if (owned != NULL && --owned->references == 0 && owned->owner == NULL)
        counters_free(owned);
}

void statistics_free(struct statistics *statistics) {
    if (statistics == NULL)
        return;
    for (struct owned *owned = statistics->newest, *older; owned != NULL; owned = older) {
        older = owned->older;
        owned->owner = NULL;
        if (owned->references == 0)
            counters_free(owned);
    }
    mem_free(statistics);
}

/* ---- writing ---- */

/* A flush: what it takes out of the counters it holds on to until it is written. */
struct flush {
    struct statistics *statistics;
    struct pending pending;
    struct owned **held;
    size_t held_count;
};

static struct flush *take_all(struct statistics *statistics) {
    struct arena *arena = arena_new();
    struct flush *flush = ARENA_NEW(arena, struct flush);
    flush->statistics = statistics;
    flush->pending = (struct pending){.arena = arena, .now_ms = clock_now_ms()};
    size_t count = 0;
    for (const struct owned *owned = statistics->newest; owned != NULL; owned = owned->older)
        count++;
    flush->held = arena_alloc_array(arena, count, sizeof(struct owned *));
    for (struct owned *owned = statistics->newest, *older; owned != NULL; owned = older) {
        size_t before = flush->pending.count;
        older = owned->older;
        pending_take_counters(&flush->pending, owned->environment, &owned->public);
        if (flush->pending.count > before) {
            owned->references++;
            flush->held[flush->held_count++] = owned;
        } else if (owned->references == 0) {
            counters_drop(owned);
        }
    }
    if (statistics->fetches != NULL)
        fetches_take(statistics->fetches, &flush->pending);
    return flush;
}

static void put_back(struct flush *flush, size_t from) {
    for (size_t i = from; i < flush->pending.count; i++) {
        const struct pending_figure *figure = &flush->pending.at[i];
        if (str_equal(figure->figure.name, STATISTICS_FETCHES)) {
            fetches_put_back(flush->statistics->fetches, figure);
            continue;
        }
        *figure->counted += (uint32_t)figure->figure.counted;
        if (figure->total != NULL)
            *figure->total += (uint64_t)figure->figure.total;
    }
}

static void write_wait(void *argument) {
    struct flush *flush = argument;
    size_t count = flush->pending.count;
    size_t done = 0;
    struct store_figure *figures = arena_alloc_array(flush->pending.arena, count, sizeof *figures);
    for (size_t i = 0; i < count; i++)
        figures[i] = flush->pending.at[i].figure;
    fiber_shield(); /* what was counted before the end is written at the end */
    enum status status = store_figures_add_wait(flush->statistics->store, figures, count, &done);
    fiber_unshield();
    if (status == OK)
        return;
    put_back(flush, done);
    log_event(LOG_WARNING, "statistics-not-written", LOG_STR("why", str_from(status_name(status))));
}

static void written(void *argument) {
    struct flush *flush = argument;
    flush->statistics->is_writing = false;
    for (size_t i = 0; i < flush->held_count; i++)
        statistics_release(&flush->held[i]->public);
    arena_free(flush->pending.arena); /* `flush` itself lives in it */
}

bool statistics_flush(struct statistics *statistics) {
    if (statistics->is_writing || statistics->store == NULL)
        return statistics->is_writing;
    struct flush *flush = take_all(statistics);
    if (flush->pending.count == 0) {
        arena_free(flush->pending.arena);
        return false;
    }
    statistics->is_writing = true;
    fiber_start(write_wait, flush, written);
    return true;
}

static void on_timer(struct timer *timer) {
    struct statistics *statistics = (struct statistics *)((char *)timer - offsetof(struct statistics, timer));
    if (loop_is_ending(loop_current()))
        return;
    statistics_flush(statistics);
    timer_start(loop_current(), timer, STATISTICS_FLUSH_MS, on_timer);
}

void statistics_start(struct statistics *statistics) {
    timer_start(loop_current(), &statistics->timer, STATISTICS_FLUSH_MS, on_timer);
}
