/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the store serves, asked by a probe that has other things to do: the questions go in a fiber of
 * their own, which is left alone when they take too long. */
#include "base/clock.h"
#include "base/memory.h"
#include "store/threads.h"

enum { PATIENCE_MS = 2000 };

struct ping {
    struct timer timer; /* first member */
    struct store *store;
    struct fiber *asker; /* NULL: it has gone */
    enum status status;
    bool is_over, is_late;
};

static FIBER enum status read_wait(struct store_thread *thread) {
    AUTO_UNIT unit = unit_new(thread->store);
    unit_add_values(unit, PING, ONE_ELSE_NOT_FOUND, NULL, 0);
    return unit_run_wait(&unit, thread);
}

/* A row of no meaning, so that a full or read-only database is found out. */
static FIBER enum status write_wait(struct store_thread *thread) {
    AUTO_UNIT unit = unit_new(thread->store);
    unit_add(unit, WRITER_INSERT, ANY, value_text(STR("ping")), value_number(0),
             value_number(clock_now_ms()));
    return unit_run_wait(&unit, thread);
}

static FIBER void ask(void *argument) {
    struct ping *ping = argument;
    struct store *store = ping->store;
    ping->status = read_wait(threads_next_reader(store));
    for (unsigned i = 0; i < store->reader_count && ping->status == OK; i++) {
        if (store->readers[i].database->trouble != NULL)
            ping->status = read_wait(&store->readers[i]);
    }
    for (unsigned i = 0; i < store->writer_count && ping->status == OK; i++) {
        if (store->writers[i].database->trouble != NULL)
            ping->status = write_wait(&store->writers[i]);
    }
}

static void on_answered(void *argument) {
    struct ping *ping = argument;
    ping->is_over = true;
    if (ping->asker != NULL)
        fiber_wake(ping->asker);
    else
        mem_free(ping);
}

static void on_late(struct timer *timer) {
    struct ping *ping = (struct ping *)timer;
    ping->is_late = true;
    fiber_wake(ping->asker);
}

enum status store_ping_wait(struct store *store) {
    struct ping *ping = mem_alloc_zero(sizeof *ping);
    ping->store = store;
    ping->asker = fiber_current();
    timer_start(loop_current(), &ping->timer, PATIENCE_MS, on_late);
    struct fiber *questioner = fiber_start(ask, ping, on_answered);
    enum status status = OK;
    while (status == OK && !ping->is_over && !ping->is_late)
        status = fiber_park_wait();
    timer_stop(loop_current(), &ping->timer);
    if (ping->is_over) {
        status = status == OK ? ping->status : status;
        mem_free(ping);
        return status;
    }
    ping->asker = NULL; /* it frees itself */
    fiber_cancel(questioner);
    return status == OK ? TIMED_OUT : status;
}
