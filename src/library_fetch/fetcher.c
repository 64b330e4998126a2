/* SPDX-License-Identifier: Apache-2.0 */
/* The server's key-set keeper behind libchatelaine's interface. Documents that it has fetched are handed to
 * the verifier as text, through the public header: nothing else passes between the two libraries, each of
 * which has its own copy of what they share. */
#include "library_fetch/fetcher.h"

#include "base/clock.h"
#include "base/memory.h"

#include <string.h>

/* ---- what the registry tells ---- */

static void take_document(struct chatelaine_fetcher *fetcher, struct source *source, struct str document,
                          int64_t usable_ms) {
    unsigned char digest[DIGEST_SHA256_LEN];
    digest_sha256_into(document, digest);
    if (memcmp(digest, source->digest, sizeof digest) != 0) {
        if (chatelaine_verifier_set_keys(fetcher->verifier, source->issuer_name, document.at, document.len,
                                         NULL) != CHATELAINE_OK) {
            /* Out of memory. What is at hand may be just what was withdrawn. */
            atomic_store_explicit(&source->usable_until_ms, 0, memory_order_release);
            mem_wipe(source->digest, sizeof source->digest);
            return;
        }
        memcpy(source->digest, digest, sizeof digest);
        atomic_fetch_add_explicit(&fetcher->changes, 1, memory_order_release);
    }
    atomic_store_explicit(&source->usable_until_ms, clock_monotonic_us() / 1000 + usable_ms,
                          memory_order_release);
}

void fetcher_on_document(void *listener, struct str url, struct str document, int64_t usable_ms) {
    struct chatelaine_fetcher *fetcher = listener;
    for (size_t i = 0; i < fetcher->source_count; i++) {
        if (str_equal(fetcher->sources[i].url, url))
            take_document(fetcher, &fetcher->sources[i], document, usable_ms);
    }
}

/* ---- questions: asked on any thread, answered by a fiber of the loop ---- */

FIBER static enum status answer_wait(struct question *question, struct arena *arena,
                                     struct keyset_error *error) {
    struct keyset_cache *cache = question->fetcher->cache;
    struct str url = question->source->url;
    const struct jose_key_set *seen = NULL;
    struct jose_key_set *keys = NULL;
    enum status status = OK;
    switch (question->kind) {
    case QUESTION_GET:
        status = keyset_get_wait(cache, url, arena, &keys, error);
        if (status == OK &&
            atomic_load(&question->source->usable_until_ms) == 0) { /* they were not taken in */
            jose_key_set_release(keys);
            status = keyset_refresh_now_wait(cache, url, arena, &keys, error);
        }
        break;
    case QUESTION_UNKNOWN_KID:
        /* Where other keys have come since it was verified, they are looked at first. */
        if (atomic_load(&question->fetcher->changes) == question->changes &&
            keyset_peek(cache, url, &seen) == OK)
            status = keyset_refresh_for_unknown_kid_wait(cache, url, seen, &keys);
        break;
    case QUESTION_NOW:
        status = keyset_refresh_now_wait(cache, url, arena, &keys, error);
        break;
    }
    jose_key_set_release(keys);
    return status;
}

static void run_question(void *argument) {
    struct question *question = argument;
    AUTO_ARENA arena = arena_new();
    struct keyset_error error = {.problem = KEYSET_UNREACHABLE};
    enum status status = answer_wait(question, arena, &error);
    pthread_mutex_lock(&question->lock);
    question->status = status;
    question->problem = error.problem;
    size_t len = error.sentence.len < sizeof question->sentence ? error.sentence.len : 0;
    if (len > 0)
        memcpy(question->sentence, error.sentence.at, len);
    question->sentence[len] = '\0';
    question->is_answered = true;
    pthread_cond_signal(&question->answered);
    pthread_mutex_unlock(&question->lock); /* from here on it is the asker's alone */
}

static void deliver_question(struct message *message) {
    fiber_start(run_question, (struct question *)message, NULL);
}

static void ask(struct question *question) {
    pthread_mutex_init(&question->lock, NULL);
    pthread_cond_init(&question->answered, NULL);
    question->message.deliver = deliver_question;
    loop_post(question->fetcher->loop, &question->message);
    pthread_mutex_lock(&question->lock);
    while (!question->is_answered)
        pthread_cond_wait(&question->answered, &question->lock);
    pthread_mutex_unlock(&question->lock);
    pthread_cond_destroy(&question->answered);
    pthread_mutex_destroy(&question->lock);
}

static enum chatelaine_detail detail_of(enum keyset_problem problem) {
    switch (problem) {
    case KEYSET_ADDRESS_REFUSED:
        return CHATELAINE_FETCH_REFUSED;
    case KEYSET_BAD_STATUS:
        return CHATELAINE_FETCH_STATUS;
    case KEYSET_NOT_A_KEY_SET:
        return CHATELAINE_FETCH_INVALID;
    default:
        return CHATELAINE_FETCH_UNREACHABLE;
    }
}

static enum chatelaine_status refuse(struct chatelaine_result *result, const struct question *question) {
    return chatelaine_result_refuse(result, detail_of(question->problem),
                                    question->sentence[0] != '\0' ? question->sentence : NULL);
}

/* ---- verifying ---- */

static struct source *source_named(struct chatelaine_fetcher *fetcher, const char *issuer_name) {
    for (size_t i = 0; issuer_name != NULL && i < fetcher->source_count; i++) {
        if (strcmp(fetcher->sources[i].issuer_name, issuer_name) == 0)
            return &fetcher->sources[i];
    }
    return NULL;
}

static bool has_usable_keys(const struct source *source) {
    return clock_monotonic_us() / 1000 < atomic_load_explicit(&source->usable_until_ms, memory_order_acquire);
}

enum chatelaine_status chatelaine_fetcher_verify_at(struct chatelaine_fetcher *fetcher, const char *token,
                                                    size_t len, int64_t now,
                                                    struct chatelaine_result *result) {
    uint64_t changes = atomic_load_explicit(&fetcher->changes, memory_order_acquire);
    enum chatelaine_status status = chatelaine_verify_at(fetcher->verifier, token, len, now, result);
    struct source *source = source_named(fetcher, chatelaine_result_issuer_name(result));
    if (source == NULL || status == CHATELAINE_NO_MEMORY)
        return status;
    bool has_keys = has_usable_keys(source);
    if (has_keys && !chatelaine_result_keys_may_be_stale(result))
        return status;
    struct question question = {.fetcher = fetcher,
                                .source = source,
                                .kind = has_keys ? QUESTION_UNKNOWN_KID : QUESTION_GET,
                                .changes = changes};
    ask(&question);
    if (!has_keys && (question.status != OK || atomic_load(&source->usable_until_ms) == 0))
        return refuse(result, &question);
    return chatelaine_verify_at(fetcher->verifier, token, len, now, result);
}

enum chatelaine_status chatelaine_fetcher_verify(struct chatelaine_fetcher *fetcher, const char *token,
                                                 size_t len, struct chatelaine_result *result) {
    return chatelaine_fetcher_verify_at(fetcher, token, len, clock_now_s(), result);
}

enum chatelaine_status chatelaine_fetcher_refresh(struct chatelaine_fetcher *fetcher, const char *issuer_name,
                                                  struct chatelaine_result *result) {
    struct source *source = source_named(fetcher, issuer_name);
    if (source == NULL)
        return CHATELAINE_NOT_FOUND;
    struct question question = {.fetcher = fetcher, .source = source, .kind = QUESTION_NOW};
    ask(&question);
    return question.status == OK ? CHATELAINE_OK : refuse(result, &question);
}
