/* SPDX-License-Identifier: Apache-2.0 */
#include "keyset/slot.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"

#include <string.h>

enum { USE_GRAIN_MS = 60000 };

/* The host, and eight digits of the whole URL's hash: two tenants' sets at one provider differ by it. */
static struct str label_of(struct arena *arena, struct str url) {
    size_t scheme = str_find(url, STR("://"));
    struct str host = scheme == STR_NOT_FOUND ? STR_NONE : str_from_index(url, scheme + 3);
    size_t end = 0;
    while (end < host.len && host.at[end] != '/' && host.at[end] != '?' && host.at[end] != '#')
        end++;
    host = str_slice(host, 0, end);
    size_t at = str_find_byte(host, '@'); /* user and password */
    host = at == STR_NOT_FOUND ? host : str_from_index(host, at + 1);
    return arena_print(arena, "%.*s-%.*s", (int)(host.len < 253 ? host.len : 253), host.at, 8,
                       digest_sha256_hex(arena, url).at);
}

static struct str copy(struct str text) {
    char *copied = mem_alloc(text.len + 1);
    if (text.len > 0)
        memcpy(copied, text.at, text.len);
    return str_of(copied, text.len);
}

struct slot *slot_new(struct str url) {
    struct slot *slot = mem_alloc_zero(sizeof *slot);
    AUTO_ARENA arena = arena_new();
    slot->url = copy(url);
    slot->label = copy(label_of(arena, url));
    atomic_init(&slot->references, 1);
    pthread_mutex_init(&slot->lock, NULL);
    return slot;
}

struct slot *slot_refer(struct slot *slot) {
    atomic_fetch_add_explicit(&slot->references, 1, memory_order_relaxed);
    return slot;
}

void slot_release(struct slot *slot) {
    if (slot == NULL || atomic_fetch_sub_explicit(&slot->references, 1, memory_order_acq_rel) != 1)
        return;
    jose_key_set_release(slot->keys);
    buffer_free(&slot->sentence);
    buffer_free(&slot->digest);
    pthread_mutex_destroy(&slot->lock);
    mem_free((void *)slot->url.at);
    mem_free((void *)slot->label.at);
    mem_free(slot);
}

int64_t slot_now_ms(void) {
    return clock_monotonic_us() / 1000;
}

/* Written seldom, so that threads which read the same slot do not take its cache line from each other. */
void slot_use(struct slot *slot, int64_t now_ms) {
    int64_t used = atomic_load_explicit(&slot->used_at_ms, memory_order_relaxed);
    if (used == 0 || now_ms - used >= USE_GRAIN_MS)
        atomic_store_explicit(&slot->used_at_ms, now_ms, memory_order_relaxed);
}

void slot_put(struct slot *slot, const struct jose_key_set *keys, struct str digest, int64_t now_ms,
              int64_t life_ms, int64_t usable_ms) {
    struct jose_key_set *old = NULL;
    pthread_mutex_lock(&slot->lock);
    if (slot->keys == NULL || !str_equal(buffer_text(&slot->digest), digest)) {
        old = slot->keys;
        slot->keys = jose_key_set_retain(keys);
        buffer_clear(&slot->digest);
        buffer_append(&slot->digest, digest);
        slot->health.key_count = jose_key_set_count(keys);
        slot->health.skipped_count = jose_key_set_skipped_count(keys);
    }
    slot->fresh_until_ms = now_ms + life_ms;
    slot->usable_until_ms = now_ms + usable_ms;
    slot->health.fetched_at_s = clock_now_s();
    atomic_fetch_add_explicit(&slot->version, 1, memory_order_release);
    pthread_mutex_unlock(&slot->lock);
    jose_key_set_release(old);
}

void slot_note(struct slot *slot, bool is_failure, enum keyset_problem problem, struct str sentence) {
    pthread_mutex_lock(&slot->lock);
    slot->health.failures = is_failure ? slot->health.failures + 1 : 0;
    slot->health.tried_at_s = clock_now_s();
    slot->health.problem = problem;
    buffer_clear(&slot->sentence);
    buffer_append(&slot->sentence, sentence);
    pthread_mutex_unlock(&slot->lock);
}

void slot_plan(struct slot *slot, int64_t next_try_at_s) {
    pthread_mutex_lock(&slot->lock);
    slot->health.next_try_at_s = next_try_at_s;
    pthread_mutex_unlock(&slot->lock);
}

struct jose_key_set *slot_take(struct slot *slot, int64_t now_ms, uint64_t *version,
                               int64_t *usable_until_ms) {
    pthread_mutex_lock(&slot->lock);
    bool is_usable = slot->keys != NULL && now_ms < slot->usable_until_ms;
    struct jose_key_set *keys = is_usable ? jose_key_set_retain(slot->keys) : NULL;
    *version = atomic_load_explicit(&slot->version, memory_order_relaxed);
    *usable_until_ms = slot->usable_until_ms;
    pthread_mutex_unlock(&slot->lock);
    return keys;
}

void slot_read_health(struct slot *slot, struct arena *arena, struct keyset_health *health) {
    int64_t now = slot_now_ms();
    pthread_mutex_lock(&slot->lock);
    *health = slot->health;
    health->sentence = arena_copy(arena, buffer_text(&slot->sentence));
    bool is_usable = slot->keys != NULL && now < slot->usable_until_ms;
    health->is_stale = is_usable && now >= slot->fresh_until_ms;
    if (!is_usable)
        health->key_count = 0;
    pthread_mutex_unlock(&slot->lock);
    health->label = arena_copy(arena, slot->label);
    health->url = arena_copy(arena, str_slice(slot->url, 0, str_find_byte(slot->url, '?')));
}
