/* SPDX-License-Identifier: Apache-2.0 */
/* A message is answered once, even when its client comes back on another thread while the answer is still
 * being written. */
#include "chat/answering.h"

#include "base/memory.h"

#include <pthread.h>
#include <string.h>

struct answered {
    struct answered *next;
    size_t len;
    char id[];
};

enum { BUCKETS = 256 };

struct chat_answering {
    pthread_mutex_t lock;
    struct answered *buckets[BUCKETS];
};

struct chat_answering *chat_answering_new(void) {
    struct chat_answering *answering = mem_alloc_zero(sizeof *answering);
    pthread_mutex_init(&answering->lock, NULL);
    return answering;
}

void chat_answering_free(struct chat_answering *answering) {
    if (answering == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (answering->buckets[i] != NULL) {
            struct answered *next = answering->buckets[i]->next;
            mem_free(answering->buckets[i]);
            answering->buckets[i] = next;
        }
    }
    pthread_mutex_destroy(&answering->lock);
    mem_free(answering);
}

static struct answered **place_of(struct chat_answering *answering, struct str message) {
    struct answered **at = &answering->buckets[str_hash(message) % BUCKETS];
    while (*at != NULL && !str_equal(str_of((*at)->id, (*at)->len), message))
        at = &(*at)->next;
    return at;
}

bool answering_begin(struct chat_answering *answering, struct str message) {
    pthread_mutex_lock(&answering->lock);
    struct answered **place = place_of(answering, message);
    bool is_mine = *place == NULL;
    if (is_mine) {
        struct answered *answered = mem_alloc_zero(sizeof *answered + message.len);
        answered->len = message.len;
        memcpy(answered->id, message.at, message.len);
        *place = answered;
    }
    pthread_mutex_unlock(&answering->lock);
    return is_mine;
}

void answering_end(struct chat_answering *answering, struct str message) {
    pthread_mutex_lock(&answering->lock);
    struct answered **place = place_of(answering, message);
    struct answered *answered = *place;
    if (answered != NULL)
        *place = answered->next;
    pthread_mutex_unlock(&answering->lock);
    mem_free(answered);
}
