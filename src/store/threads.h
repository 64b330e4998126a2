/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: the store's threads. One writes, and puts all that waits at that moment into one commit;
 * the others read. */
#pragma once

#include "store/database.h"

#include <pthread.h>

/* A thread with a loop and a connection of its own. */
struct store_thread {
    struct store *store;
    struct loop *loop;
    struct database *database;
    pthread_t thread;
    bool is_running;
};

/* Someone on another thread who is told that something was committed to `changes`. */
struct listener {
    struct message message; /* first member */
    struct loop *home;
    struct listener *next;
    _Atomic bool is_posted;                     /* the message is under way: no second one */
    void (*changed)(struct listener *listener); /* on `home`; after it, the listener may be told again */
};

struct store {
    struct store_thread writer;
    struct store_thread *readers;
    unsigned reader_count;
    _Atomic unsigned next_reader;

    struct unit *waiting, **waiting_end; /* the writer's queue, on its own thread */
    struct message commit;               /* to the writer itself: behind all that is in its mailbox now */

    pthread_mutex_t listeners_mutex;
    struct listener *listeners;

    _Atomic uint64_t commits, writes, reads, refused;
};

struct loop *threads_writer(struct store *store);
struct loop *threads_next_reader(struct store *store);
void threads_work_write(struct job *job);
void threads_work_read(struct job *job);

/* Both start a thread that runs until threads_stop. FAILED: the system has none. */
NODISCARD enum status threads_start(struct store_thread *thread);
void threads_stop(struct store_thread *thread);

void threads_listen(struct store *store, struct listener *listener);
void threads_unlisten(struct store *store,
                      struct listener *listener); /* it may still be told once: see is_posted */
