/* SPDX-License-Identifier: Apache-2.0 */
/* The one door to time, so that tests can hold it. */
#pragma once

#include <stdint.h>

int64_t clock_now_s(void);        /* seconds since 1970, UTC */
int64_t clock_now_ms(void);       /* milliseconds since 1970, UTC */
int64_t clock_monotonic_us(void); /* never goes back; for durations and deadlines */

/* Tests: wall time stands still at `ms` until it is set anew; a negative value lets it run again. The
 * monotonic clock is never held. */
void clock_hold_ms(int64_t ms);
