/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "access/webauthn.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/random.h"

enum { CEREMONY_MINUTES = 5, PASSKEYS_MAX = 50, ES256 = -7, EDDSA = -8, RS256 = -257 };

#define FOR_CREATION(principal) (principal)->session
static const char sign_in_purpose[] = "passkey-sign-in";

/* ---- what is expected of the browser ---- */

static enum status expect(const struct access *access, struct arena *arena,
                          const struct access_credentials *from, const char *type,
                          struct webauthn_expected *expected, struct access_refusal *refusal) {
    if (access->options.vault == NULL)
        return access_refuse_no_vault(refusal, arena);
    expected->type = str_from(type);
    expected->origin = access_origin(access, arena, from);
    struct str authority = str_from_index(expected->origin, str_find(expected->origin, STR("://")) + 3);
    expected->rp_id = access_host_name(authority);
    if (access_host_is_number(expected->rp_id))
        return access_refuse(refusal, arena, 409, "passkeys-need-a-name",
                             "Passkeys are bound to a name, and this server was called by a number. Call it "
                             "by its name (on this machine: http://localhost).");
    return OK;
}

static enum status refuse_credential(struct access_refusal *refusal, struct arena *arena, const char *why) {
    return access_refuse_at(refusal, arena, "passkey-invalid", "/credential", "%s", why);
}

static enum status refuse_challenge(struct access_refusal *refusal, struct arena *arena) {
    return refuse_credential(refusal, arena,
                             "This took longer than five minutes, or was done twice. Begin again.");
}

static json_t *challenge_json(struct arena *arena, struct str sealed) {
    return json_from_str(base64url_encode(arena, sealed));
}

static json_t *credential_json(struct str id) {
    json_t *credential = json_object();
    json_object_set_new(credential, "type", json_string("public-key"));
    json_object_set_new(credential, "id", json_from_str(id));
    json_object_set_new(credential, "transports", json_array());
    return credential;
}

/* ---- creation ---- */

static json_t *algorithms_json(void) {
    static const int algorithms[] = {ES256, EDDSA, RS256};
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        json_t *one = json_object();
        json_object_set_new(one, "type", json_string("public-key"));
        json_object_set_new(one, "alg", json_integer(algorithms[i]));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *creation_json(struct arena *arena, const struct access_principal *principal,
                             const struct webauthn_expected *expected, struct str challenge) {
    json_t *options = json_object();
    json_t *rp = json_object();
    json_object_set_new(rp, "id", json_from_str(expected->rp_id));
    json_object_set_new(rp, "name", json_string("Chatelaine"));
    json_t *user = json_object();
    json_object_set_new(user, "id", json_from_str(base64url_encode(arena, principal->administrator)));
    json_object_set_new(user, "name", json_from_str(principal->email));
    json_object_set_new(user, "displayName", json_from_str(principal->name));
    json_t *selection = json_object();
    json_object_set_new(selection, "residentKey", json_string("required"));
    json_object_set_new(selection, "requireResidentKey", json_true());
    json_object_set_new(selection, "userVerification", json_string("required"));
    json_object_set_new(options, "challenge", challenge_json(arena, challenge));
    json_object_set_new(options, "rp", rp);
    json_object_set_new(options, "user", user);
    json_object_set_new(options, "pubKeyCredParams", algorithms_json());
    json_object_set_new(options, "timeout", json_integer(CEREMONY_MINUTES * ACCESS_MINUTE_MS));
    json_object_set_new(options, "attestation", json_string("none"));
    json_object_set_new(options, "authenticatorSelection", selection);
    return options;
}

enum status access_passkey_creation_wait(struct access *access, struct arena *arena,
                                         const struct access_credentials *from,
                                         const struct access_principal *principal, json_t **options,
                                         struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    struct webauthn_expected expected = {.type = STR_NONE};
    struct str challenge = STR_NONE;
    struct store_passkeys passkeys;
    TRY(expect(access, arena, from, "webauthn.create", &expected, refusal));
    TRY(store_passkey_list_wait(access->options.store, arena, principal->administrator, &passkeys));
    if (passkeys.count >= PASSKEYS_MAX)
        return access_refuse(refusal, arena, 409, "too-many-passkeys",
                             "You have as many passkeys as one may have. Remove one first.");
    TRY(challenge_make(access, arena, FOR_CREATION(principal), STR("passkey"),
                       CEREMONY_MINUTES * ACCESS_MINUTE_MS, &challenge));
    *options = creation_json(arena, principal, &expected, challenge);
    json_t *excluded = json_array();
    for (size_t i = 0; i < passkeys.count; i++)
        json_array_append_new(excluded, credential_json(passkeys.at[i].credential));
    json_object_set_new(*options, "excludeCredentials", excluded);
    return OK;
}

static enum status store_key_wait(struct access *access, struct arena *arena,
                                  const struct access_principal *principal, const struct webauthn_key *key,
                                  struct str challenge, int64_t until, struct store_passkey *passkey,
                                  struct access_refusal *refusal) {
    passkey->credential = base64url_encode(arena, key->credential);
    passkey->id = id_new(arena, STR("pas"));
    passkey->administrator = principal->administrator;
    passkey->algorithm = key->algorithm;
    passkey->public_key = base64url_encode(arena, key->public_key);
    passkey->sign_count = key->sign_count;
    passkey->created_at = clock_now_ms();
    struct store_audit event = trail(principal->actor, "account.add-passkey",
                                     arena_join(arena, 2, (struct str[]){STR("passkey/"), passkey->id}));
    enum status status =
        store_passkey_add_wait(access->options.store, passkey, access_hash(arena, challenge), until, &event);
    return status == CONFLICT ? refuse_challenge(refusal, arena) : status;
}

enum status access_add_passkey_wait(struct access *access, struct arena *arena,
                                    const struct access_credentials *from,
                                    const struct access_principal *principal, struct str name,
                                    const json_t *credential, struct store_passkey *passkey,
                                    struct str recovery_codes[STORE_RECOVERY_CODES], bool *has_codes,
                                    struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    struct webauthn_expected expected = {.type = STR_NONE};
    struct webauthn_key key = {.credential = STR_NONE};
    struct str challenge = STR_NONE;
    struct str content;
    int64_t until = 0;
    const char *why = NULL;
    struct store_administrator administrator;
    TRY(expect(access, arena, from, "webauthn.create", &expected, refusal));
    if (webauthn_created_read(arena, credential, &expected, &challenge, &key, &why) != OK)
        return refuse_credential(refusal, arena, why);
    if (challenge_open(access, arena, FOR_CREATION(principal), challenge, &content, &until) != OK)
        return refuse_challenge(refusal, arena);
    *passkey = (struct store_passkey){.rp_id = expected.rp_id};
    if (access_name_read(arena, name, &passkey->name) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/name",
                                "A name has 1 to 100 characters, and no control characters.");
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    TRY(store_key_wait(access, arena, principal, &key, challenge, until, passkey, refusal));
    *has_codes = administrator.recovery_code_count == 0;
    if (!*has_codes)
        return OK;
    struct str hashes[STORE_RECOVERY_CODES];
    recovery_codes_make(arena, administrator.id, recovery_codes, hashes);
    return store_recovery_codes_put_wait(access->options.store, administrator.id, hashes, NULL);
}

enum status access_rename_passkey_wait(struct access *access, struct arena *arena,
                                       const struct access_principal *principal, struct str id,
                                       struct str name, struct store_passkey *passkey,
                                       struct access_refusal *refusal) {
    struct str read;
    struct store_passkeys passkeys;
    if (principal->kind != ACCESS_ADMINISTRATOR)
        return access_demand_recent(principal, arena, refusal);
    if (access_name_read(arena, name, &read) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/name",
                                "A name has 1 to 100 characters, and no control characters.");
    struct store_audit event = trail(principal->actor, "account.rename-passkey",
                                     arena_join(arena, 2, (struct str[]){STR("passkey/"), id}));
    TRY(store_passkey_rename_wait(access->options.store, principal->administrator, id, read, &event));
    TRY(store_passkey_list_wait(access->options.store, arena, principal->administrator, &passkeys));
    for (size_t i = 0; i < passkeys.count; i++) {
        if (str_equal(passkeys.at[i].id, id)) {
            *passkey = passkeys.at[i];
            return OK;
        }
    }
    return NOT_FOUND;
}

enum status access_remove_passkey_wait(struct access *access, struct arena *arena,
                                       const struct access_principal *principal, struct str id,
                                       struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, principal->administrator,
                                      &administrator));
    bool is_last = administrator.totp_at == 0 && administrator.passkey_count <= 1;
    struct store_audit event = trail(principal->actor, "account.remove-passkey",
                                     arena_join(arena, 2, (struct str[]){STR("passkey/"), id}));
    return store_passkey_remove_wait(access->options.store, administrator.id, id, is_last, &event);
}

/* ---- sign-in ---- */

enum status access_passkey_request(struct access *access, struct arena *arena,
                                   const struct access_credentials *from, json_t **options,
                                   struct access_refusal *refusal) {
    struct webauthn_expected expected = {.type = STR_NONE};
    struct str challenge = STR_NONE;
    TRY(expect(access, arena, from, "webauthn.get", &expected, refusal));
    TRY(challenge_make(access, arena, str_from(sign_in_purpose), STR("passkey"),
                       CEREMONY_MINUTES * ACCESS_MINUTE_MS, &challenge));
    *options = json_object();
    json_object_set_new(*options, "challenge", challenge_json(arena, challenge));
    json_object_set_new(*options, "rpId", json_from_str(expected.rp_id));
    json_object_set_new(*options, "timeout", json_integer(CEREMONY_MINUTES * ACCESS_MINUTE_MS));
    json_object_set_new(*options, "userVerification", json_string("required"));
    json_object_set_new(*options, "allowCredentials", json_array()); /* whichever the browser has for us */
    return OK;
}

static enum status refused_wait(struct access *access, struct arena *arena,
                                const struct access_credentials *from, struct str administrator,
                                const char *reason, const char *why, struct access_refusal *refusal) {
    struct store_audit event = trail_refused(arena, from, administrator, "administrator.sign-in", reason);
    trail_write_wait(access, arena, &event);
    access_refuse(refusal, arena, 401, "passkey-refused", "%s", why);
    refusal->is_wrong_guess = true;
    return DENIED;
}

static enum status read_key(struct arena *arena, const struct store_passkey *passkey,
                            struct webauthn_key *key) {
    *key = (struct webauthn_key){.algorithm = passkey->algorithm, .sign_count = passkey->sign_count};
    return base64url_decode(arena, passkey->public_key, &key->public_key);
}

/* Section 7.2 steps 5 to 7 and 15 to 21: whose key it is, and whether it signed. */
static enum status verify_wait(struct access *access, struct arena *arena,
                               const struct access_credentials *from,
                               const struct webauthn_expected *expected, const struct webauthn_shown *shown,
                               struct store_passkey *passkey, struct store_administrator *administrator,
                               int64_t *sign_count, struct access_refusal *refusal) {
    struct str credential = base64url_encode(arena, shown->credential);
    const char *why = NULL;
    struct webauthn_key key = {.credential = STR_NONE};
    enum status status =
        store_passkey_find_wait(access->options.store, arena, credential, passkey, administrator);
    if (status == NOT_FOUND)
        return refused_wait(access, arena, from, STR_NONE, "passkey-unknown",
                            "This passkey is not known here (any more).", refusal);
    TRY(status);
    bool is_theirs =
        str_equal(shown->user_handle, administrator->id) && str_equal(passkey->rp_id, expected->rp_id);
    if (!is_theirs || read_key(arena, passkey, &key) != OK)
        return refused_wait(access, arena, from, administrator->id, "passkey-foreign",
                            "This passkey is not known here (any more).", refusal);
    status = webauthn_verify(shown, &key, expected->rp_id, sign_count, &why);
    if (status == OK)
        return OK;
    return refused_wait(access, arena, from, administrator->id,
                        status == DENIED ? "passkey-copied" : "passkey-signature-wrong", why, refusal);
}

enum status access_passkey_sign_in_wait(struct access *access, struct arena *arena,
                                        const struct access_credentials *from, const json_t *credential,
                                        struct access_signed_in *signed_in, struct access_refusal *refusal) {
    struct webauthn_expected expected = {.type = STR_NONE};
    struct webauthn_shown shown = {.credential = STR_NONE};
    struct str challenge = STR_NONE;
    struct str content, email, key;
    int64_t until = 0;
    int64_t sign_count = 0;
    const char *why = NULL;
    TRY(expect(access, arena, from, "webauthn.get", &expected, refusal));
    if (webauthn_shown_read(arena, credential, &expected, &challenge, &shown, &why) != OK)
        return refuse_credential(refusal, arena, why);
    if (challenge_open(access, arena, str_from(sign_in_purpose), challenge, &content, &until) != OK)
        return refuse_challenge(refusal, arena);
    struct store_passkey passkey = {.id = STR_NONE};
    struct store_administrator administrator = {.id = STR_NONE};
    struct new_session session;
    TRY(verify_wait(access, arena, from, &expected, &shown, &passkey, &administrator, &sign_count, refusal));
    TRY(access_email_read(arena, administrator.email, &email, &key));
    TRY(session_prepare_wait(access, arena, from, key, STR("passkey"), &session));
    struct store_audit event = trail(arena_join(arena, 2, (struct str[]){STR("admin:"), administrator.id}),
                                     "administrator.sign-in", trail_target(arena, administrator.id));
    event.reason = STR("passkey");
    event.detail = from->peer;
    session.row.administrator = administrator.id;
    session.row.spent = access_hash(arena, challenge);
    session.row.spent_until = until;
    session.row.passkey = passkey.credential;
    session.row.sign_count_before = passkey.sign_count;
    session.row.sign_count = sign_count;
    session.row.audit = &event;
    enum status status = store_admin_sign_in_wait(access->options.store, &session.row);
    if (status == CONFLICT)
        return refuse_challenge(refusal, arena);
    TRY(status);
    session_finish(arena, &administrator, &session, signed_in);
    return OK;
}
