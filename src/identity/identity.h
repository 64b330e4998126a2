/* SPDX-License-Identifier: Apache-2.0 */
/* Who is talking: the rules by which a token becomes an identity, and the words for when it does not. Pure:
 * no I/O and no clock.
 *
 *   identity_sign_in_read     an environment's `signIn` settings, checked
 *   identity_token_read       a token taken apart
 *   identity_choose_issuer    which of the settings' issuers it belongs to
 *   identity_verify           with that issuer's keys: the identity, or why not
 */
#pragma once

#include "base/arena.h"
#include "base/json_item.h"
#include "jose/jose.h"

/* ---- why not: a closed set of reasons, each with details (src/identity/words.c, docs/errors.md) ---- */

enum identity_reason {
    IDENTITY_MISSING_TOKEN,
    IDENTITY_CONFIG_INCOMPLETE,
    IDENTITY_EXPIRED,
    IDENTITY_BAD_SIGNATURE,
    IDENTITY_BAD_CLAIM,
    IDENTITY_JWKS_FETCH_FAILED,
    IDENTITY_REASONS,
};

enum identity_detail {
    /* missing-token */
    IDENTITY_TOKEN_ABSENT, /* token-absent */
    /* config-incomplete */
    IDENTITY_SIGN_IN_OFF,        /* sign-in-off: no issuer is set up */
    IDENTITY_SECRET_MISSING,     /* secret-missing: hmac mode without a usable secret */
    IDENTITY_KEY_SET_MISSING,    /* key-set-missing: neither URL nor pasted keys */
    IDENTITY_SECRET_TOO_SHORT,   /* secret-too-short */
    IDENTITY_ISSUER_UNCONFIRMED, /* issuer-unconfirmed: the provider's issuer is yet to be pinned */
    /* expired */
    IDENTITY_EXP_PASSED, /* exp-passed */
    /* bad-signature */
    IDENTITY_MALFORMED,           /* malformed: not a compact JWS with a JSON header */
    IDENTITY_TOKEN_TOO_LARGE,     /* token-too-large */
    IDENTITY_ALG_NOT_ALLOWED,     /* alg-not-allowed */
    IDENTITY_UNKNOWN_KID,         /* unknown-kid */
    IDENTITY_KEY_UNFIT,           /* key-unfit: the key is for another algorithm, type or use */
    IDENTITY_KEY_AMBIGUOUS,       /* key-ambiguous: no kid, and several keys fit */
    IDENTITY_CERTIFICATE_EXPIRED, /* certificate-expired */
    IDENTITY_SIGNATURE_MISMATCH,  /* signature-mismatch */
    IDENTITY_PROOF_INVALID,       /* proof-invalid: the DPoP proof */
    /* bad-claim */
    IDENTITY_CLAIMS_MALFORMED,        /* claims-malformed: the payload is no JSON object, or breaks a bound */
    IDENTITY_TYP_NOT_ALLOWED,         /* typ-not-allowed: a token made for another purpose */
    IDENTITY_EXP_MISSING,             /* exp-missing */
    IDENTITY_EXP_INVALID,             /* exp-invalid */
    IDENTITY_NOT_YET_VALID,           /* not-yet-valid: nbf */
    IDENTITY_NBF_INVALID,             /* nbf-invalid */
    IDENTITY_IAT_IN_FUTURE,           /* iat-in-future */
    IDENTITY_IAT_INVALID,             /* iat-invalid */
    IDENTITY_ISS_MISSING,             /* iss-missing */
    IDENTITY_ISS_MISMATCH,            /* iss-mismatch */
    IDENTITY_ISSUER_AMBIGUOUS,        /* issuer-ambiguous: several configured issuers could mean this token */
    IDENTITY_AUD_MISSING,             /* aud-missing */
    IDENTITY_AUD_MISMATCH,            /* aud-mismatch */
    IDENTITY_SUB_MISSING,             /* sub-missing */
    IDENTITY_SUB_INVALID,             /* sub-invalid */
    IDENTITY_MACHINE_TOKEN,           /* machine-token */
    IDENTITY_CLIENT_MISMATCH,         /* client-mismatch: azp or client_id */
    IDENTITY_ORGANIZATION_MISMATCH,   /* organization-mismatch */
    IDENTITY_PROVIDER_RULE,           /* provider-rule: the provider's own rule, named in the explanation */
    IDENTITY_IDENTITY_TOO_LARGE,      /* identity-too-large: what would be passed on breaks a bound */
    IDENTITY_REVOKED,                 /* revoked */
    IDENTITY_REPLAYED,                /* replayed */
    IDENTITY_AUTHENTICATION_TOO_OLD,  /* authentication-too-old: step-up */
    IDENTITY_AUTHENTICATION_TOO_WEAK, /* authentication-too-weak: step-up */
    /* jwks-fetch-failed */
    IDENTITY_FETCH_UNREACHABLE, /* fetch-unreachable: name, connection, TLS, time-out */
    IDENTITY_FETCH_REFUSED,     /* fetch-refused: the address policy */
    IDENTITY_FETCH_STATUS,      /* fetch-status: answered, but not 200 */
    IDENTITY_FETCH_INVALID,     /* fetch-invalid: no key set in the answer */
    IDENTITY_DETAILS,
};

struct identity_words {
    enum identity_reason reason;
    const char *detail;   /* "aud-mismatch" */
    const char *sentence; /* what happened: safe anywhere, tells nothing of the token */
    const char *fix;      /* what to do */
};
const struct identity_words *identity_words(enum identity_detail detail); /* never NULL */
const char *identity_reason_name(enum identity_reason reason);            /* "bad-claim" */
const char *identity_visitor_sentence(enum identity_reason reason); /* what the person in the chat may read */

struct identity_failure {
    enum identity_detail detail;
    struct str explanation; /* for administrators only: expected and actual; never in logs. In the arena; may
                               be STR_NONE */
    bool keys_may_be_stale; /* a fresher key set might cure it: refresh (as limited) and verify again */
};
/* Fills a failure; the explanation is printed into the arena (NULL format: none). */
__attribute__((format(printf, 4, 5))) void identity_fail(struct identity_failure *failure,
                                                         struct arena *arena, enum identity_detail detail,
                                                         const char *format, ...);

/* {"reason", "detail", "message", "fix"}: for administrators with the explanation as message, else with the
 * sentence. */
json_t *identity_failure_json(const struct identity_failure *failure, bool for_administrator);

/* ---- identity providers: what is known of each, so that a few fields set it up (provider_*.c) ---- */

/* A text that the provider shows its administrators. */
struct identity_provider_field {
    const char *name; /* member of the settings' `provider.fields` */
    const char *label, *help, *placeholder;
    const char *pattern; /* what it looks like: a regular expression for a form; the reader is the judge */
    bool is_required;
};

/* What stands between the fields and an issuer whose tokens can be verified. */
enum identity_provider_need {
    IDENTITY_NEEDS_NOTHING,
    IDENTITY_NEEDS_DISCOVERY,    /* `keySetUrl`, as the provider's metadata has it */
    IDENTITY_NEEDS_CONFIRMATION, /* `issuer`, as a token named it and an administrator confirmed it */
};

/* Texts that are lists end with NULL. */
struct identity_provider {
    const char *id, *name;
    const struct identity_provider_field *fields;
    size_t field_count;
    enum identity_provider_need need;
    bool offers_offline_access;
    const char *lifetime;     /* of its tokens: a sentence */
    const char *const *notes; /* for an administrator who sets it up: sentences */
    const char *const *rules; /* what is checked beyond the issuer, the audiences and the times: sentences */
    const char *const *options; /* members of `provider` beside id, fields and offlineAccess */
};
const struct identity_provider *identity_provider_at(size_t index); /* NULL behind the last one */

/* What an issuer has beyond others because it was set up by its provider's fields. */
struct identity_provided {
    const struct identity_provider *provider;
    bool is_confirmed; /* nothing is missing; else config-incomplete, issuer-unconfirmed */
    bool has_offline_access;
    struct str client_id;            /* STR_NONE where the provider has none */
    struct str organization;         /* STR_NONE: not checked */
    struct str token_use;            /* Cognito: "id", "access", or STR_NONE for both */
    struct str issuer_to_be_found;   /* OIDC: whose metadata is to be asked */
    const struct str *other_issuers; /* further forms of `iss` */
    size_t other_issuer_count;
    const struct str *origins; /* Clerk: pages whose tokens are taken; see identity_sign_in_set_origins */
    size_t origin_count;
    bool has_own_origins;
};

/* Cognito: the region and the user pool that an `iss` names. False: it is no pool's. Slices of `iss`. */
bool identity_cognito_pool(struct str iss, struct str *region, struct str *pool);

/* ---- settings ---- */

enum identity_mode { IDENTITY_HMAC, IDENTITY_KEY_SET };
enum identity_enforcement { IDENTITY_OFF, IDENTITY_OPTIONAL, IDENTITY_REQUIRED };

struct identity_mapping; /* names and where they come from; immutable */

struct identity_issuer {
    struct str name; /* the administrator's: letters, digits, '-', '_', '.' */
    enum identity_mode mode;
    struct str key_set_url;           /* STR_NONE where keys are pasted or not set up yet */
    struct jose_key_set *pasted_keys; /* NULL where none; owned by the settings */
    struct str issuer;                /* STR_NONE: not checked */
    struct str *audiences;            /* any of them; none: not checked */
    size_t audience_count;
    struct str *types; /* what `typ` must be, without "application/"; none: JWT, at+jwt or absent */
    size_t type_count;
    jose_algorithms algorithms;
    unsigned leeway_s; /* 0 to 60 */
    struct str *permission_claims;
    size_t permission_claim_count;
    struct identity_mapping *mapping;   /* NULL: every claim but iss sub aud exp iat nbf jti */
    struct identity_provided *provided; /* NULL: it was set up by hand */
};

struct identity_sign_in {
    enum identity_enforcement enforcement;
    struct str sign_in_url;            /* STR_NONE where none */
    bool carry_anonymous_conversation; /* true unless said otherwise */
    struct identity_issuer *issuers;
    size_t issuer_count;
};

struct identity_config_error {
    struct str pointer; /* JSON pointer into what was read: "/issuers/0/leewaySeconds" */
    struct str message; /* a sentence */
};

/* `json` is the `signIn` object (NULL or null: off, no issuers). All text is copied into the arena, which
 * must live as long as `sign_in`. INVALID: `error` (may be NULL) says where and why, in the arena. Release
 * what came with identity_sign_in_release. */
NODISCARD enum status identity_sign_in_read(const json_t *json, struct arena *arena,
                                            struct identity_sign_in *sign_in,
                                            struct identity_config_error *error);
void identity_sign_in_release(struct identity_sign_in *sign_in); /* its pasted keys; a zeroed one is fine */

/* The origins of the pages that may use these settings, for providers that bind a token to a page (Clerk) and
 * whose settings name none. The list must live as long as `sign_in`; "*" alone stands for every page. Until
 * it is set no page's token is taken. */
void identity_sign_in_set_origins(struct identity_sign_in *sign_in, const struct str *origins, size_t count);

/* {"newName": "claim" | "dotted.path" | "/json/pointer"}: an exact claim name first, so that URL-named claims
 * work, then a pointer (RFC 6901), then a dotted path. At most 64 names. Pointers in `error` begin at the
 * mapping. */
NODISCARD enum status identity_mapping_read(const json_t *json, struct arena *arena,
                                            struct identity_mapping **mapping,
                                            struct identity_config_error *error);
/* A claim by such a path, borrowed; NULL where there is none. `claims` is an object. */
json_t *identity_claim_at(const json_t *claims, struct str path);

/* ---- a token, taken apart; nothing in it is proven ---- */

struct identity_token {
    struct str text;
    struct jose_jws jws;
    const struct json_item *claims; /* NULL until they are needed; in the arena */
};

/* Slices live in the arena and in `text`. On INVALID `failure` says why. An empty text is missing-token. */
NODISCARD enum status identity_token_read(struct str text, struct arena *arena, struct identity_token *token,
                                          struct identity_failure *failure);

/* Which issuer's rules and keys are for this token: by the family of its algorithm, then by its (yet
 * unproven) `iss`, then `aud`. INVALID with a failure where there is none or more than one. The pointer is
 * into `sign_in`. */
NODISCARD enum status identity_choose_issuer(const struct identity_sign_in *sign_in,
                                             struct identity_token *token, struct arena *arena,
                                             const struct identity_issuer **issuer,
                                             struct identity_failure *failure);

/* ---- an identity ---- */

struct identity {
    struct str subject;
    struct str issuer_name;  /* the settings' name, not `iss` */
    struct str email;        /* of the resolved user; STR_NONE where it has none */
    struct str name;         /* likewise */
    struct str token_id;     /* `jti`; STR_NONE where it has none that can be shown: identity_token_name */
    struct str session_id;   /* `sid`; STR_NONE where none */
    size_t secret_index;     /* hmac: of the secret that did, among the keys */
    struct str key_id;       /* `kid` of the key that verified it; STR_NONE where none */
    int64_t issued_at;       /* seconds since 1970; 0 where the token does not say */
    int64_t expires_at;      /* `exp` */
    int64_t usable_until;    /* `exp` and leeway, or its certificate's end: refused from then on */
    int64_t auth_time;       /* 0 where the token does not say */
    struct str *permissions; /* each once, in the token's order */
    size_t permission_count;
    struct str user_text;   /* exactly what tools and the model see, as compact JSON */
    size_t member_count;    /* of `user_text`, `sub` included */
    struct str claims_text; /* all claims, verified, as compact JSON */
    json_t *user, *claims;  /* the same, read when first asked for: identity_user, identity_claims */
};

/* Verifies `token` by `issuer`'s rules. `keys` are its keys: secrets in hmac mode, else a public set; NULL
 * gives config-incomplete. On OK `identity` is filled: its text lives in the arena, in the token's text and
 * in `issuer`; release it with identity_release. Else INVALID, and `failure` is filled (its explanation in
 * the arena). */
NODISCARD enum status identity_verify(const struct identity_issuer *issuer, const struct jose_key_set *keys,
                                      struct identity_token *token, int64_t now_s, struct arena *arena,
                                      struct identity *identity, struct identity_failure *failure);
void identity_release(struct identity *identity); /* a zeroed one is fine; twice too */

/* A copy for those who keep it longer than the request: all its text is in the `room` of
 * identity_copy_size(from) bytes, aligned for any type. Release both. */
size_t identity_copy_size(const struct identity *from);
void identity_copy(const struct identity *from, void *room, struct identity *to);

/* What tools and the model see, and all claims: for required claims and step-up rules. Borrowed. Read at the
 * first call, so two threads that share an identity must not both make that. */
const json_t *identity_user(struct identity *identity);
const json_t *identity_claims(struct identity *identity);

struct str identity_user_json(const struct identity *identity); /* compact; made once, when it was verified */

/* How logs name its token: `jti`, or the first 16 hexadecimal digits of the SHA-256 of what is signed in it
 * (header.claims). */
struct str identity_token_name(struct arena *arena, const struct identity *identity, struct str token);
bool identity_has_permission(const struct identity *identity, struct str permission);

/* ---- good, but: for "Test a token" ---- */

struct identity_warning {
    const char *code; /* "lifetime-over-an-hour" */
    const char *sentence;
};
/* At most `max` warnings; how many there are. */
size_t identity_warnings(const struct identity *identity, const struct identity_issuer *issuer,
                         struct identity_warning *warnings, size_t max);

/* What `issuer` would pass on of these claims (JSON), none of which is proven: to show a mapping at work, and
 * for nothing else. As identity_verify; its times stay 0. */
NODISCARD enum status identity_resolve_unproven(const struct identity_issuer *issuer, struct str claims,
                                                struct arena *arena, struct identity *identity,
                                                struct identity_failure *failure);

/* What becomes of each claim: [{"name", "value", "fate", "as", "why"}], as "Test a token" shows it. `issuer`
 * NULL: nobody's rules were applied. A new reference. */
json_t *identity_explain_claims(const struct identity_issuer *issuer, const json_t *claims,
                                struct arena *arena);
/* Mapped names whose claim is not there: [{"name", "from"}]. A new reference. */
json_t *identity_explain_missing(const struct identity_issuer *issuer, const json_t *claims);
