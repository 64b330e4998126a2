/* SPDX-License-Identifier: Apache-2.0 */
#include "access/webauthn.h"

#include "base/digest.h"
#include "base/encode.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

enum {
    AUTHENTICATOR_DATA_MIN = 37, /* hash of the rp id, flags, count (section 6.1) */
    FLAG_USER_PRESENT = 0x01,
    FLAG_USER_VERIFIED = 0x04,
    FLAG_HAS_KEY = 0x40,
    FLAG_HAS_EXTENSIONS = 0x80,
    AAGUID_LEN = 16,
    CBOR_DEPTH = 4,
};

static enum status refuse(const char **why, const char *sentence) {
    *why = sentence;
    return INVALID;
}

/* ---- clientDataJSON (section 5.8.1; checked as 7.1 steps 7 to 9 and 7.2 steps 11 to 13 say) ---- */

enum status webauthn_client_data_read(struct arena *arena, struct str json,
                                      const struct webauthn_expected *expected, struct str *challenge,
                                      const char **why) {
    json_t *data = NULL;
    if (json.len > WEBAUTHN_CLIENT_DATA_MAX || json_read(json, JSON_DEPTH_TOKEN, &data, NULL) != OK)
        return refuse(why, "clientDataJSON is not JSON.");
    json_keep(arena, data);
    if (!json_is_object(data) || !str_equal(json_get_str(data, "type"), expected->type))
        return refuse(why, "clientDataJSON is of another ceremony.");
    if (!str_equal(json_get_str(data, "origin"), expected->origin))
        return refuse(why, "The passkey was used at another address than the server's own. Behind a proxy, "
                           "start the server with --public-url.");
    const json_t *cross = json_object_get(data, "crossOrigin");
    if ((cross != NULL && !json_is_false(cross)) || json_object_get(data, "topOrigin") != NULL)
        return refuse(why, "The passkey was used in a frame of another site.");
    struct str text = json_get_str(data, "challenge");
    if (str_is_empty(text) || base64url_decode(arena, text, challenge) != OK)
        return refuse(why, "clientDataJSON has no challenge.");
    return OK;
}

/* ---- authenticator data (section 6.1) ---- */

/* ---- its CBOR (RFC 8949) ----
 * libcbor, behind libfido2, reserves room for as many members as a map says it has, before it has seen one.
 * So what is handed to it has been looked through: no item says more than there are bytes for. CTAP2's
 * canonical form has neither tags nor indefinite lengths. */

static bool cbor_take_head(struct str *rest, unsigned *major, uint64_t *argument) {
    if (str_is_empty(*rest))
        return false;
    const unsigned char *at = (const unsigned char *)rest->at;
    unsigned info = at[0] & 0x1FU;
    size_t more = info < 24 ? 0 : info < 28 ? (size_t)1 << (info - 24) : SIZE_MAX;
    if (more == SIZE_MAX || rest->len < 1 + more)
        return false;
    *major = at[0] >> 5;
    *argument = more == 0 ? info : 0;
    for (size_t i = 1; i <= more; i++)
        *argument = *argument << 8 | at[i];
    *rest = str_from_index(*rest, 1 + more);
    return true;
}

static bool cbor_take_item(struct str *rest, unsigned depth) {
    unsigned major;
    uint64_t argument;
    if (depth > CBOR_DEPTH || !cbor_take_head(rest, &major, &argument))
        return false;
    switch (major) {
    case 0: /* numbers, and simple values */
    case 1:
    case 7:
        return true;
    case 2: /* bytes, text */
    case 3:
        if (argument > rest->len)
            return false;
        *rest = str_from_index(*rest, (size_t)argument);
        return true;
    case 4: /* lists, maps */
    case 5:
        if (argument > rest->len)
            return false;
        for (uint64_t i = 0; i < argument * (major - 3); i++)
            if (!cbor_take_item(rest, depth + 1))
                return false;
        return true;
    default:
        return false;
    }
}

/* What stands behind the counter: a key and extensions, each where its flag says so, and nothing else. */
static bool is_laid_out(struct str data) {
    unsigned flags = (unsigned char)data.at[DIGEST_SHA256_LEN];
    struct str rest = str_from_index(data, AUTHENTICATOR_DATA_MIN);
    if ((flags & FLAG_HAS_KEY) != 0) {
        if (rest.len < AAGUID_LEN + 2)
            return false;
        size_t id_len =
            (size_t)(unsigned char)rest.at[AAGUID_LEN] << 8 | (unsigned char)rest.at[AAGUID_LEN + 1];
        if (rest.len - AAGUID_LEN - 2 < id_len)
            return false;
        rest = str_from_index(rest, AAGUID_LEN + 2 + id_len);
        if (!cbor_take_item(&rest, 0))
            return false;
    }
    if ((flags & FLAG_HAS_EXTENSIONS) != 0 && !cbor_take_item(&rest, 0))
        return false;
    return str_is_empty(rest);
}

static enum status check_flags(struct str data, struct str rp_id, const char **why) {
    unsigned char hash[DIGEST_SHA256_LEN];
    if (data.len < AUTHENTICATOR_DATA_MIN || data.len > WEBAUTHN_AUTHENTICATOR_MAX)
        return refuse(why, "authenticatorData is too short or too long.");
    digest_sha256_into(rp_id, hash);
    if (!str_equal(str_slice(data, 0, sizeof hash), str_of(hash, sizeof hash)))
        return refuse(why, "The passkey belongs to another site.");
    unsigned flags = (unsigned char)data.at[sizeof hash];
    if ((flags & FLAG_USER_PRESENT) == 0 || (flags & FLAG_USER_VERIFIED) == 0)
        return refuse(why, "The device has not checked who uses it: by PIN, fingerprint or face.");
    if (!is_laid_out(data))
        return refuse(why, "authenticatorData does not read.");
    return OK;
}

static int64_t sign_count_of(struct str data) {
    const unsigned char *at = (const unsigned char *)data.at + DIGEST_SHA256_LEN + 1;
    return (int64_t)at[0] << 24 | (int64_t)at[1] << 16 | (int64_t)at[2] << 8 | at[3];
}

/* A member of `response` that is bytes in base64url. */
static enum status read_bytes(struct arena *arena, const json_t *response, const char *name, size_t max,
                              struct str *bytes) {
    struct str text = json_get_str(response, name);
    if (str_is_empty(text) || text.len > max * 4 / 3 + 4)
        return INVALID;
    return base64url_decode(arena, text, bytes);
}

static enum status read_envelope(struct arena *arena, const json_t *credential, struct str *id,
                                 const json_t **response, const char **why) {
    *response = json_get_object(credential, "response");
    if (*response == NULL || !str_equal(json_get_str(credential, "type"), STR("public-key")))
        return refuse(why, "This is no public-key credential.");
    if (read_bytes(arena, credential, "id", WEBAUTHN_CREDENTIAL_MAX, id) != OK ||
        id->len > WEBAUTHN_CREDENTIAL_MAX)
        return refuse(why, "The credential has no id.");
    return OK;
}

/* ---- registration (section 7.1) ---- */

/* libfido2 takes the key only where it is of the kind that was asked for: each is tried. */
static bool read_key(fido_cred_t *cred, struct str data, int algorithm) {
    return fido_cred_set_type(cred, algorithm) == FIDO_OK &&
           fido_cred_set_authdata_raw(cred, (const unsigned char *)data.at, data.len) == FIDO_OK;
}

static enum status take_key(struct arena *arena, struct str data, struct webauthn_key *key) {
    static const int algorithms[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
    for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
        fido_cred_t *cred = fido_cred_new();
        if (cred == NULL)
            return FAILED;
        bool is_read = read_key(cred, data, algorithms[i]);
        const unsigned char *id = fido_cred_id_ptr(cred);
        const unsigned char *public_key = fido_cred_pubkey_ptr(cred);
        bool is_whole = is_read && id != NULL && public_key != NULL;
        if (is_whole) {
            key->algorithm = algorithms[i];
            key->credential = arena_copy(arena, str_of(id, fido_cred_id_len(cred)));
            key->public_key = arena_copy(arena, str_of(public_key, fido_cred_pubkey_len(cred)));
        }
        fido_cred_free(&cred);
        if (is_whole)
            return OK;
    }
    return INVALID;
}

enum status webauthn_created_read(struct arena *arena, const json_t *credential,
                                  const struct webauthn_expected *expected, struct str *challenge,
                                  struct webauthn_key *key, const char **why) {
    const json_t *response;
    struct str id, client_data, data;
    TRY(read_envelope(arena, credential, &id, &response, why));
    if (read_bytes(arena, response, "clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX, &client_data) != OK ||
        read_bytes(arena, response, "authenticatorData", WEBAUTHN_AUTHENTICATOR_MAX, &data) != OK)
        return refuse(why, "The response lacks clientDataJSON or authenticatorData.");
    TRY(webauthn_client_data_read(arena, client_data, expected, challenge, why));
    TRY(check_flags(data, expected->rp_id, why));
    if (((unsigned char)data.at[DIGEST_SHA256_LEN] & FLAG_HAS_KEY) == 0 || take_key(arena, data, key) != OK)
        return refuse(why, "The response holds no key of a kind that is asked for (ES256, EdDSA, RS256).");
    if (!str_equal(key->credential, id) || key->credential.len > WEBAUTHN_CREDENTIAL_MAX)
        return refuse(why, "The credential's id is not the one of its key.");
    key->sign_count = sign_count_of(data);
    return OK;
}

/* ---- sign-in (section 7.2) ---- */

enum status webauthn_shown_read(struct arena *arena, const json_t *credential,
                                const struct webauthn_expected *expected, struct str *challenge,
                                struct webauthn_shown *shown, const char **why) {
    const json_t *response;
    TRY(read_envelope(arena, credential, &shown->credential, &response, why));
    if (read_bytes(arena, response, "clientDataJSON", WEBAUTHN_CLIENT_DATA_MAX, &shown->client_data) != OK ||
        read_bytes(arena, response, "authenticatorData", WEBAUTHN_AUTHENTICATOR_MAX,
                   &shown->authenticator_data) != OK ||
        read_bytes(arena, response, "signature", WEBAUTHN_AUTHENTICATOR_MAX, &shown->signature) != OK)
        return refuse(why, "The response lacks clientDataJSON, authenticatorData or signature.");
    shown->user_handle = STR_NONE;
    if (json_is_string(json_object_get(response, "userHandle")) &&
        !str_is_empty(json_get_str(response, "userHandle")) &&
        read_bytes(arena, response, "userHandle", 64, &shown->user_handle) != OK)
        return refuse(why, "The user handle does not read.");
    TRY(webauthn_client_data_read(arena, shown->client_data, expected, challenge, why));
    return check_flags(shown->authenticator_data, expected->rp_id, why);
}

static bool set_assertion(fido_assert_t *assertion, const struct webauthn_shown *shown, struct str rp_id) {
    AUTO_ARENA scratch = arena_new();
    unsigned char hash[DIGEST_SHA256_LEN];
    digest_sha256_into(shown->client_data, hash);
    return fido_assert_set_clientdata_hash(assertion, hash, sizeof hash) == FIDO_OK &&
           fido_assert_set_rp(assertion, arena_terminated(scratch, rp_id)) == FIDO_OK &&
           fido_assert_set_up(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_assert_set_uv(assertion, FIDO_OPT_TRUE) == FIDO_OK &&
           fido_assert_set_count(assertion, 1) == FIDO_OK &&
           fido_assert_set_authdata_raw(assertion, 0, (const unsigned char *)shown->authenticator_data.at,
                                        shown->authenticator_data.len) == FIDO_OK &&
           fido_assert_set_sig(assertion, 0, (const unsigned char *)shown->signature.at,
                               shown->signature.len) == FIDO_OK;
}

static bool verify_es256(const fido_assert_t *assertion, struct str bytes) {
    es256_pk_t *key = es256_pk_new();
    bool is_good = key != NULL && es256_pk_from_ptr(key, bytes.at, bytes.len) == FIDO_OK &&
                   fido_assert_verify(assertion, 0, COSE_ES256, key) == FIDO_OK;
    es256_pk_free(&key);
    return is_good;
}

static bool verify_rs256(const fido_assert_t *assertion, struct str bytes) {
    rs256_pk_t *key = rs256_pk_new();
    bool is_good = key != NULL && rs256_pk_from_ptr(key, bytes.at, bytes.len) == FIDO_OK &&
                   fido_assert_verify(assertion, 0, COSE_RS256, key) == FIDO_OK;
    rs256_pk_free(&key);
    return is_good;
}

static bool verify_eddsa(const fido_assert_t *assertion, struct str bytes) {
    eddsa_pk_t *key = eddsa_pk_new();
    bool is_good = key != NULL && eddsa_pk_from_ptr(key, bytes.at, bytes.len) == FIDO_OK &&
                   fido_assert_verify(assertion, 0, COSE_EDDSA, key) == FIDO_OK;
    eddsa_pk_free(&key);
    return is_good;
}

static bool verify_signature(const fido_assert_t *assertion, const struct webauthn_key *key) {
    switch (key->algorithm) {
    case COSE_ES256:
        return verify_es256(assertion, key->public_key);
    case COSE_RS256:
        return verify_rs256(assertion, key->public_key);
    case COSE_EDDSA:
        return verify_eddsa(assertion, key->public_key);
    default:
        return false;
    }
}

enum status webauthn_verify(const struct webauthn_shown *shown, const struct webauthn_key *key,
                            struct str rp_id, int64_t *sign_count, const char **why) {
    TRY(check_flags(shown->authenticator_data, rp_id, why));
    fido_assert_t *assertion = fido_assert_new();
    if (assertion == NULL)
        return FAILED;
    bool is_good = set_assertion(assertion, shown, rp_id) && verify_signature(assertion, key);
    fido_assert_free(&assertion);
    if (!is_good)
        return refuse(why, "The signature is not the passkey's.");
    *sign_count = sign_count_of(shown->authenticator_data);
    if ((*sign_count != 0 || key->sign_count != 0) && *sign_count <= key->sign_count) {
        *why =
            "The passkey's counter has not risen: there may be a copy of it. Remove it, and add a new one.";
        return DENIED;
    }
    return OK;
}
