/* SPDX-License-Identifier: Apache-2.0 */
#include "store/threads.h"

#include <stdatomic.h>

struct loop *threads_writer(struct store *store) {
    return store->writer.loop;
}

struct loop *threads_next_reader(struct store *store) {
    unsigned turn = atomic_fetch_add_explicit(&store->next_reader, 1, memory_order_relaxed);
    return store->readers[turn % store->reader_count].loop;
}

/* ---- writing ---- */

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

static void commit_waiting(struct message *message) {
    struct store *store = (struct store *)((char *)message - offsetof(struct store, commit));
    struct unit *unit = store->waiting;
    store->waiting = NULL;
    store->waiting_end = &store->waiting;
    if (database_write(store->writer.database, unit))
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
}

/* Group commit: the unit joins the queue, and the first one to do so posts the commit behind everything that
 * is in the mailbox by now. While that commit waits for the disk, the next group gathers in the mailbox. */
void threads_work_write(struct job *job) {
    struct unit *unit = (struct unit *)job;
    struct store *store = unit->store;
    unit->next = NULL;
    if (store->waiting == NULL) {
        store->commit.deliver = commit_waiting;
        loop_post(store->writer.loop, &store->commit);
    }
    *store->waiting_end = unit;
    store->waiting_end = &unit->next;
}

/* ---- reading ---- */

static struct database *database_of_this_thread(const struct store *store) {
    const struct loop *here = loop_current();
    for (unsigned i = 0; i < store->reader_count; i++) {
        if (store->readers[i].loop == here)
            return store->readers[i].database;
    }
    return store->writer.database;
}

void threads_work_read(struct job *job) {
    struct unit *unit = (struct unit *)job;
    struct store *store = unit->store;
    database_read(database_of_this_thread(store), unit);
    atomic_fetch_add_explicit(unit->status == OK ? &store->reads : &store->refused, 1, memory_order_relaxed);
    job_done(&unit->job);
}

/* ---- threads ---- */

static void *run(void *argument) {
    struct store_thread *thread = argument;
    loop_run(thread->loop);
    return NULL;
}

enum status threads_start(struct store_thread *thread) {
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
    database_close(thread->database);
}

/* ---- listeners ---- */

void threads_listen(struct store *store, struct listener *listener) {
    pthread_mutex_lock(&store->listeners_mutex);
    listener->next = store->listeners;
    store->listeners = listener;
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
