/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t held_ms = -1;

static int64_t read_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_ms(void) {
    int64_t held = atomic_load_explicit(&held_ms, memory_order_relaxed);
    return held >= 0 ? held : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_now_s(void) {
    return clock_now_ms() / 1000;
}

int64_t clock_monotonic_us(void) {
    return read_us(CLOCK_MONOTONIC);
}

void clock_hold_ms(int64_t ms) {
    atomic_store_explicit(&held_ms, ms, memory_order_relaxed);
}
