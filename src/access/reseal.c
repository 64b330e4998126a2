/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "store/setting.h"

enum status access_reseal_wait(struct store *store, const struct vault *vault, struct arena *arena,
                               size_t *resealed, size_t *unopened) {
    struct store_installation_secret secret = {.purpose = STR(""), .id = STR("")};
    for (;;) {
        enum status status =
            store_installation_secret_scan_wait(store, arena, secret.purpose, secret.id, &secret);
        if (status == NOT_FOUND)
            return OK;
        TRY(status);
        if (vault_is_current(vault, secret.sealed))
            continue;
        AUTO_ARENA scratch = arena_new();
        arena_wipe_on_free(scratch);
        struct vault_row row = {
            .table = STR("installation_secrets"), .id = secret.id, .purpose = secret.purpose};
        struct str opened, sealed;
        if (vault_open(vault, scratch, &row, secret.sealed, &opened) != OK) {
            (*unopened)++;
            continue;
        }
        TRY(vault_seal(vault, scratch, &row, opened, &sealed));
        status = store_installation_secret_reseal_wait(store, &secret, sealed);
        if (status != OK && status != CONFLICT) /* it was set anew meanwhile: sealed by the first key */
            return status;
        *resealed += status == OK ? 1 : 0;
    }
}
