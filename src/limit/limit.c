/* SPDX-License-Identifier: Apache-2.0 */
#include "limit/limit.h"

#include "base/digest.h"
#include "base/memory.h"
#include "base/random.h"
#include "limit/bucket.h"

#include <stdatomic.h>
#include <string.h>

enum {
    ADDRESS_PLACES = 64 * 1024, /* 8 bytes each */
    FAILURE_PLACES = 32 * 1024,
    VISITOR_PLACES = 64 * 1024,
    ENVIRONMENT_PLACES = 16 * 1024,
    BURST_SECONDS = 10,    /* of requests that an address may make at once */
    WIDE_SHARE = 8,        /* what 65,536 networks of a /48 have together, times one's */
    NEW_VISITOR_COST = 10, /* requests that a message costs which makes a new anonymous visitor */
    MINUTE_S = 60,
};

struct limiter {
    struct hash_key hash_key; /* so that nobody can choose who shares a place */
    struct bucket_rate narrow, wide, failures_narrow, failures_wide;
    bool counts_requests, counts_failures;
    struct bucket_table *addresses, *failures, *visitors, *environments;
    _Atomic uint64_t refused[LIMIT_KINDS];
};

struct limiter *limiter_new(const struct limit_options *options, int64_t now_us) {
    struct limiter *limiter = mem_alloc_zero(sizeof *limiter);
    uint64_t requests = options->requests_per_second;
    uint64_t failures = options->failures_per_minute;
    random_bytes(limiter->hash_key.bytes, sizeof limiter->hash_key.bytes);
    limiter->counts_requests = requests > 0;
    limiter->counts_failures = failures > 0;
    limiter->narrow = bucket_rate_of(requests, 1, requests * BURST_SECONDS);
    limiter->wide = bucket_rate_of(requests * WIDE_SHARE, 1, requests * WIDE_SHARE * BURST_SECONDS);
    limiter->failures_narrow = bucket_rate_of(failures, MINUTE_S, failures);
    limiter->failures_wide = bucket_rate_of(failures * WIDE_SHARE, MINUTE_S, failures * WIDE_SHARE);
    limiter->addresses = bucket_table_new(ADDRESS_PLACES, now_us);
    limiter->failures = bucket_table_new(FAILURE_PLACES, now_us);
    limiter->visitors = bucket_table_new(VISITOR_PLACES, now_us);
    limiter->environments = bucket_table_new(ENVIRONMENT_PLACES, now_us);
    return limiter;
}

void limiter_free(struct limiter *limiter) {
    if (limiter == NULL)
        return;
    bucket_table_free(limiter->addresses);
    bucket_table_free(limiter->failures);
    bucket_table_free(limiter->visitors);
    bucket_table_free(limiter->environments);
    mem_free(limiter);
}

const char *limit_kind_name(enum limit_kind kind) {
    static const char *const names[] = {
        [LIMIT_ADDRESS] = "address",     [LIMIT_FAILURES] = "failures", [LIMIT_VISITOR] = "visitor",
        [LIMIT_ANONYMOUS] = "anonymous", [LIMIT_MESSAGES] = "messages", [LIMIT_ENVIRONMENT] = "environment",
    };
    return names[kind];
}

uint64_t limit_count_refused(const struct limiter *limiter, enum limit_kind kind) {
    return atomic_load_explicit(&limiter->refused[kind], memory_order_relaxed);
}

/* ---- all or nothing ---- */

/* What is wanted of one bucket. */
struct claim {
    struct bucket_table *table;
    uint64_t key;
    struct bucket_rate rate;
    unsigned cost;
    enum limit_kind kind;
};

void limit_refused(struct limiter *limiter, const struct limit_refusal *refusal) {
    atomic_fetch_add_explicit(&limiter->refused[refusal->kind], 1, memory_order_relaxed);
}

static void say_wait(enum limit_kind kind, int64_t wait_us, struct limit_refusal *refusal) {
    enum { SECOND_US = 1000000 };
    *refusal = (struct limit_refusal){kind, (unsigned)((wait_us + SECOND_US - 1) / SECOND_US)};
    if (refusal->retry_after_s == 0)
        refusal->retry_after_s = 1;
}

/* What was taken goes back where one refuses: who waits for that one must not find another one empty then.
 * For the same reason the longest wait is told. */
static bool take_all(struct limiter *limiter, const struct claim *claims, size_t count, int64_t now_us,
                     struct limit_refusal *refusal) {
    for (size_t i = 0; i < count; i++) {
        int64_t longest = 0;
        if (bucket_take(claims[i].table, claims[i].key, &claims[i].rate, claims[i].cost, now_us, &longest))
            continue;
        for (size_t before = 0; before < i; before++)
            bucket_return(claims[before].table, claims[before].key, &claims[before].rate, claims[before].cost,
                          now_us);
        for (size_t later = i + 1; later < count; later++) {
            int64_t wait = 0;
            bool has = bucket_has(claims[later].table, claims[later].key, &claims[later].rate,
                                  claims[later].cost, now_us, &wait);
            longest = !has && wait > longest ? wait : longest;
        }
        say_wait(claims[i].kind, longest, refusal);
        limit_refused(limiter, refusal);
        return false;
    }
    return true;
}

/* ---- by address ---- */

static uint64_t hash_bytes(const struct limiter *limiter, const void *at, size_t len) {
    uint64_t hash = digest_keyed(&limiter->hash_key, str_of(at, len)).low;
    return hash | 1ULL << 40; /* never 0, which stands for nobody; neither place nor tag is by this bit */
}

static bool is_counted(struct limit_source source) {
    return source.narrow != 0;
}

struct limit_source limit_source_of(const struct limiter *limiter, const uint8_t ip[16]) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    static const uint8_t unspecified[16];
    static const uint8_t loopback[16] = {[15] = 1};
    if (memcmp(ip, mapped, sizeof mapped) == 0) {
        bool is_loopback = ip[12] == 127;
        return (struct limit_source){is_loopback ? 0 : hash_bytes(limiter, ip, 16), 0};
    }
    if (memcmp(ip, unspecified, 16) == 0 || memcmp(ip, loopback, 16) == 0)
        return (struct limit_source){0, 0};
    return (struct limit_source){hash_bytes(limiter, ip, 8), hash_bytes(limiter, ip, 6)};
}

static size_t add_source(struct claim *claims, struct bucket_table *table, struct limit_source source,
                         const struct bucket_rate *narrow, const struct bucket_rate *wide, unsigned cost,
                         enum limit_kind kind) {
    claims[0] = (struct claim){table, source.narrow, *narrow, cost, kind};
    if (source.wide == 0)
        return 1;
    claims[1] = (struct claim){table, source.wide, *wide, cost, kind};
    return 2;
}

bool limit_request(struct limiter *limiter, struct limit_source source, unsigned cost, int64_t now_us,
                   struct limit_refusal *refusal) {
    if (!limiter->counts_requests || !is_counted(source))
        return true;
    struct claim claims[2];
    size_t count =
        add_source(claims, limiter->addresses, source, &limiter->narrow, &limiter->wide, cost, LIMIT_ADDRESS);
    return take_all(limiter, claims, count, now_us, refusal);
}

bool limit_may_fail(struct limiter *limiter, struct limit_source source, int64_t now_us,
                    struct limit_refusal *refusal) {
    if (!limiter->counts_failures || !is_counted(source))
        return true;
    int64_t wait = 0;
    int64_t wide_wait = 0;
    bool has = bucket_has(limiter->failures, source.narrow, &limiter->failures_narrow, 1, now_us, &wait);
    if (source.wide != 0 &&
        !bucket_has(limiter->failures, source.wide, &limiter->failures_wide, 1, now_us, &wide_wait))
        has = false;
    if (!has)
        say_wait(LIMIT_FAILURES, wait > wide_wait ? wait : wide_wait, refusal);
    return has;
}

void limit_failed(struct limiter *limiter, struct limit_source source, int64_t now_us) {
    if (!limiter->counts_failures || !is_counted(source))
        return;
    bucket_charge(limiter->failures, source.narrow, &limiter->failures_narrow, 1, now_us);
    if (source.wide != 0)
        bucket_charge(limiter->failures, source.wide, &limiter->failures_wide, 1, now_us);
}

/* ---- by environment and visitor ---- */

/* Of an id and what it is counted for. */
static uint64_t hash_named(const struct limiter *limiter, enum limit_kind kind, struct str environment,
                           struct str id) {
    enum { ID_MAX = 64 };
    unsigned char bytes[1 + ID_MAX + ID_MAX] = {(unsigned char)kind};
    environment = str_slice(environment, 0, ID_MAX); /* our own ids: shorter */
    id = str_slice(id, 0, ID_MAX);
    if (environment.len > 0)
        memcpy(bytes + 1, environment.at, environment.len);
    if (id.len > 0)
        memcpy(bytes + 1 + environment.len, id.at, id.len);
    return hash_bytes(limiter, bytes, 1 + environment.len + id.len);
}

bool limit_environment(struct limiter *limiter, struct str environment, unsigned per_second, int64_t now_us,
                       struct limit_refusal *refusal) {
    if (per_second == 0)
        return true;
    const struct claim claim = {
        .table = limiter->environments,
        .key = hash_named(limiter, LIMIT_ENVIRONMENT, environment, STR_NONE),
        .rate = bucket_rate_of(per_second, 1, per_second),
        .cost = 1,
        .kind = LIMIT_ENVIRONMENT,
    };
    return take_all(limiter, &claim, 1, now_us, refusal);
}

enum { MESSAGE_CLAIMS = 5 };

static size_t add_message(const struct limiter *limiter, const struct limit_message *message,
                          struct claim *claims, unsigned cost) {
    size_t count = 0;
    unsigned each = message->visitor_per_minute;
    unsigned all = message->environment_per_minute;
    if (each > 0 && !str_is_empty(message->visitor))
        claims[count++] = (struct claim){
            limiter->visitors, hash_named(limiter, LIMIT_VISITOR, message->environment, message->visitor),
            bucket_rate_of(each, MINUTE_S, each), cost, LIMIT_VISITOR};
    if (all > 0 && !message->is_verified) {
        unsigned half = all > 1 ? all / 2 : 1;
        claims[count++] = (struct claim){limiter->environments,
                                         hash_named(limiter, LIMIT_ANONYMOUS, message->environment, STR_NONE),
                                         bucket_rate_of(half, MINUTE_S, half), cost, LIMIT_ANONYMOUS};
    }
    if (all > 0)
        claims[count++] = (struct claim){limiter->environments,
                                         hash_named(limiter, LIMIT_MESSAGES, message->environment, STR_NONE),
                                         bucket_rate_of(all, MINUTE_S, all), cost, LIMIT_MESSAGES};
    return count;
}

bool limit_message(struct limiter *limiter, const struct limit_message *message, int64_t now_us,
                   struct limit_refusal *refusal) {
    struct claim claims[MESSAGE_CLAIMS];
    size_t count = add_message(limiter, message, claims, 1);
    bool is_new = str_is_empty(message->visitor);
    if (is_new && limiter->counts_requests && is_counted(message->source))
        count += add_source(claims + count, limiter->addresses, message->source, &limiter->narrow,
                            &limiter->wide, NEW_VISITOR_COST, LIMIT_ADDRESS);
    return take_all(limiter, claims, count, now_us, refusal);
}

void limit_message_more(struct limiter *limiter, const struct limit_message *message, unsigned cost,
                        int64_t now_us) {
    struct claim claims[MESSAGE_CLAIMS];
    size_t count = add_message(limiter, message, claims, cost);
    for (size_t i = 0; i < count; i++)
        bucket_charge(claims[i].table, claims[i].key, &claims[i].rate, cost, now_us);
}
