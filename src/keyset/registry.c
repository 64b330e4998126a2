/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset/registry.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "keyset/fetch.h"
#include "keyset/life.h"

#include <signal.h>
#include <stdlib.h>

/* ---- the table ---- */

static struct entry **bucket_of(struct keyset_registry *registry, struct str url) {
    return &registry->buckets[str_hash(url) % REGISTRY_BUCKETS];
}

static struct entry *find(struct keyset_registry *registry, struct str url) {
    struct entry *entry = *bucket_of(registry, url);
    while (entry != NULL && !str_equal(entry->slot->url, url))
        entry = entry->next;
    return entry;
}

static void drop(struct entry *entry) {
    struct keyset_registry *registry = entry->registry;
    struct entry **link = bucket_of(registry, entry->slot->url);
    while (*link != entry)
        link = &(*link)->next;
    pthread_mutex_lock(&registry->lock);
    *link = entry->next;
    registry->count--;
    pthread_mutex_unlock(&registry->lock);
    timer_stop(registry->loop, &entry->timer);
    atomic_store_explicit(&entry->slot->is_dropped, true, memory_order_release);
    slot_release(entry->slot);
    mem_free(entry);
}

static bool is_busy(const struct entry *entry) {
    return entry->is_fetching || entry->waiting != NULL;
}

/* Makes room by forgetting the set that was asked for longest ago. */
static bool make_room(struct keyset_registry *registry) {
    if (registry->count < registry->options.max_sets)
        return true;
    struct entry *oldest = NULL;
    for (size_t i = 0; i < REGISTRY_BUCKETS; i++) {
        for (struct entry *entry = registry->buckets[i]; entry != NULL; entry = entry->next) {
            if (!is_busy(entry) && (oldest == NULL || atomic_load(&entry->slot->used_at_ms) <
                                                          atomic_load(&oldest->slot->used_at_ms)))
                oldest = entry;
        }
    }
    if (oldest == NULL)
        return false;
    drop(oldest);
    return true;
}

static struct entry *add(struct keyset_registry *registry, struct str url) {
    struct entry *entry = mem_alloc_zero(sizeof *entry);
    entry->registry = registry;
    entry->slot = slot_new(url);
    pthread_mutex_lock(&registry->lock);
    struct entry **bucket = bucket_of(registry, url);
    entry->next = *bucket;
    *bucket = entry;
    registry->count++;
    pthread_mutex_unlock(&registry->lock);
    return entry;
}

/* ---- answers ---- */

static void answer(struct ask *ask, struct slot *slot, enum status status, enum keyset_problem problem,
                   struct str sentence) {
    if (ask->kind == ASK_REFRESH) { /* nobody waits for it */
        job_done(&ask->job);
        return;
    }
    ask->slot = slot == NULL ? NULL : slot_refer(slot);
    ask->status = status;
    ask->problem = problem;
    ask->sentence = arena_copy(ask->arena, sentence);
    job_done(&ask->job);
}

static void answer_fine(struct ask *ask, struct slot *slot) {
    answer(ask, slot, OK, KEYSET_FINE, STR_NONE);
}

/* With what the last fetch came to. */
static void answer_with_last(struct ask *ask, struct slot *slot) {
    struct keyset_health health;
    slot_read_health(slot, ask->arena, &health);
    answer(ask, slot, UNAVAILABLE, health.problem, health.sentence);
}

/* The keys in a slot, of which only the address is looked at; NULL: none to be used. */
static const struct jose_key_set *keys_in(struct slot *slot) {
    uint64_t version;
    int64_t usable_until;
    struct jose_key_set *keys = slot_take(slot, slot_now_ms(), &version, &usable_until);
    jose_key_set_release(keys);
    return keys;
}

/* After the fetch of that number: whoever asked for it, or for an earlier one, goes on. */
static void answer_waiting(struct entry *entry, uint64_t fetch, enum status fetched) {
    struct ask **link = &entry->waiting;
    bool has_keys = keys_in(entry->slot) != NULL;
    while (*link != NULL) {
        struct ask *ask = *link;
        if (fetched != CANCELED && ask->fetch_wanted > fetch) {
            link = &ask->next;
            continue;
        }
        *link = ask->next;
        if (fetched == CANCELED)
            answer(ask, entry->slot, CANCELED, KEYSET_UNREACHABLE, STR_NONE);
        else if (fetched == OK || (has_keys && ask->kind != ASK_NOW))
            answer_fine(ask, entry->slot);
        else
            answer_with_last(ask, entry->slot);
    }
}

/* ---- fetching ---- */

static void on_timer(struct timer *timer);

static unsigned chance(void) {
    return (unsigned)random_below(1000);
}

static void plan(struct entry *entry, int64_t after_ms, bool is_a_try) {
    timer_start(entry->registry->loop, &entry->timer, after_ms, on_timer);
    slot_plan(entry->slot, is_a_try ? clock_now_s() + after_ms / 1000 : 0);
}

static void tell_of_fetch(const struct entry *entry, bool is_good) {
    const struct keyset_options *options = &entry->registry->options;
    if (options->on_fetch != NULL)
        options->on_fetch(options->listener, entry->slot->url, is_good);
}

static void take_keys(struct entry *entry, const struct fetched *fetched, int64_t began_ms) {
    struct keyset_registry *registry = entry->registry;
    int64_t stale_ms = registry->options.stale_ms;
    int64_t usable_ms = fetched->life_ms > stale_ms ? fetched->life_ms : stale_ms;
    slot_put(entry->slot, fetched->keys, fetched->digest, began_ms, fetched->life_ms, usable_ms);
    if (registry->options.on_document != NULL)
        registry->options.on_document(registry->options.listener, entry->slot->url, fetched->document,
                                      usable_ms - (slot_now_ms() - began_ms));
    atomic_fetch_add_explicit(&registry->fetched, 1, memory_order_relaxed);
    tell_of_fetch(entry, true);
    struct str shown = str_slice(entry->slot->url, 0, str_find_byte(entry->slot->url, '?'));
    bool is_news = entry->failures > 0 || entry->fetches == 1;
    log_event(is_news ? LOG_INFO : LOG_DEBUG, "key-set-fetched", LOG_STR("url", shown),
              LOG_INT("keys", jose_key_set_count(fetched->keys)),
              LOG_INT("skipped", jose_key_set_skipped_count(fetched->keys)));
    if (jose_key_set_leaked_private(fetched->keys))
        log_event(LOG_WARNING, "key-set-shows-private-keys", LOG_STR("url", shown));
    entry->failures = 0;
    /* Perhaps it means it, perhaps something has gone wrong there. */
    entry->empty = jose_key_set_count(fetched->keys) == 0 ? entry->empty + 1 : 0;
    int64_t again = life_until_refresh(fetched->life_ms, chance());
    int64_t soon = life_until_retry(&registry->options, entry->empty > 0 ? entry->empty : 1, chance());
    plan(entry, entry->empty > 0 && soon < again ? soon : again, true);
}

static void take_failure(struct entry *entry, const struct fetched *fetched) {
    struct keyset_registry *registry = entry->registry;
    atomic_fetch_add_explicit(&registry->failed, 1, memory_order_relaxed);
    tell_of_fetch(entry, false);
    entry->failures++;
    entry->failed_at_ms = slot_now_ms();
    bool keeps_old = keys_in(entry->slot) != NULL;
    log_event(LOG_WARNING, "key-set-fetch-failed",
              LOG_STR("url", str_slice(entry->slot->url, 0, str_find_byte(entry->slot->url, '?'))),
              LOG_STR("problem", str_from(keyset_problem_word(fetched->problem))),
              LOG_STR("message", fetched->sentence), LOG_INT("failures", entry->failures),
              LOG_STR("old_keys", keeps_old ? STR("in-use") : STR("none")));
    /* Without old keys nobody gains by trying in the background: the next request tries. */
    if (keeps_old)
        plan(entry, life_until_retry(&registry->options, entry->failures, chance()), true);
    else
        plan(entry, registry->options.idle_ms, false);
}

static void start_fetch(struct entry *entry);

/* Whether the same may succeed in a moment. What takes its whole time would keep those who wait for as long
 * again; and for an unknown key id an issuer is asked once. */
static bool may_pass(const struct entry *entry, const struct fetched *fetched) {
    for (const struct ask *ask = entry->waiting; ask != NULL; ask = ask->next) {
        if (ask->kind == ASK_UNKNOWN_KID)
            return false;
    }
    return fetched->problem == KEYSET_UNREACHABLE || fetched->is_server_error;
}

static FIBER enum status fetch_twice_wait(struct entry *entry, struct arena *arena, struct fetched *fetched) {
    const struct keyset_registry *registry = entry->registry;
    const struct keyset_options *options = &registry->options;
    struct str url = entry->slot->url;
    enum status status = fetch_keys_wait(registry->egress, options, url, arena, fetched);
    if (status != UNAVAILABLE || !may_pass(entry, fetched))
        return status;
    TRY(fiber_sleep_wait(options->retry_ms + options->retry_ms * (int64_t)chance() / 2000));
    return fetch_keys_wait(registry->egress, options, url, arena, fetched);
}

static void run_fetch(void *argument) {
    struct entry *entry = argument;
    struct keyset_registry *registry = entry->registry;
    AUTO_ARENA arena = arena_new();
    int64_t began_ms = slot_now_ms();
    uint64_t number = entry->fetches;
    struct fetched fetched = {0};
    enum status status = fetch_twice_wait(entry, arena, &fetched);
    if (status != CANCELED)
        slot_note(entry->slot, status != OK, fetched.problem, fetched.sentence);
    if (status == OK)
        take_keys(entry, &fetched, began_ms);
    else if (status != CANCELED)
        take_failure(entry, &fetched);
    jose_key_set_release(fetched.keys);
    entry->is_fetching = false;
    if (entry->unknown_kid_at_ms != 0)
        atomic_store_explicit(&entry->slot->quiet_until_ms,
                              entry->unknown_kid_at_ms + registry->options.unknown_kid_ms,
                              memory_order_relaxed);
    answer_waiting(entry, number, status);
    if (entry->waiting != NULL)
        start_fetch(entry); /* for those who want one that begins after they asked */
}

static void start_fetch(struct entry *entry) {
    entry->is_fetching = true;
    entry->fetches++;
    atomic_store_explicit(&entry->slot->quiet_until_ms, 0, memory_order_relaxed);
    fiber_start(run_fetch, entry, NULL);
}

static void on_timer(struct timer *timer) {
    struct entry *entry = (struct entry *)((char *)timer - offsetof(struct entry, timer));
    if (is_busy(entry))
        return; /* the fetch that is going on will plan the next */
    int64_t unused = slot_now_ms() - atomic_load_explicit(&entry->slot->used_at_ms, memory_order_relaxed);
    if (unused >= entry->registry->options.idle_ms || (entry->failures > 0 && keys_in(entry->slot) == NULL))
        drop(entry);
    else
        start_fetch(entry);
}

/* ---- questions ---- */

/* Waits for the fetch that is going on or, where it must be one that begins now, for the next. */
static void wait_for_fetch(struct entry *entry, struct ask *ask, bool is_new_one) {
    bool joins = entry->is_fetching && !is_new_one;
    ask->fetch_wanted = joins ? entry->fetches : entry->fetches + 1;
    ask->next = entry->waiting;
    entry->waiting = ask;
    if (!entry->is_fetching)
        start_fetch(entry);
}

static void get(struct entry *entry, struct ask *ask) {
    const struct keyset_options *options = &entry->registry->options;
    if (keys_in(entry->slot) != NULL)
        answer_fine(ask, entry->slot);
    else if (!entry->is_fetching && entry->failures > 0 &&
             slot_now_ms() - entry->failed_at_ms < options->failure_ms)
        answer_with_last(ask, entry->slot);
    else
        wait_for_fetch(entry, ask, false);
}

static void refresh_for_unknown_kid(struct entry *entry, struct ask *ask) {
    const struct keyset_options *options = &entry->registry->options;
    const struct jose_key_set *keys = keys_in(entry->slot);
    int64_t now = slot_now_ms();
    bool may_fetch =
        entry->unknown_kid_at_ms == 0 || now - entry->unknown_kid_at_ms >= options->unknown_kid_ms;
    bool is_worth_a_fetch = keys == NULL || keys == ask->seen;
    if (is_worth_a_fetch && may_fetch) {
        entry->unknown_kid_at_ms = now;
        wait_for_fetch(entry, ask, true);
    } else if (is_worth_a_fetch && entry->is_fetching) {
        wait_for_fetch(entry, ask, false);
    } else if (keys != NULL) {
        answer_fine(ask, entry->slot);
    } else {
        answer_with_last(ask, entry->slot);
    }
}

static void work_ask(struct job *job) {
    struct ask *ask = (struct ask *)job;
    struct keyset_registry *registry = ask->registry;
    struct entry *entry = find(registry, ask->url);
    if (entry == NULL && ask->kind == ASK_REFRESH) { /* who asks for it next fetches it anyway */
        job_done(job);
        return;
    }
    if (entry == NULL && !make_room(registry)) {
        answer(ask, NULL, UNAVAILABLE, KEYSET_UNREACHABLE, STR("Too many key sets are being fetched."));
        return;
    }
    if (entry == NULL)
        entry = add(registry, ask->url);
    if (ask->kind != ASK_REFRESH)
        slot_use(entry->slot, slot_now_ms());
    if (ask->kind == ASK_GET)
        get(entry, ask);
    else if (ask->kind == ASK_UNKNOWN_KID)
        refresh_for_unknown_kid(entry, ask);
    else
        wait_for_fetch(entry, ask, true);
}

struct ask *ask_new(struct keyset_registry *registry, enum ask_kind kind, struct str url,
                    const struct jose_key_set *seen) {
    struct ask *ask = mem_alloc_zero(sizeof *ask);
    ask->job.work = work_ask;
    ask->job.free = ask_free;
    ask->registry = registry;
    ask->arena = arena_new();
    ask->kind = kind;
    ask->url = arena_copy(ask->arena, url);
    ask->seen = jose_key_set_retain(seen);
    return ask;
}

void ask_free(struct job *job) {
    struct ask *ask = (struct ask *)job;
    jose_key_set_release(ask->seen);
    slot_release(ask->slot);
    arena_free(ask->arena);
    mem_free(ask);
}

void keyset_refresh(struct keyset_registry *registry, struct str url) {
    job_send(&ask_new(registry, ASK_REFRESH, url, NULL)->job, registry->loop);
}

enum status registry_ask_wait(struct ask *ask) {
    return job_wait(&ask->job, ask->registry->loop);
}

/* ---- life ---- */

static void *run_thread(void *argument) {
    struct keyset_registry *registry = argument;
    pthread_setname_np(pthread_self(), "key-sets");
    loop_run(registry->loop);
    return NULL;
}

struct keyset_registry *keyset_registry_new(struct egress *egress, const struct keyset_options *options) {
    struct keyset_registry *registry = mem_alloc_zero(sizeof *registry);
    registry->options = life_defaults(options);
    registry->egress = egress;
    registry->loop = loop_new();
    pthread_mutex_init(&registry->lock, NULL);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the main thread's business */
    if (pthread_create(&registry->thread, NULL, run_thread, registry) != 0)
        abort(); /* no thread to be had, before the process has begun to work */
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return registry;
}

void keyset_registry_free(struct keyset_registry *registry) {
    if (registry == NULL)
        return;
    loop_stop(registry->loop); /* cancels the fetches that are going on */
    pthread_join(registry->thread, NULL);
    for (size_t i = 0; i < REGISTRY_BUCKETS; i++) {
        while (registry->buckets[i] != NULL)
            drop(registry->buckets[i]);
    }
    loop_free(registry->loop);
    pthread_mutex_destroy(&registry->lock);
    mem_free(registry);
}

/* ---- health, for any thread ---- */

enum status keyset_read_health(struct keyset_registry *registry, struct str url, struct arena *arena,
                               struct keyset_health *health) {
    pthread_mutex_lock(&registry->lock);
    struct entry *entry = find(registry, url);
    struct slot *slot = entry == NULL ? NULL : slot_refer(entry->slot);
    pthread_mutex_unlock(&registry->lock);
    if (slot == NULL)
        return NOT_FOUND;
    slot_read_health(slot, arena, health);
    slot_release(slot);
    return OK;
}

size_t keyset_list_health(struct keyset_registry *registry, struct arena *arena, struct keyset_health *list,
                          size_t max) {
    size_t count = 0;
    pthread_mutex_lock(&registry->lock);
    for (size_t i = 0; i < REGISTRY_BUCKETS; i++) {
        for (struct entry *entry = registry->buckets[i]; entry != NULL && count < max; entry = entry->next)
            slot_read_health(entry->slot, arena, &list[count++]);
    }
    pthread_mutex_unlock(&registry->lock);
    return count;
}

void keyset_read_metrics(struct keyset_registry *registry, struct keyset_metrics *metrics) {
    AUTO_ARENA arena = arena_new();
    *metrics = (struct keyset_metrics){
        .fetched = atomic_load_explicit(&registry->fetched, memory_order_relaxed),
        .failed = atomic_load_explicit(&registry->failed, memory_order_relaxed),
    };
    pthread_mutex_lock(&registry->lock);
    metrics->sets = registry->count;
    for (size_t i = 0; i < REGISTRY_BUCKETS; i++) {
        for (struct entry *entry = registry->buckets[i]; entry != NULL; entry = entry->next) {
            struct keyset_health health;
            slot_read_health(entry->slot, arena, &health);
            metrics->stale += health.is_stale;
            metrics->without += health.key_count == 0;
        }
        arena_reset(arena);
    }
    pthread_mutex_unlock(&registry->lock);
}
