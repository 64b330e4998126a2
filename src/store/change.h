/* SPDX-License-Identifier: Apache-2.0 */
/* Changes: what running servers must forget. */
#pragma once

#include "store/store.h"

struct store_change {
    int64_t position; /* rises in the order of commits, without gaps */
    struct str kind;  /* "product" | "environment" | "key" | "secret" | "visitor" … */
    struct str environment;
    struct str id;
};
struct store_changes {
    struct store_change *at;
    size_t count;
    int64_t last; /* the last position there is */
    bool missed;  /* older ones were thrown away meanwhile (after a day): forget everything */
};

/* Of kind STORE_CHANGE_KEY_SET: the key set at the URL `id` is to be fetched anew. */
#define STORE_CHANGE_KEY_SET STR("key-set")

/* Tells running servers of something that is not in the tables. */
FIBER NODISCARD enum status store_change_announce_wait(struct store *store, struct arena *arena,
                                                       struct str kind, struct str environment, struct str id,
                                                       const struct store_audit *audit);
/* The last position there is: where a server begins that has cached nothing yet. */
FIBER NODISCARD enum status store_change_last_wait(struct store *store, struct arena *arena,
                                                   int64_t *position);
FIBER NODISCARD enum status store_change_list_wait(struct store *store, struct arena *arena, int64_t after,
                                                   unsigned limit, struct store_changes *changes);

/* Follows the changes: this process's at once, other processes' within a second. */
struct store_watch;
/* On the calling thread's loop, from now on. `changed` is called on that loop for each change, in order; with
 * NULL where some were missed, and once when it has begun: forget everything. Each front thread may have its
 * own watch. */
struct store_watch *store_watch_start(struct store *store,
                                      void (*changed)(void *context, const struct store_change *change),
                                      void *context);
/* On the same thread, with its loop still running: nothing is called any more after it. `stopped` (may be
 * NULL) is called on the loop when the last question of the watch has come home: before that the store must
 * not be closed nor the loop freed. */
void store_watch_stop(struct store_watch *watch, void (*stopped)(void *context));
