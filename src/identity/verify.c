/* SPDX-License-Identifier: Apache-2.0 */
/* The heart: a token, an issuer's rules and its keys become an identity, or a reason why not. Signature
 * first, claims after. */
#include "identity/claims.h"
#include "identity/provider.h"
#include "identity/read_claims.h"

static const char *shown_algorithms(struct arena *arena, jose_algorithms allowed) {
    struct str shown = STR("");
    const struct jose_algorithm *algorithm;
    for (size_t i = 0; (algorithm = jose_algorithm_at(i)) != NULL; i++) {
        if (allowed & jose_algorithm_bit(algorithm))
            shown = arena_print(arena, "%.*s%s%.*s", STR_ARG(shown), shown.len > 0 ? ", " : "",
                                STR_ARG(jose_algorithm_name(algorithm)));
    }
    return shown.len > 0 ? shown.at : "none";
}

/* The mode's wall stands here too, whatever the settings' list says (RFC 8725 section 3.1): a shared-secret
 * mode never meets a public key, a key-set mode never an HMAC. */
static enum status check_algorithm(const struct claim_check *check) {
    const struct identity_issuer *issuer = check->issuer;
    const struct jose_algorithm *algorithm = check->jws->algorithm;
    jose_algorithms allowed = issuer->algorithms;
    allowed &= issuer->mode == IDENTITY_HMAC ? jose_algorithms_symmetric() : jose_algorithms_asymmetric();
    if (algorithm != NULL && (allowed & jose_algorithm_bit(algorithm)) != 0)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_ALG_NOT_ALLOWED, "`alg` is `%s`, allowed: %s.",
                  claim_shown(check->arena, check->jws->alg), shown_algorithms(check->arena, allowed));
    return INVALID;
}

/* A provider's issuer that nobody has pinned yet must not be learnt from visitors' tokens. */
static enum status check_confirmed(const struct claim_check *check) {
    const struct identity_provided *provided = check->issuer->provided;
    if (provided == NULL || provided->is_confirmed)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_ISSUER_UNCONFIRMED, "%s",
                  provided->provider->need == IDENTITY_NEEDS_DISCOVERY
                      ? "The provider's key-set URL is not known yet: save the issuer while its metadata can "
                        "be fetched, or enter the URL."
                      : "Which user pool it is, is not confirmed yet.");
    return INVALID;
}

static enum status check_keys_exist(const struct claim_check *check, const struct jose_key_set *keys) {
    bool is_hmac = check->issuer->mode == IDENTITY_HMAC;
    if (keys != NULL && !(is_hmac && jose_key_set_count(keys) == 0))
        return OK;
    identity_fail(check->failure, check->arena, is_hmac ? IDENTITY_SECRET_MISSING : IDENTITY_KEY_SET_MISSING,
                  NULL);
    return INVALID;
}

/* The end of a sentence: the ids that there are, and why keys were left out: what an administrator needs to
 * see at once. */
static const char *shown_kids(struct arena *arena, const struct jose_key_set *keys) {
    enum { KIDS_SHOWN = 5 };
    struct str shown = STR("");
    size_t count = jose_key_set_count(keys);
    size_t skipped = jose_key_set_skipped_count(keys);
    for (size_t i = 0; i < count && i < KIDS_SHOWN; i++)
        shown = arena_print(arena, "%.*s%s`%s`", STR_ARG(shown), i > 0 ? ", " : "",
                            claim_shown(arena, jose_key_kid(jose_key_set_at(keys, i))));
    if (count > KIDS_SHOWN)
        shown = arena_print(arena, "%.*s and %zu more", STR_ARG(shown), count - KIDS_SHOWN);
    if (count == 0)
        shown = STR("no key that can be used");
    if (skipped == 0)
        return arena_print(arena, "%.*s.", STR_ARG(shown)).at;
    return arena_print(arena, "%.*s; %zu left out, the first because: %s", STR_ARG(shown), skipped,
                       jose_key_set_skipped_at(keys, 0)->why)
        .at;
}

static void explain_verdict(const struct claim_check *check, const struct jose_key_set *keys,
                            enum jose_verdict verdict) {
    const struct jose_jws *jws = check->jws;
    struct arena *arena = check->arena;
    const char *kid = claim_shown(arena, jws->kid);
    const char *alg = claim_shown(arena, jws->alg);
    switch (verdict) {
    case JOSE_VALID:
    case JOSE_UNKNOWN_ALGORITHM:
        identity_fail(check->failure, arena, IDENTITY_ALG_NOT_ALLOWED, "`alg` is `%s`.", alg);
        break;
    case JOSE_UNKNOWN_KID:
        identity_fail(check->failure, arena, IDENTITY_UNKNOWN_KID, "`kid` is `%s`; the key set has %s", kid,
                      shown_kids(arena, keys));
        break;
    case JOSE_NO_FITTING_KEY:
        identity_fail(check->failure, arena, IDENTITY_KEY_UNFIT,
                      "No key for `alg` `%s` and `kid` `%s`; the key set has %s", alg, kid,
                      shown_kids(arena, keys));
        break;
    case JOSE_SEVERAL_KEYS:
        identity_fail(check->failure, arena, IDENTITY_KEY_AMBIGUOUS,
                      "`kid` is `%s`, and several keys fit `alg` `%s`.", kid, alg);
        break;
    case JOSE_KEY_NOT_IN_TIME:
        identity_fail(check->failure, arena, IDENTITY_CERTIFICATE_EXPIRED,
                      "The certificate of `kid` `%s` is not valid now.", kid);
        break;
    case JOSE_SECRET_TOO_SHORT:
        identity_fail(check->failure, arena, IDENTITY_SECRET_TOO_SHORT,
                      "`%s` needs a secret of at least %zu bytes.", alg,
                      jose_algorithm_min_secret(jws->algorithm));
        break;
    case JOSE_BAD_SIGNATURE:
        if (check->issuer->mode == IDENTITY_HMAC && jose_key_set_count(keys) == 1)
            identity_fail(check->failure, arena, IDENTITY_SIGNATURE_MISMATCH,
                          "The secret in use did not make this signature.");
        else if (check->issuer->mode == IDENTITY_HMAC)
            identity_fail(check->failure, arena, IDENTITY_SIGNATURE_MISMATCH,
                          "None of the %zu secrets in use made this signature.", jose_key_set_count(keys));
        else
            identity_fail(check->failure, arena, IDENTITY_SIGNATURE_MISMATCH,
                          "The key `%s` did not make this signature.", kid);
        break;
    }
}

/* A key set that was fetched some time ago may lack what is new, or hold what is old. A wrong signature by a
 * key with an id says nothing of the kind: ids are not used again, and forgers would like to cause fetches.
 */
static bool may_be_stale(const struct claim_check *check, enum jose_verdict verdict) {
    if (check->issuer->mode == IDENTITY_HMAC)
        return false;
    return verdict == JOSE_UNKNOWN_KID || verdict == JOSE_NO_FITTING_KEY || verdict == JOSE_KEY_NOT_IN_TIME ||
           verdict == JOSE_SEVERAL_KEYS || (verdict == JOSE_BAD_SIGNATURE && check->jws->kid.at == NULL);
}

static enum status check_signature(const struct claim_check *check, const struct jose_key_set *keys,
                                   const struct jose_key **used) {
    enum jose_verdict verdict = jose_verify(check->jws, keys, check->now_s, used);
    if (verdict == JOSE_VALID)
        return OK;
    explain_verdict(check, keys, verdict);
    check->failure->keys_may_be_stale = may_be_stale(check, verdict);
    return INVALID;
}

/* ---- names for logs and sessions ---- */

static bool is_short_and_plain(struct str text, size_t max) {
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F)
            return false;
    }
    return text.len > 0 && text.len <= max;
}

static void keep_names(const struct claim_check *check, struct identity *identity) {
    struct str jti = json_item_get_str(check->claims, STR("jti"));
    struct str sid = json_item_get_str(check->claims, STR("sid"));
    identity->token_id = is_short_and_plain(jti, TOKEN_ID_MAX) ? jti : STR_NONE;
    identity->session_id = is_short_and_plain(sid, SESSION_ID_MAX) ? sid : STR_NONE;
}

/* Who remembers the identity must refuse the token no later than who sees it for the first time. */
static void keep_times(const struct claim_check *check, const struct claim_times *times,
                       const struct jose_key *used, struct identity *identity) {
    identity->issued_at = times->issued_at;
    identity->expires_at = times->expires_at;
    identity->usable_until = times->expires_at + (int64_t)check->issuer->leeway_s;
    if (jose_key_not_after(used) < identity->usable_until)
        identity->usable_until = jose_key_not_after(used) + 1;
    identity->auth_time = times->auth_time;
}

static size_t index_of(const struct jose_key_set *keys, const struct jose_key *key) {
    size_t index = 0;
    while (index + 1 < jose_key_set_count(keys) && jose_key_set_at(keys, index) != key)
        index++;
    return index;
}

static enum status check_all(struct claim_check *check, struct identity_token *token,
                             const struct jose_key_set *keys, struct identity *identity) {
    const struct jose_key *used = NULL;
    struct claim_times times = {0, 0, 0};
    TRY(check_confirmed(check));
    TRY(check_algorithm(check));
    TRY(check_keys_exist(check, keys));
    TRY(check_signature(check, keys, &used));

    TRY(token_read_claims(token, check->arena, check->failure));
    check->claims = token->claims;
    TRY(claims_check_times(check, &times));
    TRY(claims_check_issuer(check));
    TRY(claims_check_audience(check));
    TRY(claims_check_subject(check, &identity->subject));
    TRY(claims_check_purpose(check));
    const struct provider *provider = provider_of(check->issuer->provided);
    if (provider != NULL && provider->check != NULL)
        TRY(provider->check(check));

    keep_times(check, &times, used, identity);
    keep_names(check, identity);
    identity->secret_index = check->issuer->mode == IDENTITY_HMAC ? index_of(keys, used) : 0;
    struct str kid = jose_key_kid(used);
    identity->key_id = kid.at != NULL ? arena_copy(check->arena, kid)
                                      : STR_NONE; /* the key set may go before the identity does */
    identity->claims_text = json_item_compact(check->arena, token->claims);
    return user_resolve(check, identity);
}

enum status identity_verify(const struct identity_issuer *issuer, const struct jose_key_set *keys,
                            struct identity_token *token, int64_t now_s, struct arena *arena,
                            struct identity *identity, struct identity_failure *failure) {
    struct claim_check check = {issuer, &token->jws, NULL, now_s, arena, failure};
    *identity = (struct identity){.issuer_name = issuer->name};
    enum status status = check_all(&check, token, keys, identity);
    if (status != OK)
        *identity = (struct identity){.subject = STR_NONE}; /* nothing of it for nobody */
    return status;
}
