/* SPDX-License-Identifier: Apache-2.0 */
#include "store/prune.h"
#include "store/unit.h"

static const int64_t KEPT_MS = 90LL * 24 * 60 * 60 * 1000;
static const int64_t UNREAD_MS = 30LL * 24 * 60 * 60 * 1000; /* nobody has such an issuer any more */
static const int64_t LEFT_OPEN_MS = 60LL * 60 * 1000;        /* an open session is heard of more often */

static FIBER enum status prune_wait(struct store *store, enum statement statement, int64_t before) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, statement, ANY, value_number(before));
    return unit_write_wait(&unit);
}

enum status store_administrator_prune_wait(struct store *store, int64_t device_before, int64_t token_before) {
    TRY(prune_wait(store, DEVICE_PRUNE, device_before));
    return prune_wait(store, API_TOKEN_PRUNE, token_before);
}

enum status store_people_prune_wait(struct store *store, int64_t now_ms) {
    TRY(prune_wait(store, STATISTICS_PRUNE, now_ms - KEPT_MS));
    TRY(prune_wait(store, SESSION_PRUNE, now_ms - KEPT_MS));
    TRY(prune_wait(store, REVOCATION_PRUNE, now_ms));
    TRY(prune_wait(store, DISCOVERY_PRUNE, now_ms - UNREAD_MS));
    return prune_wait(store, SESSION_END_LEFT_OPEN, now_ms - LEFT_OPEN_MS);
}
