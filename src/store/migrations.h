/* SPDX-License-Identifier: Apache-2.0 */
/* Private to store/: the tables, as numbered steps from nothing to now. A step that was released is never
 * changed; a new one is put behind it. */
#pragma once

#include <stddef.h>

struct migration {
    const char *const *statements; /* NULL ends them */
};

extern const struct migration migrations[]; /* migrations[0] is number 1 */
extern const size_t migration_count;
