/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: the store's threads, each with a connection of its own. Those that write put all that
 * waits at that moment into one commit; those that read send all questions that wait in one go. */
#pragma once

#include "store/driver.h"

#include <pthread.h>

/* How long a row of the audit log may wait for its turn: its id says when it was made, and whoever follows
 * the log must know from when on no older one can come (store_audit_settling_ms). */
enum { STAMP_WAIT_MS = 5000 };

struct store_thread {
    struct store *store;
    struct loop *loop;
    struct database *database;
    pthread_t thread;
    bool is_running;
    bool is_writer;

    struct unit *waiting, **waiting_end; /* its queue, touched on its own thread */
    struct message serve;                /* to itself: behind all that is in its mailbox now */
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
    const struct driver *driver;
    struct store_thread *writers, *readers;
    unsigned writer_count, reader_count;
    _Atomic unsigned next_reader;

    pthread_mutex_t listeners_mutex;
    struct listener *listeners;
    char *own_url;                         /* may hold a password: wiped at the end */
    struct database_options listening;     /* what the engine's listener connects by */
    struct database_listener *from_others; /* started with the first listener; NULL: not yet, or none */

    _Atomic uint64_t commits, writes, reads, refused;
};

/* Whose turn it is. Units of one conversation, and all that change what is administered, meet on one writer,
 * so that writers do not wait for each other's rows. */
struct store_thread *threads_writer(struct store *store, const struct unit *unit);
struct store_thread *threads_next_reader(struct store *store);
void threads_work(struct job *job); /* a unit's; its `thread` is set */
/* As unit_write_wait and unit_read_wait, on a given thread (unit.c). */
FIBER NODISCARD enum status unit_run_wait(struct unit **unit, struct store_thread *thread);

/* FAILED: the system has no thread. */
NODISCARD enum status threads_start(struct store_thread *thread);
void threads_stop(struct store_thread *thread); /* ends it and closes its connection */

void threads_listen(struct store *store, struct listener *listener);
void threads_unlisten(struct store *store,
                      struct listener *listener); /* it may still be told once: see is_posted */
