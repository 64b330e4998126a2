/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and jobs between threads. */
#include "base/clock.h"
#include "base/job.h"
#include "base/memory.h"
#include "unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>

enum { MESSAGES = 300000, JOBS_A_FIBER = 200, FIBERS = 500 };

/* A hundredth of it under valgrind, which sets UNIT_SMALL in the environment. */
static unsigned scaled(unsigned count) {
    return getenv("UNIT_SMALL") != NULL ? count / 100 : count;
}

static void *run_loop(void *argument) {
    loop_run(argument);
    return NULL;
}

static pthread_t start_thread(struct loop *loop) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_loop, loop), 0);
    return thread;
}

/* ---- messages: all arrive, once, in order per sender ---- */

struct tally {
    struct loop *loop;
    uint64_t next[2];
    uint64_t count;
};

struct numbered {
    struct message message;
    struct tally *tally;
    unsigned sender;
    uint64_t number;
};

static void count_message(struct message *message) {
    struct numbered *numbered = (struct numbered *)message;
    struct tally *tally = numbered->tally;
    assert_ptr_equal(loop_current(), tally->loop);
    assert_int_equal(numbered->number, tally->next[numbered->sender]);
    tally->next[numbered->sender]++;
    tally->count++;
    if (tally->count == 2ULL * scaled(MESSAGES))
        loop_stop(tally->loop);
    mem_free(numbered);
}

static void send_numbers(struct tally *tally, unsigned sender) {
    for (uint64_t i = 0; i < scaled(MESSAGES); i++) {
        struct numbered *numbered = mem_alloc(sizeof *numbered);
        *numbered = (struct numbered){{NULL, count_message}, tally, sender, i};
        loop_post(tally->loop, &numbered->message);
    }
}

static void *send_as_one(void *argument) {
    send_numbers(argument, 1);
    return NULL;
}

static void test_messages(void **state) {
    (void)state;
    struct tally tally = {.loop = loop_new()};
    pthread_t receiver = start_thread(tally.loop);
    pthread_t sender;
    assert_int_equal(pthread_create(&sender, NULL, send_as_one, &tally), 0);
    send_numbers(&tally, 0);
    pthread_join(sender, NULL);
    pthread_join(receiver, NULL);
    assert_int_equal(tally.count, 2ULL * scaled(MESSAGES));
    loop_free(tally.loop);
}

/* ---- a flood of messages does not keep timers from firing ---- */

struct flood {
    struct message message;
    struct timer timer;
    struct loop *loop;
    bool is_over;
    uint64_t turns;
};

static void post_again(struct message *message) {
    struct flood *flood = (struct flood *)message;
    flood->turns++;
    if (!flood->is_over)
        loop_post(flood->loop, message);
}

static void end_flood(struct timer *timer) {
    struct flood *flood = (struct flood *)((char *)timer - offsetof(struct flood, timer));
    flood->is_over = true;
    loop_stop(flood->loop);
}

static void begin_flood(struct message *message) {
    struct flood *flood = (struct flood *)message;
    timer_start(flood->loop, &flood->timer, 5, end_flood);
    assert_true(timer_is_running(&flood->timer));
    flood->message.deliver = post_again;
    loop_post(flood->loop, message);
}

static void test_flood(void **state) {
    (void)state;
    struct flood flood = {.message = {NULL, begin_flood}, .loop = loop_new()};
    loop_post(flood.loop, &flood.message);
    loop_run(flood.loop);
    assert_true(flood.is_over);
    assert_true(flood.turns > 10);
    assert_false(timer_is_running(&flood.timer));
    loop_free(flood.loop);
}

/* ---- what was posted to a loop that never ran, or had been told to stop, is delivered when it is freed ----
 */

static void set_flag(struct message *message) {
    *(bool *)(void *)((char *)message + sizeof *message) = true;
}

static void test_leftover(void **state) {
    (void)state;
    struct {
        struct message message;
        bool is_delivered;
    } one = {{NULL, set_flag}, false}, two = {{NULL, set_flag}, false};
    struct loop *loop = loop_new();
    loop_stop(loop);
    loop_post(loop, &one.message);
    loop_run(loop); /* told to stop before it ran: it delivers what it has and returns */
    assert_true(one.is_delivered);
    loop_post(loop, &two.message);
    loop_free(loop);
    assert_true(two.is_delivered);
}

/* ---- jobs ---- */

struct sum {
    struct job job;
    unsigned a;
    unsigned b;
    unsigned result;
};

static _Atomic unsigned freed;

static void free_sum(struct job *job) {
    atomic_fetch_add(&freed, 1);
    mem_free(job);
}

static void work_sum(struct job *job) {
    struct sum *sum = (struct sum *)job;
    sum->result = sum->a + sum->b;
    job_done(job);
}

static struct sum *sum_new(unsigned a, unsigned b) {
    struct sum *sum = mem_alloc_zero(sizeof *sum);
    sum->job.work = work_sum;
    sum->job.free = free_sum;
    sum->a = a;
    sum->b = b;
    return sum;
}

struct office {
    struct message message;
    struct loop *home;
    struct loop *worker;
    unsigned running;
    unsigned done;
    unsigned canceled;
    struct fiber *fibers[FIBERS];
};

static void run_asker(void *argument) {
    struct office *office = argument;
    unsigned index = office->running++;
    office->fibers[index] = fiber_current();
    for (unsigned i = 0; i < JOBS_A_FIBER; i++) {
        struct sum *sum = sum_new(i, index);
        enum status status = job_wait(&sum->job, office->worker);
        if (status == CANCELED) {
            office->canceled++;
            break;
        }
        assert_int_equal(status, OK);
        assert_int_equal(sum->result, i + index);
        free_sum(&sum->job);
        office->done++;
    }
    office->fibers[index] = NULL;
    if (--office->running == 0)
        loop_stop(office->home);
}

static void open_office(struct message *message) {
    struct office *office = (struct office *)message;
    for (unsigned i = 0; i < scaled(FIBERS); i++)
        fiber_start(run_asker, office, NULL);
    for (unsigned i = 0; i < scaled(FIBERS); i += 5)
        fiber_cancel(office->fibers[i]);
}

static void test_jobs(void **state) {
    (void)state;
    freed = 0;
    struct loop *worker = loop_new();
    pthread_t worker_thread = start_thread(worker);
    struct office *office = mem_alloc_zero(sizeof *office);
    office->message.deliver = open_office;
    office->home = loop_new();
    office->worker = worker;
    loop_post(office->home, &office->message);
    loop_run(office->home);
    loop_free(office->home); /* abandoned jobs may still be with the worker */
    loop_stop(worker);
    pthread_join(worker_thread, NULL);
    loop_free(worker);
    assert_int_equal(office->canceled, scaled(FIBERS) / 5);
    assert_int_equal(office->done, (scaled(FIBERS) - scaled(FIBERS) / 5) * JOBS_A_FIBER);
    assert_int_equal(freed, office->done + office->canceled);
    mem_free(office);
}

/* Two loops that ask each other. */
static void test_jobs_both_ways(void **state) {
    (void)state;
    freed = 0;
    struct office *left = mem_alloc_zero(sizeof *left);
    struct office *right = mem_alloc_zero(sizeof *right);
    struct loop *left_worker = loop_new();
    struct loop *right_worker = loop_new();
    pthread_t left_worker_thread = start_thread(left_worker);
    pthread_t right_worker_thread = start_thread(right_worker);
    left->home = loop_new();
    right->home = loop_new();
    left->worker = right_worker;
    right->worker = left_worker;
    left->message.deliver = right->message.deliver = open_office;
    loop_post(left->home, &left->message);
    loop_post(right->home, &right->message);
    pthread_t right_thread = start_thread(right->home);
    loop_run(left->home);
    pthread_join(right_thread, NULL);
    loop_stop(left_worker);
    loop_stop(right_worker);
    pthread_join(left_worker_thread, NULL);
    pthread_join(right_worker_thread, NULL);
    loop_free(left->home);
    loop_free(right->home);
    loop_free(left_worker);
    loop_free(right_worker);
    assert_int_equal(left->done + right->done, 2 * (scaled(FIBERS) - scaled(FIBERS) / 5) * JOBS_A_FIBER);
    assert_int_equal(freed, left->done + right->done + left->canceled + right->canceled);
    mem_free(left);
    mem_free(right);
}

/* Sent by a thread without a loop, and by a loop that is gone before the job is done. */
static struct loop *slow_home;

static void work_slowly(struct job *job) {
    struct timespec pause = {0, 20000000};
    nanosleep(&pause, NULL);
    work_sum(job);
}

static void send_and_leave(struct message *message) {
    struct office *office = (struct office *)message;
    struct sum *sum = sum_new(1, 2);
    sum->job.work = work_slowly;
    job_send(&sum->job, office->worker);
    loop_stop(slow_home);
}

static void test_sent_jobs(void **state) {
    (void)state;
    freed = 0;
    struct loop *worker = loop_new();
    struct office office = {.message = {NULL, send_and_leave}, .worker = worker};
    slow_home = loop_new();
    pthread_t worker_thread = start_thread(worker);
    struct sum *sum = sum_new(1, 2);
    job_send(&sum->job, worker);
    loop_post(slow_home, &office.message);
    loop_run(slow_home);
    loop_free(slow_home);
    loop_stop(worker);
    pthread_join(worker_thread, NULL);
    loop_free(worker);
    assert_int_equal(freed, 2);
}

/* A fiber that is canceled before it asks sends nothing. */
static unsigned worked;

static void work_counted(struct job *job) {
    worked++;
    work_sum(job);
}

static void run_canceled_asker(void *argument) {
    struct office *office = argument;
    fiber_cancel(fiber_current());
    struct sum *sum = sum_new(1, 1);
    sum->job.work = work_counted;
    office->canceled += job_wait(&sum->job, office->home) == CANCELED;
    fiber_shield();
    sum = sum_new(1, 1);
    sum->job.work = work_counted;
    assert_int_equal(job_wait(&sum->job, office->home), OK); /* a loop may work for itself */
    free_sum(&sum->job);
    fiber_unshield();
    loop_stop(office->home);
}

static void start_canceled_asker(struct message *message) {
    fiber_start(run_canceled_asker, message, NULL);
}

static void test_canceled_before(void **state) {
    (void)state;
    freed = 0;
    worked = 0;
    struct office office = {.message = {NULL, start_canceled_asker}, .home = loop_new()};
    loop_post(office.home, &office.message);
    loop_run(office.home);
    loop_free(office.home);
    assert_int_equal(office.canceled, 1);
    assert_int_equal(worked, 1);
    assert_int_equal(freed, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_leftover),        cmocka_unit_test(test_jobs),
        cmocka_unit_test(test_jobs_both_ways),  cmocka_unit_test(test_sent_jobs),
        cmocka_unit_test(test_canceled_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
