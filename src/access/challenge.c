/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/random.h"

static struct vault_row row_of(struct str purpose) {
    return (struct vault_row){.table = STR("challenge"), .purpose = purpose};
}

enum status challenge_make(const struct access *access, struct arena *arena, struct str purpose,
                           struct str content, int64_t lifetime_ms, struct str *sealed) {
    if (access->options.vault == NULL)
        return UNAVAILABLE;
    struct str nonce = random_secret(arena, STR(""));
    int64_t until = clock_now_ms() + lifetime_ms;
    struct str text = arena_print(arena, "%lld %.*s ", (long long)until, STR_ARG(nonce));
    struct str whole = arena_join(arena, 2, (struct str[]){text, content});
    struct vault_row row = row_of(purpose);
    return vault_seal(access->options.vault, arena, &row, whole, sealed);
}

enum status challenge_open(const struct access *access, struct arena *arena, struct str purpose,
                           struct str sealed, struct str *content, int64_t *expires_at) {
    if (access->options.vault == NULL)
        return UNAVAILABLE;
    struct str rest, piece;
    struct vault_row row = row_of(purpose);
    if (vault_open(access->options.vault, arena, &row, sealed, &rest) != OK)
        return DENIED;
    if (!str_cut(&rest, ' ', &piece) || str_to_int64(piece, expires_at) != OK ||
        *expires_at <= clock_now_ms() || !str_cut(&rest, ' ', &piece))
        return DENIED;
    *content = rest.at == NULL ? STR("") : rest;
    return OK;
}
