/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/random.h"
#include "store/setting.h"

/* ---- recovery codes: two times five characters, some 50 bits, each good once ---- */

static struct str new_code(struct arena *arena) {
    static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz"; /* none that is taken for another */
    char code[11];
    for (size_t i = 0; i < sizeof code; i++)
        code[i] = i == 5 ? '-' : letters[random_below(sizeof letters - 1)];
    return arena_copy(arena, str_of(code, sizeof code));
}

void recovery_codes_make(struct arena *arena, struct str administrator,
                         struct str codes[STORE_RECOVERY_CODES], struct str hashes[STORE_RECOVERY_CODES]) {
    for (unsigned i = 0; i < STORE_RECOVERY_CODES; i++) {
        codes[i] = new_code(arena);
        hashes[i] = sign_in_recovery_hash(arena, administrator, codes[i]);
    }
}

enum status access_renew_recovery_codes_wait(struct access *access, struct arena *arena,
                                             const struct access_principal *principal,
                                             struct str recovery_codes[STORE_RECOVERY_CODES],
                                             struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    if (administrator.totp_at == 0 && administrator.passkey_count == 0)
        return access_refuse(refusal, arena, 409, "no-second-factor",
                             "Recovery codes stand in for a second factor: set one up first.");
    struct str hashes[STORE_RECOVERY_CODES];
    recovery_codes_make(arena, administrator.id, recovery_codes, hashes);
    struct store_audit event =
        trail(principal->actor, "account.renew-recovery-codes", trail_target(arena, administrator.id));
    return store_recovery_codes_put_wait(access->options.store, administrator.id, hashes, &event);
}

/* ---- one-time codes ---- */

static enum status seal_wait(struct access *access, struct arena *arena, struct str administrator,
                             struct str purpose, struct str secret, struct str *sealed) {
    struct vault_row row = {.table = STR("installation_secrets"), .id = administrator, .purpose = purpose};
    return vault_seal(access->options.vault, arena, &row, secret, sealed);
}

enum status access_begin_totp_wait(struct access *access, struct arena *arena,
                                   const struct access_principal *principal, struct str *secret,
                                   struct str *uri, struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    if (access->options.vault == NULL)
        return access_refuse_no_vault(refusal, arena);
    unsigned char bytes[TOTP_SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    struct str sealed;
    TRY(seal_wait(access, arena, principal->administrator, STORE_SECRET_TOTP_DRAFT,
                  str_of(bytes, sizeof bytes), &sealed));
    TRY(store_installation_secret_put_wait(access->options.store, STORE_SECRET_TOTP_DRAFT,
                                           principal->administrator, sealed));
    *secret = access_base32(arena, str_of(bytes, sizeof bytes));
    *uri = arena_print(arena, "otpauth://totp/Chatelaine:%.*s?secret=%.*s&issuer=Chatelaine",
                       STR_ARG(percent_encode(arena, principal->email)), STR_ARG(*secret));
    return OK;
}

/* The draft's secret, sealed for its own place from now on, if the code is one of it. */
static enum status take_draft_wait(struct access *access, struct arena *arena,
                                   const struct store_administrator *administrator, struct str code,
                                   struct str *sealed, int64_t *step, struct access_refusal *refusal) {
    struct store_administrator unused = *administrator;
    unused.totp_step = 0; /* of another secret */
    struct str draft, secret;
    enum status status = store_installation_secret_find_wait(
        access->options.store, arena, STORE_SECRET_TOTP_DRAFT, administrator->id, &draft);
    if (status == NOT_FOUND)
        return access_refuse(refusal, arena, 409, "not-begun", "Begin with POST /account/totp.");
    TRY(status);
    TRY(sign_in_totp_step_wait(access, arena, &unused, STORE_SECRET_TOTP_DRAFT, code, step));
    if (*step == 0)
        return access_refuse_at(refusal, arena, "code-wrong", "/code",
                                "This is not the code of now. Is the clock of your device right?");
    AUTO_ARENA scratch = arena_new();
    arena_wipe_on_free(scratch);
    struct vault_row row = {
        .table = STR("installation_secrets"), .id = administrator->id, .purpose = STORE_SECRET_TOTP_DRAFT};
    TRY(vault_open(access->options.vault, scratch, &row, draft, &secret));
    return seal_wait(access, arena, administrator->id, STORE_SECRET_TOTP, secret, sealed);
}

enum status access_confirm_totp_wait(struct access *access, struct arena *arena,
                                     const struct access_credentials *from,
                                     const struct access_principal *principal, struct str code,
                                     struct str recovery_codes[STORE_RECOVERY_CODES],
                                     struct access_signed_in *signed_in, struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    if (access->options.vault == NULL)
        return access_refuse_no_vault(refusal, arena);
    struct store_administrator administrator;
    struct str sealed = STR_NONE;
    int64_t step = 0;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    TRY(take_draft_wait(access, arena, &administrator, code, &sealed, &step, refusal));
    struct str hashes[STORE_RECOVERY_CODES];
    recovery_codes_make(arena, administrator.id, recovery_codes, hashes);
    struct store_audit event =
        trail(principal->actor, "account.add-totp", trail_target(arena, administrator.id));
    enum status status =
        store_totp_confirm_wait(access->options.store, administrator.id, sealed, step, hashes, &event);
    if (status == CONFLICT)
        return access_refuse(refusal, arena, 409, "not-begun", "Begin with POST /account/totp.");
    TRY(status);
    return session_rotate_wait(access, arena, from, principal, false, NULL, signed_in);
}

enum status access_remove_totp_wait(struct access *access, struct arena *arena,
                                    const struct access_credentials *from,
                                    const struct access_principal *principal, struct str password,
                                    struct access_refusal *refusal) {
    if (principal->kind == ACCESS_ADMINISTRATOR && !str_is_empty(password))
        TRY(sign_in_check_password_wait(access, arena, from, principal, password, refusal));
    else
        TRY(access_demand_recent(principal, arena, refusal));
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    if (administrator.totp_at == 0)
        return NOT_FOUND;
    struct store_audit event =
        trail(principal->actor, "account.remove-totp", trail_target(arena, administrator.id));
    return store_totp_remove_wait(access->options.store, administrator.id, administrator.passkey_count == 0,
                                  &event);
}
