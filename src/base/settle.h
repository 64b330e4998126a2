/* SPDX-License-Identifier: Apache-2.0 */
/* For a process that has started and now waits: what only its start needed is no longer resident. That is
 * free memory of the heap, and the pages of programs and libraries that were read for linking and set-up;
 * what is needed again comes back from the page cache in a microsecond.
 *
 * Code that somebody has written into (a debugger's breakpoints, an agent that was preloaded) is not what
 * stands in its file any more, and stays: which that is, the kernel says in /proc/self/smaps. It is asked
 * early, since in its sandbox a process cannot look there. */
#pragma once

struct settling;

/* NULL where the kernel does not say: then only the heap settles. */
struct settling *settling_plan(void);
void settling_run(struct settling *settling); /* once; frees it */
