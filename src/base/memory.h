/* SPDX-License-Identifier: Apache-2.0 */
/* The heap. Running out of memory ends the process: every size that comes from outside is bounded before it
 * is asked for, so a failure here means the machine is out of memory, and a supervisor's restart (nothing
 * that was acknowledged is lost) is safer than hundreds of error paths that no test ever takes. */
#pragma once

#include <setjmp.h>
#include <stddef.h>

void *mem_alloc(size_t size);                            /* uninitialised; never NULL */
void *mem_alloc_zero(size_t size);                       /* zeroed; never NULL */
void *mem_resize(void *memory, size_t size);             /* never NULL */
void *mem_alloc_array(size_t count, size_t size_of_one); /* zeroed, overflow-checked; never NULL */
void mem_free(void *memory);                             /* NULL is fine */
void mem_wipe(void *memory, size_t size);                /* overwritten even where a compiler sees no use */

/* For a library, which is a guest in its process and must not end it: while `escape` is set, running out of
 * memory leaves by longjmp to it. Of the calling thread only. What was half made is lost, so what is set up
 * piece by piece must be reachable from the place that is jumped to. NULL: the process ends, as it does
 * unless this was called. Returns what was set before. */
jmp_buf *mem_escape(jmp_buf *escape);

/* For those who see that another library could not allocate: does what a failing allocation here does. */
_Noreturn void mem_exhausted(void);
