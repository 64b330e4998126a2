/* SPDX-License-Identifier: Apache-2.0 */
#include "access/single_sign_on.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/memory.h"
#include "egress/egress.h"
#include "identity/identity.h"
#include "keyset/keyset.h"

enum { TOKEN_ANSWER_MAX = 64 * 1024, TOKEN_TIMEOUT_MS = 10 * 1000, TRIES = 2 };

static enum status refuse(struct access_refusal *refusal, struct arena *arena, const char *code,
                          const char *sentence) {
    return access_refuse(refusal, arena, 401, code, "%s", sentence);
}

/* ---- code for token ---- */

static struct str form_of(struct arena *arena, const struct sso_settings *settings, struct str code,
                          struct str redirect_uri, struct str verifier, struct str secret) {
    struct str pieces[] = {STR("grant_type=authorization_code&code="),
                           percent_encode(arena, code),
                           STR("&redirect_uri="),
                           percent_encode(arena, redirect_uri),
                           STR("&code_verifier="),
                           verifier,
                           STR("&client_id="),
                           percent_encode(arena, settings->shown.client_id),
                           STR("&client_secret="),
                           percent_encode(arena, secret)};
    bool shows_secret = settings->wants_secret_post && !str_is_empty(secret);
    return arena_join(arena, shows_secret ? 10 : 8, pieces);
}

/* RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
static struct str basic_of(struct arena *arena, struct str client_id, struct str secret) {
    struct str pieces[] = {percent_encode(arena, client_id), STR(":"), percent_encode(arena, secret)};
    struct str encoded = base64_encode(arena, arena_join(arena, 3, pieces));
    return arena_join(arena, 2, (struct str[]){STR("Basic "), encoded});
}

static enum status exchange_wait(struct access *access, struct arena *arena, struct arena *scratch,
                                 const struct sso_settings *settings, struct str code,
                                 struct str redirect_uri, struct str verifier, struct str *id_token,
                                 struct access_refusal *refusal) {
    static const char *const types[] = {"application/json", "+json", NULL};
    struct str secret;
    TRY(sso_secret_wait(access, scratch, &secret));
    struct egress_header headers[] = {
        {STR("Content-Type"), STR("application/x-www-form-urlencoded")},
        {STR("Accept"), STR("application/json")},
        {STR("Authorization"), basic_of(scratch, settings->shown.client_id, secret)}};
    bool is_basic = !settings->wants_secret_post && !str_is_empty(secret);
    const struct egress_request request = {
        .method = "POST",
        .url = settings->token_endpoint,
        .headers = headers,
        .header_count = is_basic ? 3 : 2,
        .body = form_of(scratch, settings, code, redirect_uri, verifier, secret),
        .content_types = types,
        .max_bytes = TOKEN_ANSWER_MAX,
        .timeout_ms = TOKEN_TIMEOUT_MS,
        .is_sent_once = true};
    struct egress_answer answer;
    enum status status = egress_fetch_wait(access->options.egress, &request, scratch, &answer);
    if (status == CANCELED)
        return CANCELED;
    json_t *body = NULL;
    if (status != OK || answer.status_code != 200 ||
        json_read(answer.body, JSON_DEPTH_TOKEN, &body, NULL) != OK) {
        log_event(LOG_WARNING, "single-sign-on-token-refused",
                  LOG_STR("problem", str_from(egress_problem_word(answer.problem))),
                  LOG_INT("status", status == OK ? answer.status_code : 0));
        return refuse(refusal, arena, "single-sign-on-failed",
                      "The provider did not give a token for the code. Is the client's secret right?");
    }
    *id_token = arena_copy(arena, json_get_str(json_keep(scratch, body), "id_token"));
    if (str_is_empty(*id_token))
        return refuse(refusal, arena, "single-sign-on-failed", "The provider gave no ID token.");
    return OK;
}

/* ---- the ID token ---- */

static json_t *issuer_json(const struct sso_settings *settings) {
    json_t *issuer = json_object();
    json_object_set_new(issuer, "name", json_string("single-sign-on"));
    json_object_set_new(issuer, "mode", json_string("key-set"));
    json_object_set_new(issuer, "keySetUrl", json_from_str(settings->jwks_uri));
    json_object_set_new(issuer, "issuer", json_from_str(settings->shown.issuer));
    json_t *audiences = json_array();
    json_array_append_new(audiences, json_from_str(settings->shown.client_id));
    json_object_set_new(issuer, "audiences", audiences);
    json_t *issuers = json_array();
    json_array_append_new(issuers, issuer);
    json_t *sign_in = json_object();
    json_object_set_new(sign_in, "enforcement", json_string("required"));
    json_object_set_new(sign_in, "issuers", issuers);
    return sign_in;
}

static enum status verify_wait(struct arena *arena, struct keyset_cache *key_sets,
                               const struct identity_issuer *issuer, struct str text,
                               struct identity *identity, struct identity_failure *failure) {
    struct identity_token token = {.text = STR_NONE};
    struct jose_key_set *keys = NULL;
    struct keyset_error error = {.problem = KEYSET_FINE};
    enum status status = identity_token_read(text, arena, &token, failure);
    if (status != OK)
        return status;
    TRY(keyset_get_wait(key_sets, issuer->key_set_url, arena, &keys, &error));
    for (unsigned i = 0; i < TRIES; i++) {
        status = identity_verify(issuer, keys, &token, clock_now_s(), arena, identity, failure);
        if (status == OK || !failure->keys_may_be_stale)
            break;
        struct jose_key_set *fresh = NULL;
        if (keyset_refresh_for_unknown_kid_wait(key_sets, issuer->key_set_url, keys, &fresh) != OK)
            break;
        bool is_other = fresh != keys;
        jose_key_set_release(keys);
        keys = fresh;
        if (!is_other)
            break;
    }
    jose_key_set_release(keys);
    return status;
}

static enum access_role role_named(const json_t *roles, struct str value) {
    return str_is_empty(value) ? ACCESS_NO_ROLE : access_role_read(json_str(json_member(roles, value)));
}

static enum access_role mapped_role(const struct access_sso *sso, const json_t *claims) {
    const json_t *value =
        str_is_empty(sso->mapping_claim) ? NULL : identity_claim_at(claims, sso->mapping_claim);
    enum access_role highest = role_named(sso->mapping_roles, json_str(value));
    for (size_t i = 0; i < json_array_size(value); i++) {
        enum access_role role = role_named(sso->mapping_roles, json_str(json_array_get(value, i)));
        highest = role > highest ? role : highest;
    }
    return highest < ACCESS_OWNER ? highest : ACCESS_NO_ROLE;
}

/* What OpenID Connect asks beside signature, issuer, audience and time (Core 3.1.3.7 steps 3 to 5 and 11). */
static enum status read_person(struct arena *arena, const struct sso_settings *settings,
                               struct identity *identity, struct str nonce, struct sso_person *person,
                               struct access_refusal *refusal) {
    const json_t *claims = identity_claims(identity);
    if (!str_equal_secret(json_get_str(claims, "nonce"), nonce))
        return refuse(refusal, arena, "single-sign-on-failed", "The ID token was made for another sign-in.");
    const json_t *azp = json_object_get(claims, "azp");
    bool has_several = json_array_size(json_object_get(claims, "aud")) > 1;
    if ((azp != NULL || has_several) && !str_equal(json_str(azp), settings->shown.client_id))
        return refuse(refusal, arena, "single-sign-on-failed", "The ID token was made for another client.");
    *person = (struct sso_person){.issuer = settings->shown.issuer,
                                  .subject = arena_copy(arena, identity->subject),
                                  .name = arena_copy(arena, json_get_str(claims, "name")),
                                  .mapped = mapped_role(&settings->shown, claims)};
    if (json_is_true(json_object_get(claims, "email_verified")))
        person->email = arena_copy(arena, json_get_str(claims, "email"));
    return OK;
}

enum status sso_redeem_wait(struct access *access, struct arena *arena, const struct sso_settings *settings,
                            struct keyset_cache *key_sets, struct str code, struct str redirect_uri,
                            struct str verifier, struct str nonce, struct sso_person *person,
                            struct access_refusal *refusal) {
    struct str id_token = STR_NONE;
    AUTO_ARENA scratch = arena_new();
    arena_wipe_on_free(scratch);
    TRY(exchange_wait(access, arena, scratch, settings, code, redirect_uri, verifier, &id_token, refusal));
    struct identity_sign_in sign_in = {.issuer_count = 0};
    struct identity identity = {.subject = STR_NONE};
    struct identity_failure failure = {.detail = IDENTITY_FETCH_UNREACHABLE};
    json_t *json = json_keep(scratch, issuer_json(settings));
    enum status status = identity_sign_in_read(json, scratch, &sign_in, NULL);
    if (status == OK)
        status = verify_wait(scratch, key_sets, &sign_in.issuers[0], id_token, &identity, &failure);
    if (status == OK)
        status = read_person(arena, settings, &identity, nonce, person, refusal);
    else if (status != CANCELED) {
        const struct identity_words *words = identity_words(failure.detail);
        log_event(LOG_WARNING, "single-sign-on-token-invalid", LOG_STR("detail", str_from(words->detail)));
        status = access_refuse(refusal, arena, 401, "single-sign-on-failed", "The ID token does not hold: %s",
                               words->sentence);
    }
    identity_release(&identity);
    identity_sign_in_release(&sign_in);
    return status;
}
