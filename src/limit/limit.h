/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for how much: token buckets by address, by visitor and by environment, for the whole process.
 * All are in tables of a fixed size that every thread uses without a lock, so a limit means the same with one
 * front thread and with many, and no flood makes them grow. Time is handed in: microseconds of the monotonic
 * clock. From any thread. */
#pragma once

#include "base/str.h"

struct limiter;

struct limit_options {
    unsigned requests_per_second; /* from one address, ten times as many at once; 0: no limit */
    unsigned failures_per_minute; /* unknown keys and forged tokens from one address, as many at once; 0: no
                                     limit */
};

struct limiter *limiter_new(const struct limit_options *options, int64_t now_us);
void limiter_free(struct limiter *limiter);

enum limit_kind {
    LIMIT_ADDRESS,     /* requests of an address or its network */
    LIMIT_FAILURES,    /* unknown keys and forged tokens of an address */
    LIMIT_VISITOR,     /* messages of a visitor */
    LIMIT_ANONYMOUS,   /* messages of all anonymous visitors of an environment: half of what it has */
    LIMIT_MESSAGES,    /* messages of an environment */
    LIMIT_ENVIRONMENT, /* requests of an environment */
    LIMIT_KINDS,
};
const char *limit_kind_name(enum limit_kind kind); /* "address" */

/* Why something was refused. After that many seconds the same passes, unless somebody else took it
 * meanwhile. */
struct limit_refusal {
    enum limit_kind kind;
    unsigned retry_after_s; /* 1 or more */
};

/* ---- by address ---- */

/* Where requests come from: an IPv4 address, or an IPv6 network of 64 bits, and the one of 48 bits around it,
 * which has eight times as much. One that is all zero is not counted. */
struct limit_source {
    uint64_t narrow, wide;
};

/* `ip` is IPv6, or IPv4 in its mapped form. Loopback and the unspecified address (a unix socket) are not
 * counted: that is not a visitor's address but a proxy's that does not say for whom it asks. */
struct limit_source limit_source_of(const struct limiter *limiter, const uint8_t ip[16]);

/* Takes one request's worth, or `cost` times that. False: nothing was taken, and `refusal` says why. */
NODISCARD bool limit_request(struct limiter *limiter, struct limit_source source, unsigned cost,
                             int64_t now_us, struct limit_refusal *refusal);

/* Whether the address may still present a key or token that is not known to be good; what comes of it is
 * said by limit_refused or limit_failed. */
NODISCARD bool limit_may_fail(struct limiter *limiter, struct limit_source source, int64_t now_us,
                              struct limit_refusal *refusal);
void limit_refused(struct limiter *limiter, const struct limit_refusal *refusal);
void limit_failed(struct limiter *limiter, struct limit_source source, int64_t now_us);

/* ---- by environment and visitor ---- */

/* `per_second` requests to an environment, as many at once; 0: no limit. */
NODISCARD bool limit_environment(struct limiter *limiter, struct str environment, unsigned per_second,
                                 int64_t now_us, struct limit_refusal *refusal);

struct limit_message {
    struct str environment; /* id */
    struct str visitor;     /* id; empty: a new anonymous one, who is counted by the source */
    struct limit_source source;
    bool is_verified;                /* else the anonymous visitors share half of the environment's */
    unsigned visitor_per_minute;     /* as many at once; 0: no limit */
    unsigned environment_per_minute; /* likewise */
};
NODISCARD bool limit_message(struct limiter *limiter, const struct limit_message *message, int64_t now_us,
                             struct limit_refusal *refusal);
/* What an accepted message has cost beyond itself, in messages: a tool that was called, a model asked once
 * more. Never refused, but remembered: the next message waits for it. */
void limit_message_more(struct limiter *limiter, const struct limit_message *message, unsigned cost,
                        int64_t now_us);

/* ---- numbers ---- */
uint64_t limit_count_refused(const struct limiter *limiter, enum limit_kind kind);
