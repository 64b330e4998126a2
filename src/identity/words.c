/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of why a token was refused, in words. docs/errors.md says the same at length; a test compares
 * the two. */
#include "identity/identity.h"

#include "base/json.h"

#include <stdarg.h>

struct reason_words {
    const char *name;
    const char *visitor; /* what the person in the chat may read: no code, no claim */
};

static const struct reason_words reasons[IDENTITY_REASONS] = {
    [IDENTITY_MISSING_TOKEN] = {"missing-token", "Sign in to go on."},
    [IDENTITY_CONFIG_INCOMPLETE] = {"config-incomplete", "Sign-in is not available right now."},
    [IDENTITY_EXPIRED] = {"expired", "Your sign-in has ended. Sign in again to go on."},
    [IDENTITY_BAD_SIGNATURE] = {"bad-signature", "We could not confirm your sign-in. Try again."},
    [IDENTITY_BAD_CLAIM] = {"bad-claim", "We could not confirm your sign-in. Try again."},
    [IDENTITY_JWKS_FETCH_FAILED] = {"jwks-fetch-failed", "Sign-in is not available right now."},
};

static const struct identity_words words[IDENTITY_DETAILS] = {
    [IDENTITY_TOKEN_ABSENT] =
        {IDENTITY_MISSING_TOKEN, "token-absent", "No token arrived with this request.",
         "Call identify({token}) before the visitor writes, or send Authorization: Bearer."},

    [IDENTITY_SIGN_IN_OFF] = {IDENTITY_CONFIG_INCOMPLETE, "sign-in-off",
                              "Visitor sign-in is not set up, or switched off.",
                              "Add an issuer in Visitor sign-in: a shared secret, or a key-set URL; its "
                              "enforcement must not be off."},
    [IDENTITY_SECRET_MISSING] = {IDENTITY_CONFIG_INCOMPLETE, "secret-missing",
                                 "The shared-secret mode is chosen, but there is no secret in use.",
                                 "Generate a secret and store it in your backend."},
    [IDENTITY_KEY_SET_MISSING] =
        {IDENTITY_CONFIG_INCOMPLETE, "key-set-missing",
         "The key-set mode is chosen, but there is neither a key-set URL nor a pasted key set.",
         "Enter the provider's key-set (JWKS) URL, or paste its keys."},
    [IDENTITY_SECRET_TOO_SHORT] =
        {IDENTITY_CONFIG_INCOMPLETE, "secret-too-short",
         "The shared secret is shorter than the token's algorithm demands (RFC 7518 section 3.2).",
         "Sign with HS256, or generate a new secret: 32 bytes for HS256, 48 for HS384, 64 for HS512."},
    [IDENTITY_ISSUER_UNCONFIRMED] = {IDENTITY_CONFIG_INCOMPLETE, "issuer-unconfirmed",
                                     "The provider's issuer is not confirmed yet.",
                                     "Test one token in Test a token and confirm the issuer that it names."},

    [IDENTITY_EXP_PASSED] = {IDENTITY_EXPIRED, "exp-passed", "The token has ended.",
                             "Mint a new one and call identify again, or give the widget a token provider."},

    [IDENTITY_MALFORMED] =
        {IDENTITY_BAD_SIGNATURE, "malformed", "This is not a signed JWT in compact form.",
         "Send the token as it was issued: three base64url parts with dots, no quotes, nothing around it."},
    [IDENTITY_TOKEN_TOO_LARGE] = {IDENTITY_BAD_SIGNATURE, "token-too-large",
                                  "The token is longer than 16 KiB.",
                                  "Leave out claims that the chat does not need."},
    [IDENTITY_ALG_NOT_ALLOWED] = {IDENTITY_BAD_SIGNATURE, "alg-not-allowed",
                                  "The token is signed with an algorithm that is not allowed here.",
                                  "Sign with an allowed algorithm, or allow this one for the issuer."},
    [IDENTITY_UNKNOWN_KID] =
        {IDENTITY_BAD_SIGNATURE, "unknown-kid", "The token names a key that is not in the key set.",
         "Rotated? Refresh the keys. Else check that the key-set URL is the issuer's own."},
    [IDENTITY_KEY_UNFIT] =
        {IDENTITY_BAD_SIGNATURE, "key-unfit",
         "The key set has no key for this token's algorithm and purpose.",
         "Check alg, use and key_ops of the keys, and that the key-set URL is the issuer's own."},
    [IDENTITY_KEY_AMBIGUOUS] =
        {IDENTITY_BAD_SIGNATURE, "key-ambiguous", "More than one key of the set could be meant.",
         "Put a kid into the token's header, and give every key of the set a kid of its own."},
    [IDENTITY_CERTIFICATE_EXPIRED] = {IDENTITY_BAD_SIGNATURE, "certificate-expired",
                                      "The certificate of the token's key is not valid at this time.",
                                      "Refresh the keys, and check this server's clock."},
    [IDENTITY_SIGNATURE_MISMATCH] = {IDENTITY_BAD_SIGNATURE, "signature-mismatch",
                                     "The signature is not by a key that is known here.",
                                     "Shared secret? Copy it again. Key set? Refresh the keys."},
    [IDENTITY_PROOF_INVALID] = {IDENTITY_BAD_SIGNATURE, "proof-invalid",
                                "The proof of possession (DPoP) does not belong to this token and request.",
                                "Send a fresh proof, made with the key that the token is bound to."},

    [IDENTITY_CLAIMS_MALFORMED] =
        {IDENTITY_BAD_CLAIM, "claims-malformed", "The token's claims are not one strict JSON object.",
         "Mint the token with a JWT library: one object, no member twice, at most 16 levels deep."},
    [IDENTITY_TYP_NOT_ALLOWED] =
        {IDENTITY_BAD_CLAIM, "typ-not-allowed", "The token was made for another purpose.",
         "Send an ID token, an access token or a session token: typ JWT, at+jwt or none, unless the issuer's "
         "types say otherwise."},
    [IDENTITY_EXP_MISSING] = {IDENTITY_BAD_CLAIM, "exp-missing", "The token does not say when it ends.",
                              "Set exp when you mint it: seconds since 1970, an hour ahead at most."},
    [IDENTITY_EXP_INVALID] = {IDENTITY_BAD_CLAIM, "exp-invalid", "exp is not a time.",
                              "Set exp to a number: seconds since 1970."},
    [IDENTITY_NOT_YET_VALID] = {IDENTITY_BAD_CLAIM, "not-yet-valid", "The token is not valid yet.",
                                "Check the clocks of the issuer and of this server."},
    [IDENTITY_NBF_INVALID] = {IDENTITY_BAD_CLAIM, "nbf-invalid", "nbf is not a time.",
                              "Set nbf to a number (seconds since 1970), or leave it out."},
    [IDENTITY_IAT_IN_FUTURE] = {IDENTITY_BAD_CLAIM, "iat-in-future", "The token was issued in the future.",
                                "Check the clocks of the issuer and of this server."},
    [IDENTITY_IAT_INVALID] = {IDENTITY_BAD_CLAIM, "iat-invalid", "iat is not a time.",
                              "Set iat to a number (seconds since 1970), or leave it out."},
    [IDENTITY_ISS_MISSING] = {IDENTITY_BAD_CLAIM, "iss-missing", "The token does not name its issuer.",
                              "Set iss when you mint it, or stop enforcing the issuer here."},
    [IDENTITY_ISS_MISMATCH] =
        {IDENTITY_BAD_CLAIM, "iss-mismatch", "The token is from another issuer.",
         "Correct the issuer here: it is compared byte for byte, a slash at the end counts."},
    [IDENTITY_ISSUER_AMBIGUOUS] = {IDENTITY_BAD_CLAIM, "issuer-ambiguous",
                                   "More than one configured issuer could be meant.",
                                   "Give each issuer its own iss, or its own audiences."},
    [IDENTITY_AUD_MISSING] = {IDENTITY_BAD_CLAIM, "aud-missing", "The token does not say whom it is for.",
                              "Set aud when you mint it, or stop enforcing the audience here."},
    [IDENTITY_AUD_MISMATCH] = {IDENTITY_BAD_CLAIM, "aud-mismatch", "The token is for another audience.",
                               "Correct the audience here or in the issuer."},
    [IDENTITY_SUB_MISSING] = {IDENTITY_BAD_CLAIM, "sub-missing", "The token does not name the user.",
                              "Set sub to your user's stable id."},
    [IDENTITY_SUB_INVALID] = {IDENTITY_BAD_CLAIM, "sub-invalid",
                              "sub is not a text of 1 to 512 bytes without control characters.",
                              "Set sub to your user's stable id, as text."},
    [IDENTITY_MACHINE_TOKEN] = {IDENTITY_BAD_CLAIM, "machine-token",
                                "The token was issued to a program, not to a person.",
                                "Send a token from the user's own sign-in, not from client credentials."},
    [IDENTITY_CLIENT_MISMATCH] = {IDENTITY_BAD_CLAIM, "client-mismatch",
                                  "The token was issued to another client or page.",
                                  "Correct the client id here, or add the page's origin to the environment."},
    [IDENTITY_ORGANIZATION_MISMATCH] = {IDENTITY_BAD_CLAIM, "organization-mismatch",
                                        "The token is for another organization.",
                                        "Sign in to the configured organization, or correct its id here."},
    [IDENTITY_PROVIDER_RULE] = {IDENTITY_BAD_CLAIM, "provider-rule",
                                "The token breaks a rule of its provider.",
                                "Send the token of a finished sign-in, of the kind that is configured here. "
                                "Test a token names the rule."},
    [IDENTITY_IDENTITY_TOO_LARGE] = {IDENTITY_BAD_CLAIM, "identity-too-large",
                                     "The identity is larger than may be passed on.",
                                     "Pass on fewer claims: set a claim mapping."},
    [IDENTITY_REVOKED] = {IDENTITY_BAD_CLAIM, "revoked", "The user or the session was signed out.",
                          "Sign in again."},
    [IDENTITY_REPLAYED] = {IDENTITY_BAD_CLAIM, "replayed",
                           "The token was used before, and may be used once only.",
                           "Mint a new token, with a jti of its own, for each use."},
    [IDENTITY_AUTHENTICATION_TOO_OLD] = {IDENTITY_BAD_CLAIM, "authentication-too-old",
                                         "The sign-in is too long ago for this.",
                                         "Have the user sign in again with the same provider."},
    [IDENTITY_AUTHENTICATION_TOO_WEAK] = {IDENTITY_BAD_CLAIM, "authentication-too-weak",
                                          "The sign-in is not strong enough for this.",
                                          "Have the user sign in with a second factor."},

    [IDENTITY_FETCH_UNREACHABLE] =
        {IDENTITY_JWKS_FETCH_FAILED, "fetch-unreachable", "The key-set URL could not be reached.",
         "Check that the URL is public and its name, certificate and server are in order."},
    [IDENTITY_FETCH_REFUSED] = {IDENTITY_JWKS_FETCH_FAILED, "fetch-refused",
                                "The key-set URL leads to an address that is not allowed.",
                                "Use a public address, or have the operator allow private ones."},
    [IDENTITY_FETCH_STATUS] = {IDENTITY_JWKS_FETCH_FAILED, "fetch-status",
                               "The key-set URL did not answer with 200.",
                               "Open the URL without signing in: it must serve the keys to anybody."},
    [IDENTITY_FETCH_INVALID] = {IDENTITY_JWKS_FETCH_FAILED, "fetch-invalid",
                                "The key-set URL did not serve a key set.",
                                "It must serve JSON: a JWK set, or a map of key ids to certificates."},
};

const struct identity_words *identity_words(enum identity_detail detail) {
    return &words[detail < IDENTITY_DETAILS ? detail : IDENTITY_MALFORMED];
}

const char *identity_reason_name(enum identity_reason reason) {
    return reasons[reason < IDENTITY_REASONS ? reason : IDENTITY_BAD_SIGNATURE].name;
}

const char *identity_visitor_sentence(enum identity_reason reason) {
    return reasons[reason < IDENTITY_REASONS ? reason : IDENTITY_BAD_SIGNATURE].visitor;
}

void identity_fail(struct identity_failure *failure, struct arena *arena, enum identity_detail detail,
                   const char *format, ...) {
    *failure =
        (struct identity_failure){.detail = detail, .explanation = STR_NONE, .keys_may_be_stale = false};
    if (format == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    failure->explanation = arena_print_list(arena, format, arguments);
    va_end(arguments);
}

json_t *identity_failure_json(const struct identity_failure *failure, bool for_administrator) {
    const struct identity_words *said = identity_words(failure->detail);
    bool explained = for_administrator && failure->explanation.len > 0 && str_is_utf8(failure->explanation);
    json_t *json = json_object();
    json_object_set_new(json, "reason", json_string(identity_reason_name(said->reason)));
    json_object_set_new(json, "detail", json_string(said->detail));
    json_object_set_new(json, "message",
                        explained ? json_from_str(failure->explanation) : json_string(said->sentence));
    json_object_set_new(json, "fix", json_string(said->fix));
    return json;
}
