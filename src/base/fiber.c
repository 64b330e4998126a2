/* SPDX-License-Identifier: Apache-2.0 */
/* makecontext() gives a fiber its stack; after that _setjmp and _longjmp switch between stacks without a
 * system call. Two things in the build file belong to this: no _FORTIFY_SOURCE, which takes a jump to another
 * stack for an attack, and no shadow stack (-fcf-protection=branch): an object that does not ask for one
 * keeps the whole program without. */
#include "base/fiber.h"

#include "base/loop_internal.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#define HAS_FEATURE(feature) __has_feature(feature)
#else
#define HAS_FEATURE(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#define WITH_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define WITH_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
/* Sanitizers count a function's entries and exits on the stack that it runs on: a function that changes
 * stacks in between would be counted on both. */
#if defined(__clang__)
#define CHANGES_STACK __attribute__((noinline, disable_sanitizer_instrumentation))
#else
#define CHANGES_STACK __attribute__((noinline, no_sanitize("address", "thread", "undefined")))
#endif
#if __has_include(<valgrind/valgrind.h>)
#define WITH_VALGRIND 1
#include <valgrind/valgrind.h>
#endif

#if defined(WITH_ASAN) || defined(WITH_TSAN)
enum { STACK_SIZE = 256 * 1024 }; /* sanitizers' frames are larger */
#else
enum { STACK_SIZE = 64 * 1024 };
#endif
enum {
    IDLE_WARM = 64,   /* stacks kept as they are */
    IDLE_MOST = 1024, /* stacks kept with their memory given back, but for the part that the fiber waits on */
    STACK_KEPT = 8 * 1024
};

struct fiber {
    struct message turn; /* posted to the own loop: the fiber is due to run */
    struct context context;
    struct context *resumer; /* who switched to it, and is switched back to when it waits */
    struct fiber *resumer_fiber;
    struct loop *loop;
    struct fiber *previous; /* among the living */
    struct fiber *next;     /* among the living, or the idle */
    void (*run)(void *argument);
    void (*finished)(void *argument);
    void *argument;
    unsigned valgrind_stack;
    unsigned shields;
    bool is_begun; /* its stack has been entered once */
    bool is_parked;
    bool is_due;
    bool is_woken;
    bool is_canceled;
    bool is_ended;
};

static _Thread_local struct fiber *current_fiber;
static _Atomic unsigned stack_count; /* of the whole process, the idle ones included */

/* ---- switching ---- */

CHANGES_STACK static void announce_switch(struct context *from, const struct context *to, bool is_last) {
#ifdef WITH_ASAN
    from->fake_stack = NULL;
    __sanitizer_start_switch_fiber(is_last ? NULL : &from->fake_stack, to->stack, to->stack_size);
#endif
#ifdef WITH_TSAN
    __tsan_switch_to_fiber(to->tsan_fiber, 0);
#endif
    (void)from;
    (void)to;
    (void)is_last;
}

static void finish_switch(const struct context *here) {
#ifdef WITH_ASAN
    __sanitizer_finish_switch_fiber(here->fake_stack, NULL, NULL);
#endif
    (void)here;
}

/* The first function on a fiber's stack; it stays there for as many fibers as the stack will see. */
__attribute__((noreturn)) CHANGES_STACK static void run_fibers(void) {
    struct fiber *fiber = current_fiber;
#ifdef WITH_ASAN
    /* Only here does the sanitizer tell where the stack lies that we came from. */
    __sanitizer_finish_switch_fiber(NULL, &fiber->resumer->stack, &fiber->resumer->stack_size);
#endif
    for (;;) {
        fiber->run(fiber->argument);
        fiber->is_ended = true;
        if (_setjmp(fiber->context.position) == 0) {
            announce_switch(&fiber->context, fiber->resumer, true);
            _longjmp(fiber->resumer->position, 1);
        }
        finish_switch(&fiber->context);
    }
}

__attribute__((noreturn)) CHANGES_STACK static void enter_stack(struct fiber *fiber) {
    fiber->is_begun = true;
    ucontext_t start;
    if (getcontext(&start) != 0)
        abort();
    start.uc_link = NULL;
    start.uc_stack.ss_sp = (void *)fiber->context.stack;
    start.uc_stack.ss_size = fiber->context.stack_size;
    makecontext(&start, run_fibers, 0);
    announce_switch(fiber->resumer, &fiber->context, false);
    setcontext(&start);
    abort();
}

CHANGES_STACK static void switch_to_fiber(struct fiber *fiber) {
    if (_setjmp(fiber->resumer->position) == 0) {
        if (!fiber->is_begun)
            enter_stack(fiber);
        announce_switch(fiber->resumer, &fiber->context, false);
        _longjmp(fiber->context.position, 1);
    }
    finish_switch(fiber->resumer);
}

CHANGES_STACK static void switch_back(struct fiber *fiber) {
    int saved_errno = errno;
    if (_setjmp(fiber->context.position) == 0) {
        announce_switch(&fiber->context, fiber->resumer, false);
        _longjmp(fiber->resumer->position, 1);
    }
    finish_switch(&fiber->context);
    errno = saved_errno;
}

/* ---- stacks ---- */

static size_t page_size(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static struct fiber *fiber_new(struct loop *loop) {
    struct fiber *fiber = mem_alloc_zero(sizeof *fiber);
    fiber->loop = loop;
    size_t guard = page_size();
    char *memory = mmap(NULL, guard + STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0)
        mem_alloc(SIZE_MAX); /* out of memory: does not return */
    atomic_fetch_add_explicit(&stack_count, 1, memory_order_relaxed);
    fiber->context.stack = memory + guard;
    fiber->context.stack_size = STACK_SIZE;
#ifdef WITH_VALGRIND
    fiber->valgrind_stack = VALGRIND_STACK_REGISTER(memory + guard, memory + guard + STACK_SIZE);
#endif
#ifdef WITH_TSAN
    fiber->context.tsan_fiber = __tsan_create_fiber(0);
#endif
    return fiber;
}

static void fiber_free(struct fiber *fiber) {
#ifdef WITH_TSAN
    __tsan_destroy_fiber(fiber->context.tsan_fiber);
#endif
#ifdef WITH_VALGRIND
    VALGRIND_STACK_DEREGISTER(fiber->valgrind_stack);
#endif
#ifdef WITH_ASAN
    __asan_unpoison_memory_region(fiber->context.stack, fiber->context.stack_size);
#endif
    size_t guard = page_size();
    munmap((char *)fiber->context.stack - guard, guard + fiber->context.stack_size);
    atomic_fetch_sub_explicit(&stack_count, 1, memory_order_relaxed);
    mem_free(fiber);
}

static struct fiber *take_idle(struct loop_fibers *fibers) {
    struct fiber *fiber = fibers->idle;
    if (fiber != NULL) {
        fibers->idle = fiber->next;
        fibers->idle_count--;
    }
    return fiber;
}

static void keep_idle(struct loop_fibers *fibers, struct fiber *fiber) {
    if (fibers->idle_count >= IDLE_MOST) {
        fiber_free(fiber);
        return;
    }
    if (fibers->idle_count >= IDLE_WARM)
        madvise((void *)fiber->context.stack, fiber->context.stack_size - STACK_KEPT, MADV_DONTNEED);
    fiber->next = fibers->idle;
    fibers->idle = fiber;
    fibers->idle_count++;
}

void fibers_free_idle(struct loop *loop) {
    for (struct fiber *fiber = take_idle(&loop->fibers); fiber != NULL; fiber = take_idle(&loop->fibers))
        fiber_free(fiber);
}

/* ---- life ---- */

static void join_living(struct loop_fibers *fibers, struct fiber *fiber) {
    fiber->previous = NULL;
    fiber->next = fibers->alive;
    if (fiber->next != NULL)
        fiber->next->previous = fiber;
    fibers->alive = fiber;
    fibers->alive_count++;
}

static void leave_living(struct loop_fibers *fibers, struct fiber *fiber) {
    if (fiber->previous != NULL)
        fiber->previous->next = fiber->next;
    else
        fibers->alive = fiber->next;
    if (fiber->next != NULL)
        fiber->next->previous = fiber->previous;
    fibers->alive_count--;
}

static void finish(struct fiber *fiber) {
    struct loop_fibers *fibers = &fiber->loop->fibers;
    void (*finished)(void *) = fiber->finished;
    void *argument = fiber->argument;
    leave_living(fibers, fiber);
    keep_idle(fibers, fiber);
    if (finished != NULL)
        finished(argument);
}

static void finish_later(struct message *message) {
    finish((struct fiber *)message);
}

/* Runs the fiber until it waits or ends. True when it has ended. */
static bool resume(struct fiber *fiber) {
    struct context *here = current_fiber != NULL ? &current_fiber->context : &fiber->loop->fibers.loop_stack;
#ifdef WITH_TSAN
    if (here->tsan_fiber == NULL)
        here->tsan_fiber = __tsan_get_current_fiber();
#endif
    fiber->resumer = here;
    fiber->resumer_fiber = current_fiber;
    current_fiber = fiber;
    switch_to_fiber(fiber);
    current_fiber = fiber->resumer_fiber;
    if (!fiber->is_ended)
        return false;
    if (current_fiber == NULL) {
        finish(fiber);
    } else { /* started by another fiber, whose stack this is */
        fiber->turn.deliver = finish_later;
        loop_post(fiber->loop, &fiber->turn);
    }
    return true;
}

static void take_turn(struct message *message) {
    struct fiber *fiber = (struct fiber *)message;
    fiber->is_due = false;
    resume(fiber);
}

struct fiber *fiber_start(void (*run)(void *argument), void *argument, void (*finished)(void *argument)) {
    struct loop *loop = loop_current();
    if (loop == NULL)
        abort(); /* a fiber outside a loop would never be woken */
    struct fiber *fiber = take_idle(&loop->fibers);
    if (fiber == NULL)
        fiber = fiber_new(loop);
    fiber->turn.deliver = take_turn;
    fiber->run = run;
    fiber->argument = argument;
    fiber->finished = finished;
    fiber->shields = 0;
    fiber->is_parked = fiber->is_due = fiber->is_woken = fiber->is_ended = false;
    fiber->is_canceled = loop->is_ending;
    join_living(&loop->fibers, fiber);
    return resume(fiber) ? NULL : fiber;
}

struct fiber *fiber_current(void) {
    return current_fiber;
}

unsigned fiber_count_running(void) {
    struct loop *loop = loop_current();
    return loop == NULL ? 0 : loop->fibers.alive_count;
}

bool fiber_has_room(void) {
    const struct loop *loop = loop_current();
    if (loop == NULL || loop->fibers.alive_count >= FIBERS_MAX_THREAD)
        return false;
    return loop->fibers.idle != NULL ||
           atomic_load_explicit(&stack_count, memory_order_relaxed) < FIBERS_MAX_PROCESS;
}

/* ---- waiting ---- */

static bool sees_cancellation(const struct fiber *fiber) {
    return fiber->is_canceled && fiber->shields == 0;
}

bool fiber_is_canceled(void) {
    return current_fiber != NULL && sees_cancellation(current_fiber);
}

enum status fiber_park_wait(void) {
    struct fiber *fiber = current_fiber;
    if (fiber == NULL)
        abort(); /* called from the loop's own stack: nothing could ever wake it */
    if (!sees_cancellation(fiber) && !fiber->is_woken) {
        fiber->is_parked = true;
        switch_back(fiber);
        fiber->is_parked = false;
    }
    fiber->is_woken = false;
    return sees_cancellation(fiber) ? CANCELED : OK;
}

static void make_due(struct fiber *fiber) {
    if (!fiber->is_parked || fiber->is_due)
        return;
    fiber->is_due = true;
    loop_post(fiber->loop, &fiber->turn);
}

void fiber_wake(struct fiber *fiber) {
    fiber->is_woken = true;
    make_due(fiber);
}

void fiber_cancel(struct fiber *fiber) {
    fiber->is_canceled = true;
    if (sees_cancellation(fiber))
        make_due(fiber);
}

void fibers_cancel_all(struct loop *loop) {
    for (struct fiber *fiber = loop->fibers.alive; fiber != NULL; fiber = fiber->next)
        fiber_cancel(fiber);
}

void fiber_shield(void) {
    if (current_fiber != NULL)
        current_fiber->shields++;
}

void fiber_unshield(void) {
    if (current_fiber != NULL && current_fiber->shields > 0)
        current_fiber->shields--;
}

struct sleeper {
    struct timer timer;
    struct fiber *fiber;
    bool is_over;
};

static void end_sleep(struct timer *timer) {
    struct sleeper *sleeper = (struct sleeper *)timer;
    sleeper->is_over = true;
    fiber_wake(sleeper->fiber);
}

enum status fiber_sleep_wait(int64_t ms) {
    struct loop *loop = loop_current();
    struct sleeper sleeper = {.fiber = current_fiber};
    timer_start(loop, &sleeper.timer, ms, end_sleep);
    enum status status = OK;
    while (!sleeper.is_over && status == OK)
        status = fiber_park_wait();
    timer_stop(loop, &sleeper.timer);
    return status;
}
