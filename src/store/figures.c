/* SPDX-License-Identifier: Apache-2.0 */
/* What was counted: each figure stands in a row of its five minutes, one of its hour and one of its day, so
 * that a long time is read as fast as a short one. */
#include "store/figures.h"
#include "store/unit.h"

static const int64_t steps[] = {STORE_STEP_MINUTES, STORE_STEP_HOUR, STORE_STEP_DAY};
enum { STEPS = sizeof steps / sizeof *steps };

static void add_figure(struct unit *unit, const struct store_figure *figure) {
    for (int i = 0; i < STEPS; i++) {
        int64_t step_ms = steps[i] * 1000;
        unit_add(unit, STATISTICS_ADD, ANY, value_text(figure->environment), value_number(steps[i]),
                 value_number(figure->at / step_ms * step_ms), value_text(figure->name),
                 value_text(figure->label), value_number(figure->counted), value_number(figure->total));
    }
}

enum status store_figures_add_wait(struct store *store, const struct store_figure *figures, size_t count,
                                   size_t *done) {
    enum { AT_ONCE = 20 };
    while (*done < count) {
        AUTO_UNIT unit = unit_new(store);
        size_t end = count - *done < AT_ONCE ? count : *done + AT_ONCE;
        for (size_t i = *done; i < end; i++)
            add_figure(unit, &figures[i]);
        TRY(unit_write_wait(&unit));
        *done = end;
    }
    return OK;
}

enum status store_figures_list_wait(struct store *store, struct arena *arena, struct str environment,
                                    int64_t step_s, int64_t from, int64_t until,
                                    struct store_figures *figures) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, STATISTICS_LIST, ANY, value_text(environment), value_number(step_s), value_number(from),
             value_number(until));
    TRY(unit_read_wait(&unit));
    figures->count = 0;
    figures->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *figures->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        figures->at[figures->count++] = (struct store_figure){.environment = environment,
                                                              .at = row_number(row, 0),
                                                              .name = row_text(arena, row, 1),
                                                              .label = row_text(arena, row, 2),
                                                              .counted = row_number(row, 3),
                                                              .total = row_number(row, 4)};
    return OK;
}
