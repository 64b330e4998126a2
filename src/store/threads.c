/* SPDX-License-Identifier: Apache-2.0 */
#include "store/threads.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdatomic.h>

struct store_thread *threads_writer(struct store *store, const struct unit *unit) {
    if (unit->announces || unit->step_count == 0 || store->writer_count == 1)
        return &store->writers[0];
    return &store->writers[unit_place(unit) % store->writer_count];
}

struct store_thread *threads_next_reader(struct store *store) {
    unsigned turn = atomic_fetch_add_explicit(&store->next_reader, 1, memory_order_relaxed);
    return &store->readers[turn % store->reader_count];
}

/* ---- telling ---- */

static void deliver_notice(struct message *message) {
    struct listener *listener = (struct listener *)message;
    atomic_store(&listener->is_posted, false);
    listener->changed(listener);
}

static void tell_listeners(struct store *store) {
    pthread_mutex_lock(&store->listeners_mutex);
    for (struct listener *listener = store->listeners; listener != NULL; listener = listener->next) {
        if (atomic_exchange(&listener->is_posted, true))
            continue;
        listener->message.deliver = deliver_notice;
        loop_post(listener->home, &listener->message);
    }
    pthread_mutex_unlock(&store->listeners_mutex);
}

static void on_heard(void *context) {
    tell_listeners(context);
}

/* ---- working ---- */

/* Takes at most `most` units off the queue. */
static struct unit *take_group(struct store_thread *thread, unsigned most) {
    struct unit *first = thread->waiting, **end = &first;
    for (unsigned i = 0; i < most && *end != NULL; i++)
        end = &(*end)->next;
    thread->waiting = *end;
    *end = NULL;
    if (thread->waiting == NULL)
        thread->waiting_end = &thread->waiting;
    return first;
}

static void serve_later(struct store_thread *thread);

/* Gives away those that have waited too long to be told in their order. */
static void refuse_late(struct unit **first) {
    int64_t now_us = clock_monotonic_us();
    for (struct unit **at = first; *at != NULL;) {
        struct unit *unit = *at;
        if (unit->stamped_us == 0 || now_us - unit->stamped_us < STAMP_WAIT_MS * 1000LL) {
            at = &unit->next;
            continue;
        }
        *at = unit->next;
        unit->status = UNAVAILABLE;
        atomic_fetch_add_explicit(&unit->store->refused, 1, memory_order_relaxed);
        job_done(&unit->job);
    }
}

static void commit_waiting(struct message *message) {
    struct store_thread *thread =
        (struct store_thread *)((char *)message - offsetof(struct store_thread, serve));
    struct store *store = thread->store;
    struct unit *unit = take_group(thread, store->driver->group_max);
    refuse_late(&unit);
    if (unit != NULL && store->driver->write(thread->database, &unit))
        atomic_fetch_add_explicit(&store->commits, 1, memory_order_relaxed);
    bool announces = false;
    while (unit != NULL) {
        struct unit *next = unit->next; /* job_done gives the unit away */
        atomic_fetch_add_explicit(unit->status == OK ? &store->writes : &store->refused, 1,
                                  memory_order_relaxed);
        announces = announces || (unit->announces && unit->status == OK);
        job_done(&unit->job);
        unit = next;
    }
    if (announces)
        tell_listeners(store);
    if (thread->waiting != NULL)
        serve_later(thread);
}

static void is_read(struct unit *unit) {
    struct store *store = unit->store;
    atomic_fetch_add_explicit(unit->status == OK ? &store->reads : &store->refused, 1, memory_order_relaxed);
    job_done(&unit->job);
}

static void read_waiting(struct message *message) {
    struct store_thread *thread =
        (struct store_thread *)((char *)message - offsetof(struct store_thread, serve));
    const struct driver *driver = thread->store->driver;
    driver->read(thread->database, take_group(thread, driver->group_max), is_read);
    if (thread->waiting != NULL)
        serve_later(thread);
}

static void serve_later(struct store_thread *thread) {
    thread->serve.deliver = thread->is_writer ? commit_waiting : read_waiting;
    loop_post(thread->loop, &thread->serve);
}

/* Group commit: the unit joins the queue, and the first one to do so posts the commit behind everything that
 * is in the mailbox by now. While that commit waits for the disk, the next group gathers in the mailbox. */
void threads_work(struct job *job) {
    struct unit *unit = (struct unit *)job;
    struct store_thread *thread = unit->thread;
    unit->next = NULL;
    bool is_first = thread->waiting == NULL;
    *thread->waiting_end = unit;
    thread->waiting_end = &unit->next;
    if (is_first)
        serve_later(thread);
}

/* ---- threads ---- */

static void *run(void *argument) {
    struct store_thread *thread = argument;
    loop_run(thread->loop);
    return NULL;
}

enum status threads_start(struct store_thread *thread) {
    thread->waiting_end = &thread->waiting;
    thread->is_running = pthread_create(&thread->thread, NULL, run, thread) == 0;
    return thread->is_running ? OK : FAILED;
}

void threads_stop(struct store_thread *thread) {
    if (thread->is_running) {
        loop_stop(thread->loop);
        pthread_join(thread->thread, NULL);
    }
    if (thread->loop != NULL)
        loop_free(thread->loop);
    if (thread->database != NULL)
        thread->database->driver->close(thread->database);
}

/* ---- listeners ---- */

/* Without it, the watches' look each second is what is left. */
static void hear_others(struct store *store) {
    if (store->from_others != NULL || store->driver->listen == NULL)
        return;
    enum status status = store->driver->listen(&store->listening, on_heard, store, &store->from_others);
    if (status != OK)
        log_event(LOG_WARNING, "store-listen-failed", LOG_STR("status", str_from(status_name(status))));
}

void threads_listen(struct store *store, struct listener *listener) {
    pthread_mutex_lock(&store->listeners_mutex);
    listener->next = store->listeners;
    store->listeners = listener;
    hear_others(store);
    pthread_mutex_unlock(&store->listeners_mutex);
}

void threads_unlisten(struct store *store, struct listener *listener) {
    pthread_mutex_lock(&store->listeners_mutex);
    struct listener **place = &store->listeners;
    while (*place != listener)
        place = &(*place)->next;
    *place = listener->next;
    pthread_mutex_unlock(&store->listeners_mutex);
}
