/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that fetches. Everything but `lock` and what it guards is that thread's. */
#pragma once

#include "base/job.h"
#include "keyset/slot.h"

enum { REGISTRY_BUCKETS = 1024 };

enum ask_kind { ASK_GET, ASK_UNKNOWN_KID, ASK_NOW, ASK_REFRESH };

/* A question of a front thread's fiber. */
struct ask {
    struct job job;
    struct keyset_registry *registry;
    struct arena *arena;
    enum ask_kind kind;
    struct str url;
    struct jose_key_set *seen; /* a reference: so that no other set can have its address meanwhile */
    uint64_t fetch_wanted;     /* the number of the fetch whose end answers it */
    struct ask *next;
    /* the answer */
    struct slot *slot;  /* a reference, NULL where there is no such slot; ASK_REFRESH has no answer */
    enum status status; /* OK, UNAVAILABLE, CANCELED */
    enum keyset_problem problem;
    struct str sentence;
};

struct entry {
    struct keyset_registry *registry;
    struct entry *next; /* in its bucket; guarded by the registry's lock */
    struct slot *slot;
    struct timer timer; /* refreshes, or drops what is idle */
    struct ask *waiting;
    uint64_t fetches; /* begun so far */
    bool is_fetching;
    unsigned failures; /* in a row */
    unsigned empty;    /* good answers in a row without a usable key */
    int64_t failed_at_ms;
    int64_t unknown_kid_at_ms; /* of the last refresh for an unknown key id; 0: none */
};

struct keyset_registry {
    struct keyset_options options;
    struct egress *egress;
    struct loop *loop;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the table, not what its entries hold */
    struct entry *buckets[REGISTRY_BUCKETS];
    size_t count;
    _Atomic uint64_t fetched;
    _Atomic uint64_t failed;
};

/* Hands `ask` to the registry's thread and waits. As job_wait. */
FIBER NODISCARD enum status registry_ask_wait(struct ask *ask);
struct ask *ask_new(struct keyset_registry *registry, enum ask_kind kind, struct str url,
                    const struct jose_key_set *seen);
void ask_free(struct job *job);
