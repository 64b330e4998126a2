/* SPDX-License-Identifier: Apache-2.0 */
#include "store/idempotency.h"
#include "base/clock.h"
#include "base/random.h"
#include "store/unit.h"

enum { KEPT_MS = 24 * 60 * 60 * 1000, DEAD_AFTER_MS = 60 * 1000 };

static struct store_idempotency read_known(struct arena *arena, const struct row *row,
                                           const struct store_idempotency *wanted, int64_t now) {
    return (struct store_idempotency){
        .actor = wanted->actor,
        .key = wanted->key,
        .claim = row_text(arena, row, 0),
        .fingerprint = row_text(arena, row, 1),
        .status = row_number(row, 2),
        .body = row_text(arena, row, 3),
        .etag = row_text(arena, row, 4),
        .location = row_text(arena, row, 5),
        .is_dead = row_number(row, 6) < now - DEAD_AFTER_MS,
    };
}

enum status store_idempotency_claim_wait(struct store *store, struct arena *arena,
                                         const struct store_idempotency *wanted,
                                         struct store_idempotency *known, bool *is_mine) {
    int64_t now = clock_now_ms();
    struct str claim = id_new(arena, STR("claim"));
    AUTO_UNIT unit = unit_new(store);
    /* All calls with one key meet on one writer, which is what the first step's parameters are for. */
    unit_add(unit, IDEMPOTENCY_DROP_DEAD, ANY, value_text(wanted->actor), value_text(wanted->key),
             value_number(now - DEAD_AFTER_MS));
    unit_add(unit, IDEMPOTENCY_PRUNE, ANY, value_number(now - KEPT_MS));
    unit_add(unit, IDEMPOTENCY_CLAIM, ANY, value_text(wanted->actor), value_text(wanted->key),
             value_text(claim), value_text(wanted->fingerprint), value_number(now));
    unsigned found = unit_add(unit, IDEMPOTENCY_FIND, ONE_ELSE_CONFLICT, value_text(wanted->actor),
                              value_text(wanted->key));
    TRY(unit_write_wait(&unit));
    *known = read_known(arena, unit_row(unit, found), wanted, now);
    *is_mine = str_equal(known->claim, claim);
    return OK;
}

enum status store_idempotency_settle_wait(struct store *store, const struct store_idempotency *answered) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, IDEMPOTENCY_SETTLE, ONE_ELSE_NOT_FOUND, value_text(answered->actor),
             value_text(answered->key), value_text(answered->claim), value_number(answered->status),
             value_text(answered->body), value_optional(answered->etag), value_optional(answered->location));
    return unit_write_wait(&unit);
}

enum status store_idempotency_release_wait(struct store *store, const struct store_idempotency *claimed) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, IDEMPOTENCY_RELEASE, ANY, value_text(claimed->actor), value_text(claimed->key),
             value_text(claimed->claim));
    return unit_write_wait(&unit);
}
