/* SPDX-License-Identifier: Apache-2.0 */
#include "store/attempt.h"
#include "base/clock.h"
#include "store/unit.h"

/* After two days without another, nobody is held to wrong guesses. */
static const int64_t KEPT_MS = 2LL * 24 * 60 * 60 * 1000;

enum status store_attempts_find_wait(struct store *store, struct str key, struct store_attempts *attempts) {
    *attempts = (struct store_attempts){0};
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ATTEMPT_FIND, ANY, value_text(key));
    TRY(unit_read_wait(&unit));
    const struct row *row = unit_row(unit, 0);
    if (row != NULL)
        *attempts = (struct store_attempts){.failures = row_number(row, 0),
                                            .blocked_until = row_number(row, 1),
                                            .at = row_number(row, 2),
                                            .version = row_number(row, 3)};
    return OK;
}

enum status store_attempts_put_wait(struct store *store, struct str key,
                                    const struct store_attempts *attempts) {
    AUTO_UNIT unit = unit_new(store);
    if (attempts->version == 0) {
        unit_add(unit, ATTEMPT_PRUNE, ANY, value_number(clock_now_ms() - KEPT_MS));
        unit_add(unit, ATTEMPT_INSERT, ONE_ELSE_CONFLICT, value_text(key), value_number(attempts->failures),
                 value_number(attempts->blocked_until), value_number(attempts->at));
    } else {
        unit_add(unit, ATTEMPT_CHANGE, ONE_ELSE_CONFLICT, value_text(key), value_number(attempts->version),
                 value_number(attempts->failures), value_number(attempts->blocked_until),
                 value_number(attempts->at));
    }
    return unit_write_wait(&unit);
}
