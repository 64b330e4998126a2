/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind the opaque types of <chatelaine/fetch.h>. */
#pragma once

#include "base/digest.h"
#include "keyset/keyset.h"

#include <chatelaine/fetch.h>
#include <pthread.h>
#include <stdatomic.h>

/* An issuer whose keys are fetched. */
struct source {
    const char *issuer_name;         /* the verifier's */
    struct str url;                  /* likewise */
    _Atomic int64_t usable_until_ms; /* monotonic */
    unsigned char
        digest[DIGEST_SHA256_LEN]; /* of the document at hand, zeros for none; the registry's thread only */
};

struct chatelaine_fetcher {
    struct chatelaine_verifier *verifier;
    struct source *sources;
    size_t source_count;
    struct egress *egress;
    struct keyset_registry *registry;
    struct keyset_cache *cache; /* used on the loop's thread only */
    struct loop *loop;
    pthread_t thread;
    _Atomic uint64_t changes; /* of any keys, so far */
};

enum question_kind { QUESTION_GET, QUESTION_UNKNOWN_KID, QUESTION_NOW };

/* On the stack of who asks, who waits until it is answered. */
struct question {
    struct message message; /* first: it travels as one */
    struct chatelaine_fetcher *fetcher;
    struct source *source;
    enum question_kind kind;
    uint64_t changes; /* the fetcher's, before the token was verified */
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool is_answered;
    /* the answer */
    enum status status;
    enum keyset_problem problem;
    char sentence[256];
};

void fetcher_on_document(void *listener, struct str url, struct str document, int64_t usable_ms);
