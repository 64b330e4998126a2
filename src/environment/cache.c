/* SPDX-License-Identifier: Apache-2.0 */
/* The environments that a front thread has in use, by the key that requests name them by. Those asked for
 * least recently go when it is full. Keys that do not exist, or lead to a configuration that does not read,
 * are remembered for a short while, so that somebody who tries does not reach the store, or the log, each
 * time; they are few, and the first to go. */
#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "environment/load.h"

#include <stdatomic.h>
#include <string.h>

enum {
    BUCKETS = 4096,
    PRESENT_MAX = 8192,
    ABSENT_MAX = 1024,
    ABSENT_MS = 5000,
    SLOTS = 1024,
};

/* Changes of this process, counted; and, by environment (some share a slot), the number of the last one. An
 * entry that was loaded before is not served any more. */
static _Atomic uint64_t changes;
static _Atomic uint64_t changed[SLOTS];

static size_t slot_of(struct str id) {
    return str_hash(id) % SLOTS;
}

/* Of two threads at once, the later change stands. */
void environment_changed(struct str id) {
    _Atomic uint64_t *last = &changed[slot_of(id)];
    uint64_t number = atomic_fetch_add(&changes, 1) + 1;
    uint64_t before = atomic_load(last);
    while (before < number && !atomic_compare_exchange_weak(last, &before, number))
        continue;
}

/* A fiber that waits for somebody else's load; on its own stack. */
struct waiter {
    struct fiber *fiber;
    struct waiter *next;
};

struct entry {
    struct entry *next_in_bucket;
    struct entry *newer, *older;     /* in its list, by last use */
    struct environment *environment; /* NULL: there is none of this key, or it is being loaded */
    enum status why_none;            /* NOT_FOUND or INVALID */
    struct waiter *waiters;
    int64_t loaded_at_ms;
    uint64_t loaded_at_change; /* how many there had been before it was read */
    size_t slot;
    bool is_loading;
    bool is_stale; /* changed while it was being loaded: load again */
    struct str key;
    char key_text[];
};

struct list {
    struct entry *newest, *oldest;
    size_t count;
};

struct environment_cache {
    struct store *store;
    const struct vault *vault;
    struct statistics *statistics; /* NULL: nothing is counted */
    struct statistics_fetches *fetches;
    struct list present, absent; /* entries that are being loaded are in neither */
    struct entry *buckets[BUCKETS];
};

struct environment_cache *environment_cache_new(struct store *store, const struct vault *vault) {
    struct environment_cache *cache = mem_alloc_zero(sizeof *cache);
    cache->store = store;
    cache->vault = vault;
    return cache;
}

void environment_cache_count_with(struct environment_cache *cache, struct statistics *statistics,
                                  struct statistics_fetches *fetches) {
    cache->statistics = statistics;
    cache->fetches = fetches;
}

/* ---- the table and the two lists ---- */

static struct entry **place_of(struct environment_cache *cache, struct str key) {
    struct entry **at = &cache->buckets[str_hash(key) % BUCKETS];
    while (*at != NULL && !str_equal((*at)->key, key))
        at = &(*at)->next_in_bucket;
    return at;
}

static struct list *list_of(struct environment_cache *cache, const struct entry *entry) {
    return entry->environment != NULL ? &cache->present : &cache->absent;
}

static void list_remove(struct list *list, struct entry *entry) {
    *(entry->newer != NULL ? &entry->newer->older : &list->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &list->oldest) = entry->newer;
    entry->newer = entry->older = NULL;
    list->count--;
}

static void list_push(struct list *list, struct entry *entry) {
    entry->older = list->newest;
    *(list->newest != NULL ? &list->newest->newer : &list->oldest) = entry;
    list->newest = entry;
    list->count++;
}

static struct entry *entry_add(struct environment_cache *cache, struct str key) {
    struct entry *entry = mem_alloc_zero(sizeof *entry + key.len);
    memcpy(entry->key_text, key.at, key.len);
    entry->key = str_of(entry->key_text, key.len);
    struct entry **bucket = &cache->buckets[str_hash(key) % BUCKETS];
    entry->next_in_bucket = *bucket;
    *bucket = entry;
    return entry;
}

/* Of an entry that is in no list any more. */
static void entry_free(struct environment_cache *cache, struct entry *entry) {
    *place_of(cache, entry->key) = entry->next_in_bucket;
    environment_unref(entry->environment);
    mem_free(entry);
}

static void entry_drop(struct environment_cache *cache, struct entry *entry) {
    list_remove(list_of(cache, entry), entry);
    entry_free(cache, entry);
}

static void settle(struct environment_cache *cache, struct entry *entry) {
    list_push(list_of(cache, entry), entry);
    while (cache->present.count > PRESENT_MAX)
        entry_drop(cache, cache->present.oldest);
    while (cache->absent.count > ABSENT_MAX)
        entry_drop(cache, cache->absent.oldest);
}

void environment_cache_free(struct environment_cache *cache) {
    if (cache == NULL)
        return;
    while (cache->present.oldest != NULL)
        entry_drop(cache, cache->present.oldest);
    while (cache->absent.oldest != NULL)
        entry_drop(cache, cache->absent.oldest);
    mem_free(cache);
}

/* ---- asking ---- */

static bool is_secret_key(struct str key) {
    return str_starts_with(key, STR("sk_"));
}

static bool is_current(const struct entry *entry, int64_t now_ms) {
    if (entry->environment == NULL)
        return now_ms - entry->loaded_at_ms < ABSENT_MS;
    return now_ms < entry->environment->valid_until_ms &&
           atomic_load_explicit(&changed[entry->slot], memory_order_acquire) <= entry->loaded_at_change;
}

enum status environment_peek(struct environment_cache *cache, struct str key,
                             struct environment **environment) {
    enum { KEY_MAX = 128 };
    if (key.len == 0 || key.len > KEY_MAX)
        return NOT_FOUND;
    unsigned char digest[DIGEST_SHA256_LEN];
    struct str name = key;
    if (is_secret_key(key)) { /* a secret key is nowhere in memory but in the request that brings it */
        digest_sha256_into(key, digest);
        name = str_of(digest, sizeof digest);
    }
    struct entry *entry = *place_of(cache, name);
    int64_t now_ms = clock_now_ms();
    if (entry == NULL || entry->is_loading || !is_current(entry, now_ms))
        return UNAVAILABLE;
    struct list *list = list_of(cache, entry);
    if (list->newest != entry) {
        list_remove(list, entry);
        list_push(list, entry);
    }
    *environment = entry->environment;
    if (entry->environment == NULL)
        return entry->why_none;
    environment_note_use(entry->environment, entry->environment->key_use, now_ms);
    return OK;
}

static void count_with(const struct environment_cache *cache, struct environment *environment) {
    const struct identity_sign_in *sign_in = environment->config.sign_in;
    environment->counters = statistics_take(cache->statistics, environment->id);
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        if (sign_in->issuers[i].pasted_keys == NULL)
            statistics_fetches_expect(cache->fetches, environment->id, sign_in->issuers[i].key_set_url);
    }
}

static enum status load(struct environment_cache *cache, struct str key, struct environment **environment) {
    AUTO_ARENA arena = arena_new();
    struct store_loaded rows;
    struct str lookup = is_secret_key(key) ? digest_sha256_hex(arena, key) : key;
    TRY(store_load_by_key_wait(cache->store, arena, lookup, is_secret_key(key), &rows));
    TRY(environment_make(&rows, cache->vault, environment));
    (*environment)->store = cache->store;
    count_with(cache, *environment);
    environment_note_use(*environment, (*environment)->key_use, clock_now_ms());
    return OK;
}

/* Begins the load of an entry: the caller is the one that all others of this key wait for. */
static struct entry *begin_loading(struct environment_cache *cache, struct str name) {
    struct entry *entry = *place_of(cache, name);
    if (entry == NULL) {
        entry = entry_add(cache, name);
    } else {
        list_remove(list_of(cache, entry), entry);
        environment_unref(entry->environment);
        entry->environment = NULL;
    }
    entry->is_loading = true;
    entry->is_stale = false;
    entry->loaded_at_change = atomic_load(&changes);
    return entry;
}

static void finish_loading(struct environment_cache *cache, struct entry *entry, enum status status,
                           struct environment *environment) {
    entry->is_loading = false;
    entry->loaded_at_ms = clock_now_ms();
    for (struct waiter *waiter = entry->waiters; waiter != NULL; waiter = waiter->next)
        fiber_wake(waiter->fiber);
    entry->waiters = NULL;
    bool is_known = status == OK || status == NOT_FOUND || status == INVALID;
    bool is_worth_keeping = is_known && !entry->is_stale;
    if (!is_worth_keeping) {
        entry_free(cache, entry);
        return;
    }
    if (status == OK) {
        environment_ref(environment);
        entry->slot = slot_of(environment->id);
    }
    entry->environment = status == OK ? environment : NULL;
    entry->why_none = status;
    settle(cache, entry);
}

static void waiter_remove(struct entry *entry, struct waiter *waiter) {
    for (struct waiter **at = &entry->waiters; *at != NULL; at = &(*at)->next) {
        if (*at == waiter) {
            *at = waiter->next;
            return;
        }
    }
}

/* Waits until whoever loads the entry is done. */
static enum status wait_for_load(struct environment_cache *cache, struct str name) {
    struct entry *entry = *place_of(cache, name);
    struct waiter waiter = {fiber_current(), entry->waiters};
    entry->waiters = &waiter;
    enum status status = fiber_park_wait();
    entry = *place_of(cache, name);
    if (entry != NULL)
        waiter_remove(entry, &waiter);
    return status;
}

enum status environment_find_wait(struct environment_cache *cache, struct str key,
                                  struct environment **environment) {
    unsigned char digest[DIGEST_SHA256_LEN];
    struct str name = key;
    if (is_secret_key(key)) {
        digest_sha256_into(key, digest);
        name = str_of(digest, sizeof digest);
    }
    for (;;) {
        enum status status = environment_peek(cache, key, environment);
        if (status == OK)
            environment_ref(*environment);
        if (status != UNAVAILABLE)
            return status;
        struct entry *entry = *place_of(cache, name);
        if (entry != NULL && entry->is_loading) {
            TRY(wait_for_load(cache, name));
            continue;
        }
        entry = begin_loading(cache, name);
        fiber_shield(); /* others wait for this load, whoever began it */
        status = load(cache, key, environment);
        fiber_unshield();
        finish_loading(cache, entry, status, *environment);
        return status;
    }
}

/* ---- changes ---- */

static void drop_if(struct environment_cache *cache, struct list *list, struct str id) {
    for (struct entry *entry = list->newest, *older; entry != NULL; entry = older) {
        older = entry->older;
        if (str_is_empty(id) || entry->environment == NULL || str_equal(entry->environment->id, id))
            entry_drop(cache, entry);
    }
}

void environment_cache_drop(struct environment_cache *cache, struct str id) {
    drop_if(cache, &cache->present, id);
    drop_if(cache, &cache->absent, id); /* a new key may be one that was asked for before it was there */
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct entry *entry = cache->buckets[i]; entry != NULL; entry = entry->next_in_bucket)
            entry->is_stale = entry->is_loading;
    }
}

size_t environment_cache_count(const struct environment_cache *cache) {
    return cache->present.count;
}
