/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop_internal.h"

#include "base/memory.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Messages delivered before the loop looks at sockets and timers again. */
enum { MESSAGES_A_TURN = 256 };

static _Thread_local struct loop *current_loop;

struct loop *loop_current(void) {
    return current_loop;
}

struct ev_loop *loop_ev(struct loop *loop) {
    return loop->ev;
}

bool loop_is_ending(const struct loop *loop) {
    return loop->is_ending;
}

/* ---- the mailbox ---- */

/* Moves what other threads have posted behind what is due already. The inbox is a stack: turned round on the
 * way. */
static void take_inbox(struct loop *loop) {
    if (atomic_load_explicit(&loop->inbox, memory_order_relaxed) == NULL)
        return;
    struct message *newest = atomic_exchange_explicit(&loop->inbox, NULL, memory_order_acq_rel);
    struct message *oldest = NULL;
    for (struct message *message = newest; message != NULL;) {
        struct message *next = message->next;
        message->next = oldest;
        oldest = message;
        message = next;
    }
    *loop->due_end = oldest;
    loop->due_end = &newest->next;
}

static void deliver_oldest(struct loop *loop) {
    struct message *message = loop->due;
    loop->due = message->next;
    if (loop->due == NULL)
        loop->due_end = &loop->due;
    message->next = NULL;
    message->deliver(message);
}

static void on_woken(struct ev_loop *ev, struct ev_io *watcher, int events) {
    (void)watcher;
    (void)events;
    struct loop *loop = ev_userdata(ev);
    /* Read before the inbox is taken: who posts after that finds it empty and wakes again. */
    uint64_t count;
    ssize_t got = read(loop->wake_fd, &count, sizeof count);
    (void)got;
    take_inbox(loop);
    if (loop->due != NULL)
        ev_idle_start(ev, &loop->busy);
    if (atomic_load_explicit(&loop->is_stopping, memory_order_acquire))
        ev_break(ev, EVBREAK_ALL);
}

static void on_busy(struct ev_loop *ev, struct ev_idle *watcher, int events) {
    (void)events;
    struct loop *loop = ev_userdata(ev);
    struct message **end = loop->due_end;
    for (unsigned count = 0; count < MESSAGES_A_TURN && loop->due != NULL; count++) {
        bool is_last_of_turn = &loop->due->next == end;
        deliver_oldest(loop);
        if (is_last_of_turn)
            break; /* what these have posted in their turn waits for the next one */
    }
    if (loop->due == NULL)
        ev_idle_stop(ev, watcher);
}

/* Nobody will take the inbox any more: whoever posted delivers on its own thread. Only jobs that come home
 * late do that, and being abandoned they are just freed. */
static void deliver_closed(struct loop *loop) {
    struct message *message = atomic_exchange(&loop->inbox, NULL);
    while (message != NULL) {
        struct message *next = message->next;
        message->deliver(message);
        message = next;
    }
}

void loop_post(struct loop *to, struct message *message) {
    if (to == current_loop) {
        take_inbox(to); /* so that a sender's messages stay in order */
        message->next = NULL;
        *to->due_end = message;
        to->due_end = &message->next;
        ev_idle_start(to->ev, &to->busy);
        return;
    }
    /* A message may be delivered, and with it the last reference to the loop go, as soon as it is in the
     * inbox. */
    loop_refer(to);
    struct message *newest = atomic_load_explicit(&to->inbox, memory_order_relaxed);
    do {
        message->next = newest;
    } while (!atomic_compare_exchange_weak(&to->inbox, &newest, message));
    if (atomic_load(&to->is_closed)) {
        deliver_closed(to);
    } else if (newest == NULL) {
        uint64_t one = 1;
        ssize_t wrote = write(to->wake_fd, &one, sizeof one);
        (void)wrote; /* fails only when the counter is full, and then the loop is awake anyway */
    }
    loop_release(to);
}

/* ---- life ---- */

static void or_die(bool is_fine) {
    if (!is_fine)
        abort(); /* out of descriptors before the process has begun to work */
}

struct loop *loop_new(void) {
    struct loop *loop = mem_alloc_zero(sizeof *loop);
    loop->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    or_die(loop->ev != NULL && loop->wake_fd >= 0);
    loop->due_end = &loop->due;
    atomic_init(&loop->references, 1);
    ev_set_userdata(loop->ev, loop);
    ev_io_init(&loop->woken, on_woken, loop->wake_fd, EV_READ);
    ev_io_start(loop->ev, &loop->woken);
    ev_idle_init(&loop->busy, on_busy);
    ev_set_priority(&loop->busy,
                    EV_MAXPRI); /* idle watchers of lower rank would wait until no socket has anything */
    return loop;
}

struct loop *loop_refer(struct loop *loop) {
    atomic_fetch_add_explicit(&loop->references, 1, memory_order_relaxed);
    return loop;
}

void loop_release(struct loop *loop) {
    if (atomic_fetch_sub_explicit(&loop->references, 1, memory_order_acq_rel) != 1)
        return;
    close(loop->wake_fd);
    mem_free(loop);
}

/* Lets everything that was begun come to its end. */
static void run_down(struct loop *loop) {
    loop->is_ending = true;
    fibers_cancel_all(loop);
    for (;;) {
        take_inbox(loop);
        if (loop->due != NULL)
            ev_idle_start(loop->ev, &loop->busy);
        else if (loop->fibers.alive == NULL)
            break;
        ev_run(loop->ev, EVRUN_ONCE);
    }
    fibers_free_idle(loop);
    loop->is_ending = false;
}

void loop_run(struct loop *loop) {
    struct loop *outer = current_loop;
    current_loop = loop;
    if (loop->due != NULL)
        ev_idle_start(loop->ev, &loop->busy);
    while (!atomic_load_explicit(&loop->is_stopping, memory_order_acquire))
        ev_run(loop->ev, 0);
    run_down(loop);
    atomic_store_explicit(&loop->is_stopping, false, memory_order_relaxed);
    current_loop = outer;
}

void loop_stop(struct loop *loop) {
    atomic_store_explicit(&loop->is_stopping, true, memory_order_release);
    uint64_t one = 1;
    ssize_t wrote = write(loop->wake_fd, &one, sizeof one);
    (void)wrote;
}

void loop_free(struct loop *loop) {
    if (loop == NULL)
        return;
    struct loop *outer = current_loop;
    current_loop = loop;
    run_down(loop);
    current_loop = outer;
    atomic_store(&loop->is_closed, true);
    deliver_closed(loop);
    ev_loop_destroy(loop->ev);
    loop_release(loop);
}

/* ---- timers ---- */

static void on_timer(struct ev_loop *ev, struct ev_timer *watcher, int events) {
    (void)ev;
    (void)events;
    struct timer *timer = watcher->data;
    timer->fire(timer);
}

void timer_start(struct loop *loop, struct timer *timer, int64_t after_ms, void (*fire)(struct timer *)) {
    timer_stop(loop, timer);
    /* libev counts from the time at which it woke up; what has passed since then is added. */
    double late = ev_time() - ev_now(loop->ev);
    late = late < 0 ? 0 : (late > 1 ? 1 : late);
    timer->fire = fire;
    ev_timer_init(&timer->watcher, on_timer, (after_ms > 0 ? (double)after_ms / 1000.0 : 0) + late, 0);
    timer->watcher.data = timer;
    ev_timer_start(loop->ev, &timer->watcher);
}

void timer_stop(struct loop *loop, struct timer *timer) {
    ev_timer_stop(loop->ev, &timer->watcher);
}

bool timer_is_running(const struct timer *timer) {
    return ev_is_active(&timer->watcher) || ev_is_pending(&timer->watcher);
}
