/* SPDX-License-Identifier: Apache-2.0 */
/* A token taken apart, and whose it says it is. Nothing here is proven yet. */
#include "identity/claims.h"
#include "identity/provider.h"
#include "identity/read_claims.h"

enum status identity_token_read(struct str text, struct arena *arena, struct identity_token *token,
                                struct identity_failure *failure) {
    const char *why = NULL;
    *token = (struct identity_token){.text = text};
    if (text.len == 0) {
        identity_fail(failure, arena, IDENTITY_TOKEN_ABSENT, NULL);
        return INVALID;
    }
    enum status status = jose_jws_parse(text, JOSE_TOKEN_MAX, arena, &token->jws, &why);
    if (status == OK)
        return OK;
    if (status == TOO_LARGE)
        identity_fail(failure, arena, IDENTITY_TOKEN_TOO_LARGE,
                      "The token has %zu bytes, at most %d are allowed.", text.len, JOSE_TOKEN_MAX);
    else
        *failure = (struct identity_failure){.detail = IDENTITY_MALFORMED, .explanation = str_from(why)};
    return INVALID;
}

enum status token_read_claims(struct identity_token *token, struct arena *arena,
                              struct identity_failure *failure) {
    const struct json_item *claims;
    const char *why = NULL;
    if (token->claims != NULL)
        return OK;
    if (json_item_read(token->jws.payload, CLAIMS_DEPTH, arena, &claims, &why) != OK) {
        identity_fail(failure, arena, IDENTITY_CLAIMS_MALFORMED, "The claims are not strict JSON: %s", why);
        return INVALID;
    }
    if (!json_item_is(claims, JSON_IS_OBJECT)) {
        identity_fail(failure, arena, IDENTITY_CLAIMS_MALFORMED, "The claims are not a JSON object.");
        return INVALID;
    }
    token->claims = claims;
    return OK;
}

/* ---- whose is it? ---- */

static bool takes_algorithm(const struct identity_issuer *issuer, const struct jose_jws *jws) {
    return jws->algorithm != NULL && (issuer->algorithms & jose_algorithm_bit(jws->algorithm)) != 0;
}

/* How well an issuer fits by what the token says of itself, from bad to good. One that is not complete takes
 * no token, and so takes none away from the others: it is for saying what is missing. */
enum { NOT_AT_ALL, INCOMPLETE, WITHOUT_ISS, BY_ISS, BY_ISS_AND_AUDIENCE };

static unsigned fit(const struct identity_issuer *issuer, const struct jose_jws *jws,
                    const struct json_item *claims) {
    bool is_complete = issuer->provided == NULL || issuer->provided->is_confirmed;
    if (!takes_algorithm(issuer, jws))
        return NOT_AT_ALL;
    if (issuer->issuer.at == NULL)
        return is_complete ? WITHOUT_ISS : INCOMPLETE;
    if (!claims_issuer_matches(issuer, json_item_get_str(claims, STR("iss"))))
        return NOT_AT_ALL;
    if (!is_complete)
        return INCOMPLETE;
    const struct provider *provider = provider_of(issuer->provided);
    bool is_meant = provider != NULL && provider->is_meant != NULL
                        ? provider->is_meant(issuer, claims)
                        : issuer->audience_count > 0 && claims_audience_matches(issuer, claims);
    return is_meant ? BY_ISS_AND_AUDIENCE : BY_ISS;
}

static enum status choose_by_claims(const struct identity_sign_in *sign_in, struct identity_token *token,
                                    struct arena *arena, const struct identity_issuer **issuer,
                                    struct identity_failure *failure) {
    unsigned best = NOT_AT_ALL;
    size_t equally_good = 0;
    TRY(token_read_claims(token, arena, failure));
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        unsigned this = fit(&sign_in->issuers[i], &token->jws, token->claims);
        if (this > best) {
            best = this;
            equally_good = 0;
            *issuer = &sign_in->issuers[i];
        }
        equally_good += this == best ? 1 : 0;
    }
    struct str iss = json_item_get_str(token->claims, STR("iss"));
    if (best == NOT_AT_ALL) {
        identity_fail(failure, arena, iss.at == NULL ? IDENTITY_ISS_MISSING : IDENTITY_ISS_MISMATCH,
                      "`iss` is `%s`, which is none of the configured issuers'.", claim_shown(arena, iss));
        return INVALID;
    }
    if (equally_good > 1 &&
        best == BY_ISS) { /* settings that were saved differ in audience then, and none of them matched */
        identity_fail(failure, arena, IDENTITY_AUD_MISMATCH,
                      "`iss` is `%s`, but `aud` is none of those of its %zu configured issuers.",
                      claim_shown(arena, iss), equally_good);
        return INVALID;
    }
    if (equally_good > 1) {
        identity_fail(failure, arena, IDENTITY_ISSUER_AMBIGUOUS,
                      "`iss` is `%s`, which %zu configured issuers take.", claim_shown(arena, iss),
                      equally_good);
        return INVALID;
    }
    return OK;
}

enum status identity_choose_issuer(const struct identity_sign_in *sign_in, struct identity_token *token,
                                   struct arena *arena, const struct identity_issuer **issuer,
                                   struct identity_failure *failure) {
    size_t candidates = 0;
    *issuer = NULL;
    if (sign_in->issuer_count == 0) {
        identity_fail(failure, arena, IDENTITY_SIGN_IN_OFF, NULL);
        return INVALID;
    }
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        if (takes_algorithm(&sign_in->issuers[i], &token->jws)) {
            candidates++;
            *issuer = &sign_in->issuers[i];
        }
    }
    if (candidates == 0) {
        identity_fail(failure, arena, IDENTITY_ALG_NOT_ALLOWED,
                      "`alg` is `%s`, which no configured issuer allows.",
                      claim_shown(arena, token->jws.alg));
        return INVALID;
    }
    if (candidates == 1) /* the usual case: its own rules will say what is wrong, if anything is */
        return OK;
    *issuer = NULL;
    return choose_by_claims(sign_in, token, arena, issuer, failure);
}
