/* SPDX-License-Identifier: Apache-2.0 */
/* A front thread from its start to its end. */
#include "server/front.h"
#include "store/change.h"

#include "base/clock.h"
#include "base/log.h"
#include "server/routes.h"
#include "server/upkeep.h"

#include <signal.h>
#include <stddef.h>

enum { ENDING_STEP_MS = 20 };

#define FRONT_OF(pointer, member) ((struct front *)((char *)(pointer)-offsetof(struct front, member)))

/* ---- beginning ---- */

static void say_begun(struct front *front, enum status status) {
    pthread_mutex_lock(&front->lock);
    front->begun = status;
    front->has_begun = true;
    pthread_cond_signal(&front->changed);
    pthread_mutex_unlock(&front->lock);
}

/* What another thread, or another process, has changed. */
static void on_change(void *context, const struct store_change *change) {
    struct front *front = context;
    if (change != NULL && str_equal(change->kind, STORE_CHANGE_KEY_SET)) {
        if (front->index == 0) /* one for all */
            keyset_refresh(front->process->key_sets, change->id);
        return;
    }
    environment_cache_drop(front->environments, change != NULL ? change->environment : STR_NONE);
    if (change == NULL || str_equal(change->kind, STR("session")))
        chat_recheck(front->chat, change != NULL ? change->environment : STR_NONE);
}

static struct http_options http_options_of(const struct front *front) {
    const struct process *process = front->process;
    struct http_options options = http_options_default();
    options.address = process->address;
    if (front->index > 0 && str_starts_with(process->address, STR("unix:")))
        options.beside = process->fronts[0].listener;
    options.tls = process->tls;
    options.trusted_proxies = process->options->trusted_proxies;
    options.proxy_protocol = process->options->proxy_protocol;
    if (process->options->head_max != 0)
        options.head_max = process->options->head_max;
    if (process->options->connections != 0)
        options.connections_max = process->options->connections;
    return options;
}

static void make_parts(struct front *front) {
    struct process *process = front->process;
    front->key_sets = keyset_cache_new(process->key_sets);
    front->environments = environment_cache_new(process->store, process->vault);
    front->statistics = statistics_new(process->store);
    if (front->index == 0)
        statistics_set_fetches(front->statistics, process->fetches);
    environment_cache_count_with(front->environments, front->statistics, process->fetches);
    front->verifier = verifier_new(front->key_sets);
    const struct chat_services services = {
        .store = process->store,
        .egress = process->egress,
        .environments = front->environments,
        .verifier = front->verifier,
        .limiter = process->limiter,
        .answering = process->answering,
    };
    front->chat = chat_new(&services);
    front->admin_api = (struct admin_api){
        .store = process->store,
        .vault = process->vault,
        .egress = process->egress,
        .key_sets = front->key_sets,
        .key_set_registry = process->key_sets,
        .environments = front->environments,
        .verifier = front->verifier,
        .access = process->access,
        .installation = &process->installation,
        .is_private_egress_allowed = process->options->allow_private_egress,
    };
}

/* Plain HTTP, and nobody is believed to speak for another: it is the operator's own network. */
static enum status listen_for_metrics(struct front *front) {
    struct http_options options = http_options_default();
    options.address = front->process->options->metrics_listen;
    if (front->index != 0 || str_is_empty(options.address))
        return OK;
    enum status status =
        http_listener_new(front->loop, &options, routes_handle_metrics, front, &front->metrics_listener);
    front->process->is_metrics_refused = status != OK;
    return status;
}

static enum status listen_for_all(struct front *front) {
    const struct http_options options = http_options_of(front);
    TRY(listen_for_metrics(front));
    return http_listener_new(front->loop, &options, routes_handle, front, &front->listener);
}

static void begin(struct message *message) {
    struct front *front = FRONT_OF(message, begin);
    make_parts(front);
    enum status status = listen_for_all(front);
    if (status == OK) {
        front->watch = store_watch_start(front->process->store, on_change, front);
        statistics_start(front->statistics);
        if (front->index == 0)
            upkeep_start(front);
    } else {
        loop_stop(front->loop);
    }
    say_begun(front, status);
}

static void *run(void *argument) {
    struct front *front = argument;
    loop_run(front->loop);
    return NULL;
}

enum status front_start(struct process *process, struct front *front) {
    front->process = process;
    front->index = (size_t)(front - process->fronts);
    front->loop = loop_new();
    pthread_mutex_init(&front->lock, NULL);
    pthread_cond_init(&front->changed, NULL);
    front->begin.deliver = begin;
    front->is_running = pthread_create(&front->thread, NULL, run, front) == 0;
    if (!front->is_running)
        return FAILED;
    loop_post(front->loop, &front->begin);
    pthread_mutex_lock(&front->lock);
    while (!front->has_begun)
        pthread_cond_wait(&front->changed, &front->lock);
    pthread_mutex_unlock(&front->lock);
    return front->begun;
}

/* ---- ending ---- */

/* What was counted and noted until now. True: it is being written. */
static bool write_the_rest(struct front *front) {
    bool is_noting = chat_flush(front->chat);
    return statistics_flush(front->statistics) || is_noting;
}

/* When nothing is served any more, and nobody waits for a store or a model: the loop ends. */
static void try_to_end(struct timer *timer) {
    struct front *front = FRONT_OF(timer, ending);
    bool is_late = clock_monotonic_us() > front->end_by_us;
    if (is_late)
        chat_stop(front->chat); /* what was written so far is kept */
    bool is_idle = front->undrained == 0 && front->is_unwatched && chat_count_busy(front->chat) == 0 &&
                   fiber_count_running() == 0;
    bool is_written = is_idle && (is_late || !write_the_rest(front));
    if (is_written)
        loop_stop(front->loop);
    else
        timer_start(front->loop, &front->ending, ENDING_STEP_MS, try_to_end);
}

static void drained(void *data) {
    ((struct front *)data)->undrained--;
}

static void unwatched(void *context) {
    ((struct front *)context)->is_unwatched = true;
}

static void end(struct message *message) {
    struct front *front = FRONT_OF(message, end);
    int64_t drain_ms = (int64_t)front->process->options->drain_s * 1000;
    front->end_by_us = clock_monotonic_us() + drain_ms * 1000;
    front->undrained = front->metrics_listener != NULL ? 2 : 1;
    http_listener_drain(front->listener, drain_ms, drained, front);
    if (front->metrics_listener != NULL)
        http_listener_drain(front->metrics_listener, drain_ms, drained, front);
    upkeep_stop(front);
    store_watch_stop(front->watch, unwatched);
    timer_start(front->loop, &front->ending, ENDING_STEP_MS, try_to_end);
}

void front_drain(struct front *front) {
    front->end.deliver = end;
    loop_post(front->loop, &front->end);
}

void front_join(struct front *front) {
    if (front->is_running)
        pthread_join(front->thread, NULL);
    front->is_running = false;
}

void front_free(struct front *front) {
    http_listener_free(front->listener);
    http_listener_free(front->metrics_listener);
    chat_free(front->chat);
    verifier_free(front->verifier);
    environment_cache_free(front->environments);
    statistics_free(front->statistics);
    keyset_cache_free(front->key_sets);
    loop_free(front->loop);
    pthread_cond_destroy(&front->changed);
    pthread_mutex_destroy(&front->lock);
}
