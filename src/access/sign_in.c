/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/setting.h"

static const char *const with_totp[] = {"totp", "recovery-code", NULL};
static const char *const with_passkey[] = {"passkey", "recovery-code", NULL};
static const char *const with_both[] = {"totp", "passkey", "recovery-code", NULL};

enum status sign_in_refuse_busy(struct access_refusal *refusal, struct arena *arena) {
    access_refuse(refusal, arena, 503, "busy", "Many are signing in just now. Try again in a moment.");
    refusal->retry_after_s = 2;
    return DENIED;
}

/* Nothing was compared: it was no guess. */
static enum status busy_wait(struct access *access, struct arena *arena, const struct attempt *attempt,
                             struct access_refusal *refusal) {
    attempt_undo_wait(access, attempt, true);
    return sign_in_refuse_busy(refusal, arena);
}

static enum status refuse_wrong(struct access_refusal *refusal, struct arena *arena) {
    access_refuse(refusal, arena, 401, "credentials-wrong",
                  "E-mail address, password or code is wrong. Which of them, nobody is told.");
    refusal->is_wrong_guess = true;
    return DENIED;
}

static enum status refuse_second(const struct store_administrator *administrator,
                                 struct access_refusal *refusal, struct arena *arena) {
    access_refuse(refusal, arena, 401, "second-factor-required",
                  "The password is right. Now show your second factor.");
    bool has_totp = administrator->totp_at != 0;
    refusal->methods = has_totp && administrator->passkey_count > 0 ? with_both
                       : has_totp                                   ? with_totp
                                                                    : with_passkey;
    return DENIED;
}

/* ---- the second factor ---- */

enum status sign_in_totp_step_wait(struct access *access, struct arena *arena,
                                   const struct store_administrator *administrator, struct str purpose,
                                   struct str code, int64_t *step) {
    *step = 0;
    struct str sealed, secret;
    enum status status = store_installation_secret_find_wait(access->options.store, arena, purpose,
                                                             administrator->id, &sealed);
    if (status == NOT_FOUND)
        return OK;
    TRY(status);
    AUTO_ARENA scratch = arena_new();
    arena_wipe_on_free(scratch);
    struct vault_row row = {
        .table = STR("installation_secrets"), .id = administrator->id, .purpose = purpose};
    if (access->options.vault == NULL ||
        vault_open(access->options.vault, scratch, &row, sealed, &secret) != OK) {
        log_event(LOG_ERROR, "totp-secret-does-not-open", LOG_STR("administrator", administrator->id));
        return OK;
    }
    *step = access_totp_verify(secret, code, clock_now_s(), administrator->totp_step);
    return OK;
}

struct str sign_in_recovery_hash(struct arena *arena, struct str administrator, struct str code) {
    char *digits = arena_alloc(arena, code.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < code.len; i++)
        if (code.at[i] != '-' && code.at[i] != ' ')
            digits[len++] = code.at[i] >= 'A' && code.at[i] <= 'Z' ? (char)(code.at[i] + 32) : code.at[i];
    struct str pieces[] = {STR("recovery "), administrator, STR(" "), str_of(digits, len)};
    return digest_sha256_hex(arena, arena_join(arena, 4, pieces));
}

/* OK: shown, or none is needed; what is used up stands in `row`. NOT_FOUND: it is needed and was not shown.
 * DENIED: wrong. */
static enum status second_factor_wait(struct access *access, struct arena *arena,
                                      const struct store_administrator *administrator,
                                      const struct access_password_sign_in *shown,
                                      struct store_sign_in *row) {
    if (administrator->totp_at == 0 && administrator->passkey_count == 0)
        return OK;
    if (!str_is_empty(shown->recovery_code)) {
        row->recovery_code = sign_in_recovery_hash(arena, administrator->id, shown->recovery_code);
        return OK; /* the store finds it, or the sign-in does not happen */
    }
    if (str_is_empty(shown->totp))
        return NOT_FOUND;
    if (administrator->totp_at == 0)
        return DENIED;
    TRY(sign_in_totp_step_wait(access, arena, administrator, STORE_SECRET_TOTP, shown->totp,
                               &row->totp_step));
    return row->totp_step == 0 ? DENIED : OK;
}

/* ---- by password ---- */

static enum status refused_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from, struct str administrator,
                                const char *reason, struct access_refusal *refusal) {
    struct store_audit event = trail_refused(arena, from, administrator, "administrator.sign-in", reason);
    trail_write_wait(access, arena, &event);
    return refuse_wrong(refusal, arena);
}

static void rehash_wait(struct access *access, struct arena *arena, struct store_administrator *administrator,
                        struct str password) {
    struct str hash = STR_NONE;
    enum status status = hasher_hash_wait(access->hasher, arena, password, &hash);
    if (status == OK)
        status = store_administrator_rehash_wait(access->options.store, administrator->id,
                                                 administrator->password_hash, hash);
    if (status == OK)
        administrator->password_hash = hash;
    else /* the next sign-in tries again */
        log_event(LOG_WARNING, "password-not-rehashed", LOG_STR("status", str_from(status_name(status))));
}

static enum status begin_session_wait(struct access *access, struct arena *arena,
                                      const struct access_credentials *from, struct str email_key,
                                      const struct attempt *attempt,
                                      const struct store_administrator *administrator,
                                      const struct access_password_sign_in *shown,
                                      struct access_signed_in *signed_in, struct access_refusal *refusal) {
    struct new_session session;
    TRY(session_prepare_wait(access, arena, from, email_key, STR("password"), &session));
    enum status status = second_factor_wait(access, arena, administrator, shown, &session.row);
    if (status == NOT_FOUND) {
        attempt_undo_wait(access, attempt, true);
        return refuse_second(administrator, refusal, arena);
    }
    if (status == DENIED)
        return refused_wait(access, arena, from, administrator->id, "second-factor-wrong", refusal);
    TRY(status);
    struct store_audit event = trail(arena_join(arena, 2, (struct str[]){STR("admin:"), administrator->id}),
                                     "administrator.sign-in", trail_target(arena, administrator->id));
    event.reason = STR("password");
    event.detail = from->peer;
    session.row.administrator = administrator->id;
    session.row.password_hash = administrator->password_hash;
    session.row.attempt = attempt->keys[0];
    session.row.audit = &event;
    status = store_admin_sign_in_wait(access->options.store, &session.row);
    if (status == CONFLICT)
        return refused_wait(access, arena, from, administrator->id, "second-factor-wrong", refusal);
    if (status == DENIED) /* a new one was set meanwhile */
        return refused_wait(access, arena, from, administrator->id, "password-wrong", refusal);
    TRY(status);
    attempt_undo_wait(access, attempt, false);
    session_finish(arena, administrator, &session, signed_in);
    return OK;
}

enum status access_sign_in_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from,
                                const struct access_password_sign_in *shown,
                                struct access_signed_in *signed_in, struct access_refusal *refusal) {
    struct str email, key, password;
    bool is_off = false;
    TRY(sso_password_is_off_wait(access, arena, &is_off));
    if (is_off)
        return access_refuse(refusal, arena, 403, "password-off",
                             "Passwords are switched off here: sign in with single sign-on or a passkey.");
    if (access_email_read(arena, shown->email, &email, &key) != OK ||
        access_password_normal(arena, shown->password, &password) != OK)
        return refuse_wrong(refusal, arena);
    if (!hasher_has_room(access->hasher))
        return sign_in_refuse_busy(refusal, arena);
    struct attempt attempt;
    TRY(attempt_begin_wait(access, arena, from, key, &attempt, refusal));
    struct store_administrator administrator = {.version = 0};
    enum status status =
        store_administrator_find_email_wait(access->options.store, arena, key, &administrator);
    if (status != OK && status != NOT_FOUND)
        return status;
    bool is_right = false, is_old = false;
    status = hasher_verify_wait(access->hasher, administrator.password_hash, password, &is_right, &is_old);
    if (status == UNAVAILABLE)
        return busy_wait(access, arena, &attempt, refusal);
    TRY(status);
    if (!is_right)
        return refused_wait(access, arena, from, administrator.id, "password-wrong", refusal);
    if (is_old)
        rehash_wait(access, arena, &administrator, password);
    return begin_session_wait(access, arena, from, key, &attempt, &administrator, shown, signed_in, refusal);
}

/* ---- once more, and no more ---- */

enum status sign_in_check_password_wait(struct access *access, struct arena *arena,
                                        const struct access_credentials *from,
                                        const struct access_principal *principal, struct str password,
                                        struct access_refusal *refusal) {
    struct store_administrator administrator;
    struct str email, key, normal;
    struct attempt attempt;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    TRY(access_email_read(arena, administrator.email, &email, &key));
    if (access_password_normal(arena, password, &normal) != OK)
        return access_refuse(refusal, arena, 403, "password-wrong", "The password is wrong.");
    if (!hasher_has_room(access->hasher))
        return sign_in_refuse_busy(refusal, arena);
    TRY(attempt_begin_wait(access, arena, from, key, &attempt, refusal));
    bool is_right = false, is_old = false;
    enum status status =
        hasher_verify_wait(access->hasher, administrator.password_hash, normal, &is_right, &is_old);
    if (status == UNAVAILABLE)
        return busy_wait(access, arena, &attempt, refusal);
    TRY(status);
    if (is_right) {
        attempt_undo_wait(access, &attempt, true);
        return OK;
    }
    struct store_audit event =
        trail_refused(arena, from, administrator.id, "administrator.confirm", "password-wrong");
    event.actor = principal->actor;
    trail_write_wait(access, arena, &event);
    access_refuse(refusal, arena, 403, "password-wrong", "The password is wrong.");
    refusal->is_wrong_guess = true;
    return DENIED;
}

enum status access_confirm_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from,
                                const struct access_principal *principal, struct str password,
                                struct access_signed_in *signed_in, struct access_refusal *refusal) {
    if (principal->kind != ACCESS_ADMINISTRATOR)
        return access_refuse(refusal, arena, 403, "session-required",
                             "This is for who has signed in with a browser.");
    TRY(sign_in_check_password_wait(access, arena, from, principal, password, refusal));
    struct store_audit event =
        trail(principal->actor, "administrator.confirm", trail_target(arena, principal->administrator));
    return session_rotate_wait(access, arena, from, principal, true, &event, signed_in);
}

enum status access_sign_out_wait(struct access *access, struct arena *arena,
                                 const struct access_credentials *from,
                                 const struct access_principal *principal, struct str *cookie) {
    *cookie = access_cookie_write(arena, access_cookie_session(from->is_secure), STR(""), from->is_secure, 0);
    if (principal == NULL || str_is_empty(principal->session))
        return OK;
    struct store_audit event =
        trail(principal->actor, "administrator.sign-out", trail_target(arena, principal->administrator));
    enum status status = store_admin_session_end_wait(access->options.store, principal->administrator,
                                                      principal->session, &event);
    return status == NOT_FOUND ? OK : status;
}

enum status access_methods_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from, struct access_methods *methods) {
    *methods = (struct access_methods){0};
    TRY(store_administrator_any_wait(access->options.store, &methods->is_set_up));
    struct str origin = access_origin(access, arena, from);
    struct str host = access_host_name(str_from_index(origin, str_find(origin, STR("://")) + 3));
    methods->has_passkey = access->options.vault != NULL && !access_host_is_number(host);
    struct access_sso sso;
    enum status status = access_sso_read_wait(access, arena, from, &sso);
    if (status != OK && status != NOT_FOUND)
        return status;
    if (status == OK)
        methods->sso_label = sso.label;
    methods->has_password = status == NOT_FOUND || !sso.is_password_off;
    return OK;
}
