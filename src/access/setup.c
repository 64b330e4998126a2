/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/random.h"
#include "store/setting.h"

enum status access_setup_token_wait(struct store *store, struct arena *arena, struct str *token) {
    bool is_set_up = false;
    TRY(store_administrator_any_wait(store, &is_set_up));
    if (is_set_up)
        return CONFLICT;
    *token = random_secret(arena, STR("st_"));
    return store_setting_put_wait(store, STORE_SETTING_SETUP, access_hash(arena, *token), NULL);
}

enum status person_read(struct arena *arena, struct str email, struct str name, struct person *person,
                        struct access_refusal *refusal) {
    if (access_email_read(arena, email, &person->email, &person->email_key) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/email", "This is no e-mail address.");
    if (access_name_read(arena, name, &person->name) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/name",
                                "A name has 1 to 100 characters, and no control characters.");
    return OK;
}

enum status person_hash_wait(struct access *access, struct arena *arena, const struct person *person,
                             struct str password, const char *pointer, struct str *hash,
                             struct access_refusal *refusal) {
    struct str normal;
    const char *why = NULL;
    if (access_password_check(arena, password, person->email_key, person->name, &normal, &why) != OK)
        return access_refuse_at(refusal, arena, "password-weak", pointer, "%s", why);
    enum status status = hasher_hash_wait(access->hasher, arena, normal, hash);
    return status == UNAVAILABLE ? sign_in_refuse_busy(refusal, arena) : status;
}

static enum status refuse_token(struct access_refusal *refusal, struct arena *arena) {
    access_refuse(refusal, arena, 403, "setup-token-wrong",
                  "The link is not the latest one. Each start of the server prints a new one, and so does "
                  "`chatelaine admin setup-token`.");
    refusal->is_wrong_guess = true;
    return DENIED;
}

static enum status refuse_second_setup(struct access_refusal *refusal, struct arena *arena) {
    return access_refuse(refusal, arena, 409, "already-set-up",
                         "There is an administrator already. Sign in, or ask them for an invitation.");
}

/* Looked at before a password is hashed: who has no token costs nothing. */
static enum status check_token_wait(struct access *access, struct arena *arena, struct str token,
                                    struct str *hash, struct access_refusal *refusal) {
    bool is_set_up = false;
    TRY(store_administrator_any_wait(access->options.store, &is_set_up));
    if (is_set_up)
        return refuse_second_setup(refusal, arena);
    if (!access_token_is_formed(token, STR("st_")))
        return refuse_token(refusal, arena);
    *hash = access_hash(arena, token);
    struct store_setting setting;
    enum status status = store_setting_find_wait(access->options.store, arena, STORE_SETTING_SETUP, &setting);
    if (status == NOT_FOUND || (status == OK && !str_equal_secret(setting.document, *hash)))
        return refuse_token(refusal, arena);
    return status;
}

enum status access_set_up_wait(struct access *access, struct arena *arena,
                               const struct access_credentials *from, const struct access_set_up *shown,
                               struct access_signed_in *signed_in, struct access_refusal *refusal) {
    struct person person = {.email = STR_NONE};
    struct str setup_hash = STR_NONE;
    struct str password_hash = STR_NONE;
    struct new_session session;
    struct store_administrator administrator;
    TRY(check_token_wait(access, arena, shown->token, &setup_hash, refusal));
    TRY(person_read(arena, shown->email, shown->name, &person, refusal));
    TRY(person_hash_wait(access, arena, &person, shown->password, "/password", &password_hash, refusal));
    TRY(session_prepare_wait(access, arena, from, person.email_key, STR("password"), &session));
    const struct access_grant owner = {.role = ACCESS_OWNER};
    const struct store_administrator_draft draft = {.email = person.email,
                                                    .email_key = person.email_key,
                                                    .name = person.name,
                                                    .roles = access_grants_write(arena, &owner, 1),
                                                    .is_owner = true,
                                                    .password_hash = password_hash,
                                                    .made_by = STR("setup"),
                                                    .is_active = true};
    struct store_audit event = trail(STR("setup"), "installation.set-up", STR("installation"));
    event.detail = from->peer;
    session.row.audit = &event;
    enum status status = store_administrator_set_up_wait(access->options.store, arena, &draft, setup_hash,
                                                         &session.row, &administrator);
    if (status == CONFLICT)
        return refuse_second_setup(refusal, arena);
    if (status == NOT_FOUND)
        return refuse_token(refusal, arena);
    TRY(status);
    session_finish(arena, &administrator, &session, signed_in);
    return OK;
}
