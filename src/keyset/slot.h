/* SPDX-License-Identifier: Apache-2.0 */
/* Where the registry's thread leaves a URL's keys for the front threads. A slot is referenced by the registry
 * and by each cache that knows it. The lock is taken to put keys in and to fetch them out; whether there is
 * anything new is seen without it. */
#pragma once

#include "base/buffer.h"
#include "keyset/keyset.h"

#include <pthread.h>
#include <stdatomic.h>

struct slot {
    _Atomic unsigned references;
    struct str url;             /* the slot's own */
    struct str label;           /* likewise; see keyset_health */
    _Atomic uint64_t version;   /* changes with each good fetch; 0: none yet */
    _Atomic int64_t used_at_ms; /* monotonic, to the minute */
    _Atomic int64_t
        quiet_until_ms;      /* monotonic: until then an unknown key id is not worth asking the registry */
    _Atomic bool is_dropped; /* the registry has forgotten it: so should the caches */

    pthread_mutex_t lock;        /* guards all below */
    struct jose_key_set *keys;   /* NULL: none; the same as before when the same document came again */
    struct buffer digest;        /* of the document that they are from */
    int64_t usable_until_ms;     /* monotonic */
    int64_t fresh_until_ms;      /* monotonic */
    struct keyset_health health; /* its url and sentence unused */
    struct buffer sentence;
};

struct slot *slot_new(struct str url);
struct slot *slot_refer(struct slot *slot);
void slot_release(struct slot *slot);

int64_t slot_now_ms(void); /* the monotonic clock of all of these */
void slot_use(struct slot *slot, int64_t now_ms);

/* By the registry's thread. `keys` is referred to, unless those of `digest` are there already. */
void slot_put(struct slot *slot, const struct jose_key_set *keys, struct str digest, int64_t now_ms,
              int64_t life_ms, int64_t usable_ms);
void slot_note(struct slot *slot, bool is_failure, enum keyset_problem problem, struct str sentence);
void slot_plan(struct slot *slot, int64_t next_try_at_s); /* 0: none */

/* A reference to the keys, NULL where there are none that may still be used. */
struct jose_key_set *slot_take(struct slot *slot, int64_t now_ms, uint64_t *version,
                               int64_t *usable_until_ms);
void slot_read_health(struct slot *slot, struct arena *arena, struct keyset_health *health);
