/* SPDX-License-Identifier: Apache-2.0 */
/* libchatelaine: a signed token becomes a verified identity, or a reason why not. By the rules, and in the
 * words, of the Chatelaine server.
 *
 * - `struct chatelaine_issuer`: whose tokens are taken (keys, issuer, audiences, mapping). Made once.
 * - `struct chatelaine_verifier`: the rules of one or several issuers, ready. Shared by all threads.
 * - `struct chatelaine_result`: what one verification came to, an identity or a refusal. One a thread.
 *
 * What is checked: RFC 7515 (the signature; RS, PS and ES 256 to 512, EdDSA, HS 256 to 512), RFC 7519
 * section 4.1 (exp, which is required, nbf, iat, iss, aud, sub), and what RFC 8725 recommends: the allowed
 * algorithms are the issuer's and never the token's, a shared secret never meets a public key, what a header
 * says about keys is not followed, JSON is read strictly.
 *
 * No I/O: keys are handed in, as text; the time is the system's clock or the caller's. (To have key sets
 * fetched, see <chatelaine/fetch.h>, a library of its own.) Nothing is logged. Settings live in handles
 * alone; what the library keeps beside them are OpenSSL's contexts of each thread, freed when the thread
 * ends.
 *
 * Threads: a verifier may be used, and its keys replaced, by any number of threads at a time. An issuer, a
 * result and an error belong to one thread at a time.
 *
 * Memory: a function that runs out of it returns CHATELAINE_NO_MEMORY, or NULL where it returns a pointer.
 * What OpenSSL or jansson cannot allocate makes a token refused, never accepted.
 *
 * Text that is returned is UTF-8 and ends in NUL. Pointers that are arguments must not be NULL unless it is
 * said that they may be; the _free functions take NULL.
 *
 * Compatibility: names, numbers and structures here only ever grow as long as the library's name stays
 * libchatelaine.so.0. New reasons and details may come: treat one that you do not know as a refusal. */
#ifndef CHATELAINE_H
#define CHATELAINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHATELAINE_VERSION_MAJOR 0
#define CHATELAINE_VERSION_MINOR 1
#define CHATELAINE_VERSION_PATCH 0

#if defined(__GNUC__)
#define CHATELAINE_API   __attribute__((visibility("default")))
#define CHATELAINE_CHECK __attribute__((visibility("default"), warn_unused_result))
#else
#define CHATELAINE_API
#define CHATELAINE_CHECK
#endif

/* Of the library that runs, which may be newer than the header: "0.1.0". */
CHATELAINE_API const char *chatelaine_version(void);

/* ---- what a call came to ---- */

enum chatelaine_status {
    CHATELAINE_OK = 0,
    CHATELAINE_REFUSED = 1,   /* the token; the result says why */
    CHATELAINE_INVALID = 2,   /* a setting or a key; the error says which */
    CHATELAINE_NOT_FOUND = 3, /* no issuer of that name */
    CHATELAINE_NO_MEMORY = 4,
    CHATELAINE_FAILED = 5 /* the system: no thread, no descriptor */
};

/* What is wrong with settings or keys. A function that takes a `struct chatelaine_error **` leaves one there
 * when it returns CHATELAINE_INVALID, and NULL otherwise; a NULL argument is fine. */
struct chatelaine_error;
/* A sentence. It lives as long as the error. */
CHATELAINE_API const char *chatelaine_error_message(const struct chatelaine_error *error);
/* Where: a JSON pointer (RFC 6901) into the settings, "/issuers/0/audiences/1"; "" for the whole. */
CHATELAINE_API const char *chatelaine_error_place(const struct chatelaine_error *error);
CHATELAINE_API void chatelaine_error_free(struct chatelaine_error *error);

/* ---- settings: whose tokens are taken ---- */

enum chatelaine_mode {
    CHATELAINE_HMAC = 1,   /* shared secrets: HS256, HS384, HS512 */
    CHATELAINE_KEY_SET = 2 /* public keys: RS, PS and ES 256, 384 and 512; EdDSA */
};

/* One issuer's settings. All text is copied, and looked at when the verifier is made: that is where a mistake
 * is reported, so these return nothing. */
struct chatelaine_issuer;

/* `name` is yours, to tell issuers apart: letters, digits, '-', '_' and '.'. NULL where there is no memory,
 * which need not be looked at: the functions below take it for an issuer, and chatelaine_verifier_new then
 * says CHATELAINE_NO_MEMORY. */
CHATELAINE_CHECK struct chatelaine_issuer *chatelaine_issuer_new(const char *name, enum chatelaine_mode mode);
CHATELAINE_API void chatelaine_issuer_free(struct chatelaine_issuer *issuer);

/* `iss` must be this, byte for byte (RFC 7519 section 4.1.1). Not set: it is not looked at. */
CHATELAINE_API void chatelaine_issuer_set_iss(struct chatelaine_issuer *issuer, const char *iss);
/* `aud` must hold one of those that were added (section 4.1.3), 16 at most. None: it is not looked at. */
CHATELAINE_API void chatelaine_issuer_add_audience(struct chatelaine_issuer *issuer, const char *audience);
/* Only the algorithms that were added, by their names in RFC 7518 ("RS256"). None: all of the mode. */
CHATELAINE_API void chatelaine_issuer_add_algorithm(struct chatelaine_issuer *issuer, const char *algorithm);
/* `typ` must be one of those that were added (RFC 8725 section 3.11): "at+jwt", with or without
 * "application/". None: JWT, at+jwt, or no type at all. */
CHATELAINE_API void chatelaine_issuer_add_type(struct chatelaine_issuer *issuer, const char *type);
/* How far clocks may differ: 0 to 60 seconds. Not set: 60. */
CHATELAINE_API void chatelaine_issuer_set_leeway(struct chatelaine_issuer *issuer, unsigned seconds);
/* What the identity shall hold beside `sub`: a name, and where it comes from: a claim's exact name, a JSON
 * pointer
 * ("/realm_access/roles") or a dotted path ("metadata.plan"); 64 at most. None: every claim but iss, sub,
 * aud, exp, iat, nbf and jti. */
CHATELAINE_API void chatelaine_issuer_add_mapping(struct chatelaine_issuer *issuer, const char *name,
                                                  const char *claim);
/* Claims that hold permissions: words with spaces between them, or a list. None: scope, scp, permissions,
 * roles. */
CHATELAINE_API void chatelaine_issuer_add_permission_claim(struct chatelaine_issuer *issuer,
                                                           const char *claim);
/* A shared secret, of 32 bytes at least (RFC 7518 section 3.2). Each that was added verifies, 16 at most, so
 * that an old and a new one overlap. The bytes are copied, and wiped when they go. */
CHATELAINE_API void chatelaine_issuer_add_secret(struct chatelaine_issuer *issuer, const void *secret,
                                                 size_t len);
/* Public keys: a JWK set, one JWK (RFC 7517), or a JSON map of key id to X.509 certificate in PEM. Replaces
 * what was set before. */
CHATELAINE_API void chatelaine_issuer_set_keys(struct chatelaine_issuer *issuer, const char *json,
                                               size_t len);
/* Where the keys are to be had: for <chatelaine/fetch.h>, or for yourself. Instead of keys, not beside them.
 */
CHATELAINE_API void chatelaine_issuer_set_key_set_url(struct chatelaine_issuer *issuer, const char *url);

/* ---- a verifier ---- */

struct chatelaine_verifier;

/* From the settings of `count` issuers, 1 to 16, which remain the caller's to free. CHATELAINE_INVALID:
 * `error` names the setting; its place counts the issuers in the order given. CHATELAINE_NO_MEMORY. */
CHATELAINE_CHECK enum chatelaine_status
chatelaine_verifier_new(const struct chatelaine_issuer *const *issuers, size_t count,
                        struct chatelaine_verifier **verifier, struct chatelaine_error **error);
/* The same from a JSON document: the `signIn` object of an environment's configuration, as the server reads
 * it (docs/configuration.md). Secrets are not part of it: hand them in below. */
CHATELAINE_CHECK enum chatelaine_status
chatelaine_verifier_new_from_json(const char *json, size_t len, struct chatelaine_verifier **verifier,
                                  struct chatelaine_error **error);
/* When no thread uses it any more. Results outlive it. */
CHATELAINE_API void chatelaine_verifier_free(struct chatelaine_verifier *verifier);

/* Replaces an issuer's keys while the verifier is in use: a verification under way ends with the old ones,
 * the next begins with these. Keys that cannot be used are left out (RFC 7517 section 5); a set without any
 * is taken as meant. CHATELAINE_NOT_FOUND; CHATELAINE_INVALID: not a key set, or an issuer of the other mode;
 * CHATELAINE_NO_MEMORY. Where it fails the keys stay as they are. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_verifier_set_keys(struct chatelaine_verifier *verifier,
                                                                     const char *issuer_name,
                                                                     const char *json, size_t len,
                                                                     struct chatelaine_error **error);
struct chatelaine_bytes {
    const void *at;
    size_t len;
};
/* Likewise an issuer's secrets: all at once, 0 to 16. None at all ends them now. */
CHATELAINE_CHECK enum chatelaine_status
chatelaine_verifier_set_secrets(struct chatelaine_verifier *verifier, const char *issuer_name,
                                const struct chatelaine_bytes *secrets, size_t count,
                                struct chatelaine_error **error);

/* The issuers' names, in order; NULL past the end. They live as long as the verifier. */
CHATELAINE_API const char *chatelaine_verifier_issuer_name(const struct chatelaine_verifier *verifier,
                                                           size_t index);
/* An issuer's key-set URL; NULL where it has none, or where there is no such issuer. */
CHATELAINE_API const char *chatelaine_verifier_key_set_url(const struct chatelaine_verifier *verifier,
                                                           const char *issuer_name);

/* ---- verifying ---- */

/* Used again and again: each verification replaces what the one before came to. NULL where there is no
 * memory. */
struct chatelaine_result;
CHATELAINE_CHECK struct chatelaine_result *chatelaine_result_new(void);
CHATELAINE_API void chatelaine_result_free(struct chatelaine_result *result);

/* A token in the compact form (RFC 7515 section 7.1), 16 KiB at most, as it came: no "Bearer", nothing around
 * it. `token` may be NULL where `len` is 0: missing-token. CHATELAINE_OK: the result is an identity.
 * CHATELAINE_REFUSED: it says why. CHATELAINE_NO_MEMORY: neither. The token's bytes are not needed
 * afterwards. */
CHATELAINE_CHECK enum chatelaine_status chatelaine_verify(const struct chatelaine_verifier *verifier,
                                                          const char *token, size_t len,
                                                          struct chatelaine_result *result);
/* The same at the time `now`, in seconds since 1970 (UTC). */
CHATELAINE_CHECK enum chatelaine_status chatelaine_verify_at(const struct chatelaine_verifier *verifier,
                                                             const char *token, size_t len, int64_t now,
                                                             struct chatelaine_result *result);

/* ---- the identity ----
 * What these return lives in the result until its next verification. After a refusal it is NULL, 0 or false.
 */

CHATELAINE_API const char *
chatelaine_result_subject(struct chatelaine_result *result); /* `sub`; never empty */
CHATELAINE_API const char *
chatelaine_result_email(struct chatelaine_result *result); /* NULL where it has none */
CHATELAINE_API const char *chatelaine_result_name(struct chatelaine_result *result); /* likewise */
/* The settings' name of the issuer; also after a refusal, where one was chosen. */
CHATELAINE_API const char *chatelaine_result_issuer_name(struct chatelaine_result *result);
/* For an audit log: `jti`, or the first 16 hexadecimal digits of the SHA-256 of what is signed in the token
 * (header.claims). */
CHATELAINE_API const char *chatelaine_result_token_id(struct chatelaine_result *result);
CHATELAINE_API const char *
chatelaine_result_session_id(struct chatelaine_result *result); /* `sid`, or NULL */
CHATELAINE_API const char *
chatelaine_result_key_id(struct chatelaine_result *result); /* of its key, or NULL */

/* Seconds since 1970; 0 where the token does not say. */
CHATELAINE_API int64_t chatelaine_result_issued_at(const struct chatelaine_result *result);
CHATELAINE_API int64_t chatelaine_result_expires_at(const struct chatelaine_result *result);
CHATELAINE_API int64_t
chatelaine_result_authenticated_at(const struct chatelaine_result *result); /* auth_time */
/* `exp` and leeway, or the end of the certificate that verified it: from this second on the token is refused.
 * Remember an identity no longer than that. */
CHATELAINE_API int64_t chatelaine_result_usable_until(const struct chatelaine_result *result);

CHATELAINE_API size_t chatelaine_result_permission_count(const struct chatelaine_result *result);
CHATELAINE_API const char *chatelaine_result_permission_at(struct chatelaine_result *result, size_t index);
CHATELAINE_API bool chatelaine_result_has_permission(const struct chatelaine_result *result,
                                                     const char *permission);

/* The resolved identity, {"sub": …} and what the mapping lets through, as compact JSON. */
CHATELAINE_API const char *chatelaine_result_identity_json(struct chatelaine_result *result);
/* All claims of the token, verified, as the JSON object that stands in it. */
CHATELAINE_API const char *chatelaine_result_claims_json(struct chatelaine_result *result);
/* A member of the identity, by name or path as in a mapping ("metadata.plan"): its text, NULL where it is no
 * text; or its JSON ("42", "[…]"). NULL where there is none. */
CHATELAINE_API const char *chatelaine_result_text(struct chatelaine_result *result, const char *path);
CHATELAINE_API const char *chatelaine_result_json(struct chatelaine_result *result, const char *path);

/* ---- the refusal ----
 * The server's reasons and details, with the server's words (docs/errors.md). Numbers are never used again.
 */

enum chatelaine_reason {
    CHATELAINE_NO_REASON = 0, /* not refused */
    CHATELAINE_MISSING_TOKEN = 1,
    CHATELAINE_CONFIG_INCOMPLETE = 2,
    CHATELAINE_EXPIRED = 3,
    CHATELAINE_BAD_SIGNATURE = 4,
    CHATELAINE_BAD_CLAIM = 5,
    CHATELAINE_JWKS_FETCH_FAILED = 6
};

enum chatelaine_detail {
    CHATELAINE_NO_DETAIL = 0,
    /* missing-token */
    CHATELAINE_TOKEN_ABSENT = 101,
    /* config-incomplete */
    CHATELAINE_SIGN_IN_OFF = 201,
    CHATELAINE_SECRET_MISSING = 202,
    CHATELAINE_KEY_SET_MISSING = 203,
    CHATELAINE_SECRET_TOO_SHORT = 204,
    CHATELAINE_ISSUER_UNCONFIRMED = 205,
    /* expired */
    CHATELAINE_EXP_PASSED = 301,
    /* bad-signature */
    CHATELAINE_MALFORMED = 401, /* RFC 7515 section 5.2 */
    CHATELAINE_TOKEN_TOO_LARGE = 402,
    CHATELAINE_ALG_NOT_ALLOWED = 403, /* RFC 8725 section 3.1 */
    CHATELAINE_UNKNOWN_KID = 404,
    CHATELAINE_KEY_UNFIT = 405,
    CHATELAINE_KEY_AMBIGUOUS = 406,
    CHATELAINE_CERTIFICATE_EXPIRED = 407,
    CHATELAINE_SIGNATURE_MISMATCH = 408,
    CHATELAINE_PROOF_INVALID = 409,
    /* bad-claim: RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.12 */
    CHATELAINE_CLAIMS_MALFORMED = 501,
    CHATELAINE_TYP_NOT_ALLOWED = 502,
    CHATELAINE_EXP_MISSING = 503,
    CHATELAINE_EXP_INVALID = 504,
    CHATELAINE_NOT_YET_VALID = 505,
    CHATELAINE_NBF_INVALID = 506,
    CHATELAINE_IAT_IN_FUTURE = 507,
    CHATELAINE_IAT_INVALID = 508,
    CHATELAINE_ISS_MISSING = 509,
    CHATELAINE_ISS_MISMATCH = 510,
    CHATELAINE_ISSUER_AMBIGUOUS = 511,
    CHATELAINE_AUD_MISSING = 512,
    CHATELAINE_AUD_MISMATCH = 513,
    CHATELAINE_SUB_MISSING = 514,
    CHATELAINE_SUB_INVALID = 515,
    CHATELAINE_MACHINE_TOKEN = 516,
    CHATELAINE_CLIENT_MISMATCH = 517,
    CHATELAINE_ORGANIZATION_MISMATCH = 518,
    CHATELAINE_PROVIDER_RULE = 519,
    CHATELAINE_IDENTITY_TOO_LARGE = 520,
    CHATELAINE_REVOKED = 521,
    CHATELAINE_REPLAYED = 522,
    CHATELAINE_AUTHENTICATION_TOO_OLD = 523,
    CHATELAINE_AUTHENTICATION_TOO_WEAK = 524,
    /* jwks-fetch-failed */
    CHATELAINE_FETCH_UNREACHABLE = 601,
    CHATELAINE_FETCH_REFUSED = 602,
    CHATELAINE_FETCH_STATUS = 603,
    CHATELAINE_FETCH_INVALID = 604
};

/* 0 where the result is an identity, or nothing yet. */
CHATELAINE_API enum chatelaine_reason chatelaine_result_reason(const struct chatelaine_result *result);
CHATELAINE_API enum chatelaine_detail chatelaine_result_detail(const struct chatelaine_result *result);
/* What was expected and what came, for administrators: it may hold values of the token, so it does not belong
 * into logs or before visitors. NULL where there is no more to say. It lives until the next verification. */
CHATELAINE_API const char *chatelaine_result_explanation(struct chatelaine_result *result);
/* Whether fresher keys of the issuer might cure it: an unknown `kid`, say. */
CHATELAINE_API bool chatelaine_result_keys_may_be_stale(const struct chatelaine_result *result);

/* Words: static, from any thread. NULL for a number that is none of the above. */
CHATELAINE_API const char *chatelaine_reason_word(enum chatelaine_reason reason); /* "bad-claim" */
CHATELAINE_API const char *chatelaine_detail_word(enum chatelaine_detail detail); /* "aud-mismatch" */
CHATELAINE_API enum chatelaine_reason
chatelaine_detail_reason(enum chatelaine_detail detail);                              /* 0 for none */
CHATELAINE_API const char *chatelaine_detail_sentence(enum chatelaine_detail detail); /* safe anywhere */
CHATELAINE_API const char *chatelaine_detail_fix(enum chatelaine_detail detail); /* what to do about it */
CHATELAINE_API const char *chatelaine_reason_visitor_sentence(enum chatelaine_reason reason);

/* Makes the result a refusal of your own rules: a token that was revoked or replayed, keys that could not be
 * fetched. `explanation` may be NULL. CHATELAINE_REFUSED; CHATELAINE_INVALID for a detail that is none;
 * CHATELAINE_NO_MEMORY. */
CHATELAINE_API enum chatelaine_status chatelaine_result_refuse(struct chatelaine_result *result,
                                                               enum chatelaine_detail detail,
                                                               const char *explanation);

#ifdef __cplusplus
}
#endif

#endif
