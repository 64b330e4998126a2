/* SPDX-License-Identifier: Apache-2.0 */
/* A fetcher's beginning and end. */
#include "base/log.h"
#include "base/memory.h"
#include "library_fetch/fetcher.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* So long unused, a set would be dropped: here its issuer stands in the settings, and it never is. */
static const int64_t for_ever_ms = INT64_C(100) * 365 * 24 * 3600 * 1000;

static void *run_thread(void *argument) {
    struct chatelaine_fetcher *fetcher = argument;
    pthread_setname_np(pthread_self(), "chatelaine");
    loop_run(fetcher->loop);
    return NULL;
}

static bool start_thread(struct chatelaine_fetcher *fetcher) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's business */
    bool started = pthread_create(&fetcher->thread, NULL, run_thread, fetcher) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* ---- the first fetch of each, for which nobody waits ---- */

struct first {
    struct message message; /* first: it travels as one */
    struct chatelaine_fetcher *fetcher;
    struct str url;
};

static void run_first(void *argument) {
    struct first *first = argument;
    AUTO_ARENA arena = arena_new();
    struct jose_key_set *keys = NULL;
    struct keyset_error error;
    enum status status = keyset_get_wait(first->fetcher->cache, first->url, arena, &keys, &error);
    (void)status; /* whoever needs the keys asks again, and hears why there are none */
    jose_key_set_release(keys);
    mem_free(first);
}

static void deliver_first(struct message *message) {
    fiber_start(run_first, (struct first *)message, NULL);
}

static void fetch_first(struct chatelaine_fetcher *fetcher) {
    for (size_t i = 0; i < fetcher->source_count; i++) {
        struct first *first = mem_alloc_zero(sizeof *first);
        first->message.deliver = deliver_first;
        first->fetcher = fetcher;
        first->url = fetcher->sources[i].url;
        loop_post(fetcher->loop, &first->message);
    }
}

/* ---- making one ---- */

static void find_sources(struct chatelaine_fetcher *fetcher) {
    const char *name;
    for (size_t i = 0; (name = chatelaine_verifier_issuer_name(fetcher->verifier, i)) != NULL; i++) {
        const char *url = chatelaine_verifier_key_set_url(fetcher->verifier, name);
        if (url != NULL) {
            struct source *source = &fetcher->sources[fetcher->source_count++];
            source->issuer_name = name;
            source->url = str_from(url);
        }
    }
}

static struct chatelaine_fetcher *allocate(struct chatelaine_verifier *verifier) {
    size_t issuers = 0;
    while (chatelaine_verifier_issuer_name(verifier, issuers) != NULL)
        issuers++;
    struct chatelaine_fetcher *fetcher = calloc(1, sizeof *fetcher);
    struct source *sources = calloc(issuers + 1, sizeof *sources);
    if (fetcher == NULL || sources == NULL) {
        free(fetcher);
        free(sources);
        return NULL;
    }
    fetcher->verifier = verifier;
    fetcher->sources = sources;
    find_sources(fetcher);
    return fetcher;
}

/* The caller may be older or newer than this library: what it does not know of is 0. */
static struct chatelaine_fetch_options read_options(const struct chatelaine_fetch_options *given) {
    struct chatelaine_fetch_options options = {0};
    if (given != NULL)
        memcpy(&options, given, given->size < sizeof options ? given->size : sizeof options);
    return options;
}

static void *do_nothing(void *argument) {
    return argument;
}

/* The parts that are used here end the process where it is out of descriptors or threads, as is right for a
 * server that starts. A guest looks beforehand. */
static bool has_room(void) {
    enum { DESCRIPTORS = 16, PARTS = 3 };
    int opened[DESCRIPTORS];
    pthread_t threads[PARTS];
    size_t descriptors = 0;
    size_t running = 0;
    while (descriptors < DESCRIPTORS && (opened[descriptors] = eventfd(0, EFD_CLOEXEC)) >= 0)
        descriptors++;
    while (running < PARTS && pthread_create(&threads[running], NULL, do_nothing, NULL) == 0)
        running++;
    for (size_t i = 0; i < descriptors; i++)
        close(opened[i]);
    for (size_t i = 0; i < running; i++)
        pthread_join(threads[i], NULL);
    return descriptors == DESCRIPTORS && running == PARTS;
}

static enum chatelaine_status start(struct chatelaine_fetcher *fetcher,
                                    const struct chatelaine_fetch_options *options) {
    const struct egress_options outgoing = {.is_private_allowed = options->allow_private_addresses,
                                            .extra_ca_file = str_from(options->extra_ca_file)};
    const struct keyset_options key_sets = {.life_ms = options->life_ms,
                                            .stale_ms = options->stale_ms,
                                            .unknown_kid_ms = options->unknown_kid_ms,
                                            .failure_ms = options->failure_ms,
                                            .timeout_ms = options->timeout_ms,
                                            .idle_ms = for_ever_ms,
                                            .is_private_allowed = options->allow_private_addresses,
                                            .on_document = fetcher_on_document,
                                            .listener = fetcher};
    if (!has_room() || egress_start(&outgoing, &fetcher->egress) != OK)
        return CHATELAINE_FAILED;
    fetcher->loop = loop_new();
    fetcher->registry = keyset_registry_new(fetcher->egress, &key_sets);
    fetcher->cache = keyset_cache_new(fetcher->registry);
    if (start_thread(fetcher))
        return CHATELAINE_OK;
    keyset_cache_free(fetcher->cache);
    keyset_registry_free(fetcher->registry);
    loop_free(fetcher->loop);
    egress_stop(fetcher->egress);
    return CHATELAINE_FAILED;
}

enum chatelaine_status chatelaine_fetcher_new(struct chatelaine_verifier *verifier,
                                              const struct chatelaine_fetch_options *options,
                                              struct chatelaine_fetcher **fetcher) {
    struct chatelaine_fetch_options known = read_options(options);
    *fetcher = NULL;
    struct chatelaine_fetcher *made = allocate(verifier);
    if (made == NULL)
        return CHATELAINE_NO_MEMORY;
    log_set_level(
        (enum log_level)(LOG_ERROR + 1)); /* of this library's own copy: it has no business on stderr */
    enum chatelaine_status status = made->source_count > 0 ? start(made, &known) : CHATELAINE_INVALID;
    if (status != CHATELAINE_OK) {
        free(made->sources);
        free(made);
        return status;
    }
    fetch_first(made);
    *fetcher = made;
    return CHATELAINE_OK;
}

/* Those who ask end before those who answer them. */
void chatelaine_fetcher_free(struct chatelaine_fetcher *fetcher) {
    if (fetcher == NULL)
        return;
    loop_stop(fetcher->loop);
    pthread_join(fetcher->thread, NULL);
    loop_free(fetcher->loop);
    keyset_cache_free(fetcher->cache);
    keyset_registry_free(fetcher->registry);
    egress_stop(fetcher->egress);
    free(fetcher->sources);
    free(fetcher);
}
