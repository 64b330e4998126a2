/* SPDX-License-Identifier: Apache-2.0 */
/* A front thread's own view of the slots: no lock, no other thread, unless a slot says that it has something
 * new. */
#include "base/memory.h"
#include "keyset/registry.h"

enum { BUCKETS = 512 };

struct known {
    struct known *next;
    struct slot *slot;
    struct jose_key_set *keys; /* a reference; NULL: none */
    uint64_t version;          /* of the slot when `keys` were taken */
    int64_t usable_until_ms;
};

struct keyset_cache {
    struct keyset_registry *registry;
    struct known *buckets[BUCKETS];
};

struct keyset_cache *keyset_cache_new(struct keyset_registry *registry) {
    struct keyset_cache *cache = mem_alloc_zero(sizeof *cache);
    cache->registry = registry;
    return cache;
}

static void forget(struct known **link) {
    struct known *known = *link;
    *link = known->next;
    jose_key_set_release(known->keys);
    slot_release(known->slot);
    mem_free(known);
}

void keyset_cache_free(struct keyset_cache *cache) {
    if (cache == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (cache->buckets[i] != NULL)
            forget(&cache->buckets[i]);
    }
    mem_free(cache);
}

static bool is_dropped(const struct known *known) {
    return atomic_load_explicit(&known->slot->is_dropped, memory_order_acquire);
}

/* What is known of a URL, or NULL. Slots that the registry has dropped are forgotten on the way. */
static struct known *find(struct keyset_cache *cache, struct str url) {
    struct known **link = &cache->buckets[str_hash(url) % BUCKETS];
    while (*link != NULL) {
        if (is_dropped(*link))
            forget(link);
        else if (str_equal((*link)->slot->url, url))
            return *link;
        else
            link = &(*link)->next;
    }
    return NULL;
}

static struct known *learn(struct keyset_cache *cache, struct slot *slot) {
    struct known *known = find(cache, slot->url);
    if (known != NULL)
        return known;
    known = mem_alloc_zero(sizeof *known);
    known->slot = slot_refer(slot);
    struct known **bucket = &cache->buckets[str_hash(slot->url) % BUCKETS];
    known->next = *bucket;
    *bucket = known;
    return known;
}

static enum status keys_of(struct known *known, const struct jose_key_set **keys) {
    int64_t now = slot_now_ms();
    if (atomic_load_explicit(&known->slot->version, memory_order_acquire) != known->version) {
        jose_key_set_release(known->keys);
        known->keys = slot_take(known->slot, now, &known->version, &known->usable_until_ms);
    }
    if (known->keys == NULL || now >= known->usable_until_ms)
        return UNAVAILABLE;
    slot_use(known->slot, now);
    *keys = known->keys;
    return OK;
}

enum status keyset_peek(struct keyset_cache *cache, struct str url, const struct jose_key_set **keys) {
    struct known *known = find(cache, url);
    return known == NULL ? UNAVAILABLE : keys_of(known, keys);
}

/* ---- what may wait ---- */

/* Asks the registry, and gives a reference to the keys that are there afterwards. `arena` and `error` may be
 * NULL. */
FIBER static enum status ask_wait(struct keyset_cache *cache, struct ask *ask, struct arena *arena,
                                  struct jose_key_set **keys, struct keyset_error *error) {
    TRY(registry_ask_wait(ask));
    enum status status = ask->status;
    const struct jose_key_set *found = NULL;
    if (status == OK)
        status = keys_of(learn(cache, ask->slot), &found);
    if (status == OK)
        *keys = jose_key_set_retain(found);
    else if (error != NULL)
        *error = (struct keyset_error){ask->problem, arena_copy(arena, ask->sentence)};
    ask_free(&ask->job);
    return status;
}

enum status keyset_get_wait(struct keyset_cache *cache, struct str url, struct arena *arena,
                            struct jose_key_set **keys, struct keyset_error *error) {
    const struct jose_key_set *at_hand;
    *keys = NULL;
    if (keyset_peek(cache, url, &at_hand) == OK) {
        *keys = jose_key_set_retain(at_hand);
        return OK;
    }
    return ask_wait(cache, ask_new(cache->registry, ASK_GET, url, NULL), arena, keys, error);
}

/* Whether the keys at hand are all that there is for now, so that the registry need not be asked: a flood of
 * tokens with invented key ids stays on this thread. */
static bool is_final(struct known *known, const struct jose_key_set *at_hand,
                     const struct jose_key_set *seen) {
    return at_hand != seen ||
           slot_now_ms() < atomic_load_explicit(&known->slot->quiet_until_ms, memory_order_relaxed);
}

enum status keyset_refresh_for_unknown_kid_wait(struct keyset_cache *cache, struct str url,
                                                const struct jose_key_set *seen, struct jose_key_set **keys) {
    const struct jose_key_set *at_hand;
    *keys = NULL;
    struct known *known = find(cache, url);
    if (known != NULL && keys_of(known, &at_hand) == OK && is_final(known, at_hand, seen)) {
        *keys = jose_key_set_retain(at_hand);
        return OK;
    }
    return ask_wait(cache, ask_new(cache->registry, ASK_UNKNOWN_KID, url, seen), NULL, keys, NULL);
}

enum status keyset_refresh_now_wait(struct keyset_cache *cache, struct str url, struct arena *arena,
                                    struct jose_key_set **keys, struct keyset_error *error) {
    *keys = NULL;
    return ask_wait(cache, ask_new(cache->registry, ASK_NOW, url, NULL), arena, keys, error);
}
