/* SPDX-License-Identifier: Apache-2.0 */
/* Key sets are fetched once for all threads and all environments that use them; each of those counts it. */
#include "base/memory.h"
#include "statistics/counters.h"

#include <pthread.h>
#include <string.h>

/* Expected pairs. More than these are not told apart by environment, and so not counted. */
enum { PAIRS_MAX = 8192, BUCKETS = 1024 };

struct pair {
    struct pair *next;     /* in its bucket, by URL */
    uint32_t good, failed; /* not written yet */
    struct str environment, url;
    char text[];
};

struct statistics_fetches {
    pthread_mutex_t lock;
    size_t count;
    bool is_counted; /* there is something to write */
    struct pair *buckets[BUCKETS];
};

struct statistics_fetches *statistics_fetches_new(void) {
    struct statistics_fetches *fetches = mem_alloc_zero(sizeof *fetches);
    pthread_mutex_init(&fetches->lock, NULL);
    return fetches;
}

void statistics_fetches_free(struct statistics_fetches *fetches) {
    if (fetches == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (fetches->buckets[i] != NULL) {
            struct pair *next = fetches->buckets[i]->next;
            mem_free(fetches->buckets[i]);
            fetches->buckets[i] = next;
        }
    }
    pthread_mutex_destroy(&fetches->lock);
    mem_free(fetches);
}

static struct pair **bucket_of(struct statistics_fetches *fetches, struct str url) {
    return &fetches->buckets[str_hash(url) % BUCKETS];
}

static bool is_expected(struct statistics_fetches *fetches, struct str environment, struct str url) {
    for (const struct pair *pair = *bucket_of(fetches, url); pair != NULL; pair = pair->next) {
        if (str_equal(pair->url, url) && str_equal(pair->environment, environment))
            return true;
    }
    return false;
}

static void add_pair(struct statistics_fetches *fetches, struct str environment, struct str url) {
    struct pair *pair = mem_alloc_zero(sizeof *pair + environment.len + url.len);
    memcpy(pair->text, environment.at, environment.len);
    memcpy(pair->text + environment.len, url.at, url.len);
    pair->environment = str_of(pair->text, environment.len);
    pair->url = str_of(pair->text + environment.len, url.len);
    struct pair **bucket = bucket_of(fetches, url);
    pair->next = *bucket;
    *bucket = pair;
    fetches->count++;
}

void statistics_fetches_expect(struct statistics_fetches *fetches, struct str environment, struct str url) {
    if (fetches == NULL || str_is_empty(url))
        return;
    pthread_mutex_lock(&fetches->lock);
    if (fetches->count < PAIRS_MAX && !is_expected(fetches, environment, url))
        add_pair(fetches, environment, url);
    pthread_mutex_unlock(&fetches->lock);
}

void statistics_fetches_note(struct statistics_fetches *fetches, struct str url, bool is_good) {
    pthread_mutex_lock(&fetches->lock);
    for (struct pair *pair = *bucket_of(fetches, url); pair != NULL; pair = pair->next) {
        if (!str_equal(pair->url, url))
            continue;
        ++*(is_good ? &pair->good : &pair->failed);
        fetches->is_counted = true;
    }
    pthread_mutex_unlock(&fetches->lock);
}

void fetches_take(struct statistics_fetches *fetches, struct pending *pending) {
    pthread_mutex_lock(&fetches->lock);
    for (size_t i = 0; fetches->is_counted && i < BUCKETS; i++) {
        for (struct pair *pair = fetches->buckets[i]; pair != NULL; pair = pair->next) {
            pending_take(pending, pair->environment, STATISTICS_FETCHES, STR("ok"), &pair->good, NULL);
            pending_take(pending, pair->environment, STATISTICS_FETCHES, STR("failed"), &pair->failed, NULL);
        }
    }
    fetches->is_counted = false;
    pthread_mutex_unlock(&fetches->lock);
}

void fetches_put_back(struct statistics_fetches *fetches, const struct pending_figure *figure) {
    pthread_mutex_lock(&fetches->lock);
    *figure->counted += (uint32_t)figure->figure.counted;
    fetches->is_counted = true;
    pthread_mutex_unlock(&fetches->lock);
}
