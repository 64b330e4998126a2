/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted: the figures of the statistics. */
#pragma once

#include "store/store.h"

struct store_figure {
    struct str environment;
    int64_t at; /* within the five minutes that it was counted in */
    struct str name, label;
    int64_t counted, total;
};
struct store_figures {
    struct store_figure *at;
    size_t count;
};
enum { STORE_STEP_MINUTES = 300, STORE_STEP_HOUR = 3600, STORE_STEP_DAY = 86400 }; /* seconds */

/* Adds them, for each of the steps. Those before `*done` were added already; raised with each commit, so that
 * who tries again adds nothing twice. */
FIBER NODISCARD enum status store_figures_add_wait(struct store *store, const struct store_figure *figures,
                                                   size_t count, size_t *done);
/* Of [from, until), by time, name and label. */
FIBER NODISCARD enum status store_figures_list_wait(struct store *store, struct arena *arena,
                                                    struct str environment, int64_t step_s, int64_t from,
                                                    int64_t until, struct store_figures *figures);
