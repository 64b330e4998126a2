/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets fetched from their issuers: each once for the whole process, however many threads and requests
 * want it.
 *
 * A set is used for 15 minutes, or less where its Cache-Control has a shorter max-age, but at least one (a
 * map of X.509 certificates for as long as that says, between 5 minutes and 24 hours), and fetched anew in
 * the background when 80 % of that have passed, so that no request waits for it. A fetch that fails in a way
 * that may be over at once is tried once more before anybody is told. When that fails too, the old keys go on
 * being used for a day, and log, health and metrics say so. A set without a single usable key is believed,
 * since an issuer may withdraw them all, and looked at again soon. A set that nobody asks for any more is
 * dropped.
 *
 * The registry has a thread of its own that fetches and parses. Each front thread has a cache: keyset_peek
 * looks into it without a lock. */
#pragma once

#include "egress/egress.h"
#include "jose/jose.h"

struct keyset_registry; /* one a process */
struct keyset_cache;    /* one a front thread */

/* Durations in milliseconds; 0 means what stands beside it. */
struct keyset_options {
    int64_t life_ms;        /* 15 min */
    int64_t life_floor_ms;  /* 1 min: the shortest life that Cache-Control may give to a JWK set */
    int64_t life_least_ms;  /* 5 min: bounds of what Cache-Control may say of a map of certificates */
    int64_t life_most_ms;   /* 24 h */
    int64_t stale_ms;       /* 24 h from their fetch: how long the old keys serve while fetching fails */
    int64_t unknown_kid_ms; /* 10 s: at most one refresh for unknown key ids in that time, per set */
    int64_t failure_ms;     /* 10 s: after a failure nobody's waiting request tries again before */
    int64_t retry_ms;       /* 0.4 s until a fetch that failed is tried once more */
    int64_t idle_ms;    /* 2 h: a set that nobody asked for in that time is dropped instead of refreshed */
    int64_t timeout_ms; /* 5 s for one fetch */
    size_t max_sets;    /* 4,096: the one asked for longest ago gives way */
    bool is_private_allowed; /* http:// and private addresses may be fetched from */
    /* Told of each good document, on the registry's thread, before those who wait for it go on. Its keys may
     * be used for `usable_ms` from now. NULL: nobody is. */
    void (*on_document)(void *listener, struct str url, struct str document, int64_t usable_ms);
    /* Told of each fetch and of what came of it, on the registry's thread. NULL: nobody is. */
    void (*on_fetch)(void *listener, struct str url, bool is_good);
    void *listener;
};

struct keyset_registry *keyset_registry_new(struct egress *egress, const struct keyset_options *options);
/* When the front threads' caches are gone, and before egress_stop. */
void keyset_registry_free(struct keyset_registry *registry);

struct keyset_cache *keyset_cache_new(struct keyset_registry *registry);
void keyset_cache_free(struct keyset_cache *cache);

enum keyset_problem {
    KEYSET_FINE = 0,
    KEYSET_BAD_URL,         /* no URL, or http where https is required */
    KEYSET_ADDRESS_REFUSED, /* by the address policy, at the first hop or by a redirect */
    KEYSET_UNREACHABLE,     /* name, connection, TLS, HTTP */
    KEYSET_TIMED_OUT,
    KEYSET_BAD_STATUS, /* a status other than 200 */
    KEYSET_TOO_LARGE,
    KEYSET_WRONG_CONTENT_TYPE,
    KEYSET_NOT_A_KEY_SET, /* no JSON, or not of a form that we know */
    KEYSET_NO_KEYS,       /* read, but without a single usable key */
};
const char *keyset_problem_word(enum keyset_problem problem); /* "bad-status" */

struct keyset_error {
    enum keyset_problem problem;
    struct str sentence; /* for a person; in the arena or static */
};

/* The keys at hand, without waiting and without a lock. As long as the issuer publishes the same document
 * this is the same object: another address means other keys, and that what they have verified is to be looked
 * at anew. OK: `*keys` is borrowed, good until the thread's next wait or call to this cache. UNAVAILABLE: ask
 * keyset_get_wait. */
NODISCARD enum status keyset_peek(struct keyset_cache *cache, struct str url,
                                  const struct jose_key_set **keys);

/* The keys, fetched if they must be. OK: `*keys` is a reference, to be released. UNAVAILABLE: `error` says
 * why (its sentence in `arena`); CANCELED. */
FIBER NODISCARD enum status keyset_get_wait(struct keyset_cache *cache, struct str url, struct arena *arena,
                                            struct jose_key_set **keys, struct keyset_error *error);

/* For a token whose key id `seen` does not have: newer keys if there are any by now or if they may be fetched
 * (at most once in 10 s per set), else those at hand: then `*keys` equals `seen`. OK: a reference, as above.
 * UNAVAILABLE, CANCELED. */
FIBER NODISCARD enum status keyset_refresh_for_unknown_kid_wait(struct keyset_cache *cache, struct str url,
                                                                const struct jose_key_set *seen,
                                                                struct jose_key_set **keys);

/* Fetches now, for an administrator. UNAVAILABLE and `error` when it fails, though older keys may still be in
 * use. */
FIBER NODISCARD enum status keyset_refresh_now_wait(struct keyset_cache *cache, struct str url,
                                                    struct arena *arena, struct jose_key_set **keys,
                                                    struct keyset_error *error);

/* Fetches it anew where it is in use, without anybody waiting: what its issuer has pulled ends with that.
 * From any thread. */
void keyset_refresh(struct keyset_registry *registry, struct str url);

/* ---- health ---- */
struct keyset_health {
    struct str url;              /* without its query */
    struct str label;            /* "login.acme.example-1f09c3d2": tells it from others, and little else */
    unsigned failures;           /* fetches that failed since the last good one */
    int64_t fetched_at_s;        /* the last good fetch, Unix time; 0: none yet */
    int64_t tried_at_s;          /* the last try */
    int64_t next_try_at_s;       /* in the background; 0: none planned */
    enum keyset_problem problem; /* of the last try */
    struct str sentence;         /* for it */
    size_t key_count;
    size_t skipped_count; /* keys of the document that cannot be used */
    bool is_stale;        /* past its life: in use because fetching fails */
};
/* NOT_FOUND where nobody has asked for it. From any thread; text in `arena`. */
NODISCARD enum status keyset_read_health(struct keyset_registry *registry, struct str url,
                                         struct arena *arena, struct keyset_health *health);

/* Of as many sets as there are, at most `max`; how many. From any thread; text in `arena`. */
size_t keyset_list_health(struct keyset_registry *registry, struct arena *arena, struct keyset_health *list,
                          size_t max);

struct keyset_metrics {
    uint64_t fetched; /* good fetches */
    uint64_t failed;
    uint64_t sets;    /* known now */
    uint64_t stale;   /* of those, in use past their life */
    uint64_t without; /* of those, without usable keys */
};
void keyset_read_metrics(struct keyset_registry *registry,
                         struct keyset_metrics *metrics); /* from any thread */
