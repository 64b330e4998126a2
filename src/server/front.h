/* SPDX-License-Identifier: Apache-2.0 */
/* Private to server/: what all front threads share, and what each has for itself. */
#pragma once

#include "access/access.h"
#include "admin_api/admin_api.h"
#include "base/loop.h"
#include "chat/chat.h"
#include "egress/egress.h"
#include "environment/environment.h"
#include "http/http.h"
#include "keyset/keyset.h"
#include "limit/limit.h"
#include "server/server.h"
#include "vault/vault.h"
#include "verifier/verifier.h"

#include <pthread.h>
#include <stdatomic.h>

struct front;
struct store_watch;

/* Shared by all threads; immutable while they run, but for what says otherwise. */
struct process {
    const struct server_options *options;
    struct store *store;
    struct vault *vault;
    struct egress *egress;
    struct keyset_registry *key_sets;
    struct statistics_fetches *fetches;
    struct limiter *limiter;
    struct chat_answering *answering;
    struct access *access;
    struct str address;     /* where the threads listen; set between the first's start and the others' */
    struct http_tls *tls;   /* NULL: plain HTTP */
    struct sandbox sandbox; /* complete when `is_started` is set */
    struct front *fronts;
    size_t front_count;
    int64_t started_at_ms;
    _Atomic bool is_started; /* all threads are there: until then one must not look at another */
    _Atomic bool is_draining;
    _Atomic int proxy_state; /* proxy_watch.c's */
    struct http_address proxy_seen;
    struct str missing;                     /* of the sandbox; to be read when `is_started` is set */
    struct admin_installation installation; /* for the admin API */
    bool is_metrics_refused;                /* it was the address of --metrics-listen that could not be had */
};

/* One front thread: its loop, its listener, its caches. */
struct front {
    struct process *process;
    size_t index;
    struct loop *loop;
    pthread_t thread;
    struct http_listener *listener;
    struct http_listener *metrics_listener; /* the first thread's, where there is one */
    struct keyset_cache *key_sets;
    struct environment_cache *environments;
    struct verifier *verifier;
    struct chat *chat;
    struct admin_api admin_api;
    struct statistics *statistics;
    struct store_watch *watch;
    uint8_t limit_ip[16]; /* the address that was counted last, and what it is counted by */
    struct limit_source limit_source;
    int64_t limit_quiet_until_us; /* when a refusal by a limit is worth a line in the log again */
    struct message begin, end;    /* to its own loop, once each */
    struct timer ending;
    struct timer upkeep;        /* the first thread's */
    struct fiber *upkeep_fiber; /* NULL: none is under way */
    unsigned upkeep_rounds;
    int64_t end_by_us;
    unsigned undrained; /* listeners */
    bool is_unwatched;
    bool is_running;      /* there is a thread to be joined */
    enum status begun;    /* what came of the start */
    pthread_mutex_t lock; /* of `has_begun` */
    pthread_cond_t changed;
    bool has_begun;
};

/* Starts the thread and waits until it serves (or could not begin to: then it has ended again). */
NODISCARD enum status front_start(struct process *process, struct front *front);
void front_drain(struct front *front); /* from any thread: serves what has begun, then ends */
void front_join(struct front *front);  /* waits until it has ended */
/* Frees what it had. When all others have ended too: they may ask it for its numbers until then. */
void front_free(struct front *front);

static inline struct front *front_of(const struct exchange *exchange) {
    return exchange_context(exchange);
}
