/* SPDX-License-Identifier: Apache-2.0 */
/* Private to access/: what a browser gives back from navigator.credentials, looked at by the rules of
 * WebAuthn level 2 (sections 7.1 and 7.2). Pure: no store and no clock. Everything that comes in is hostile.
 */
#pragma once

#include "base/json.h"

enum { WEBAUTHN_CREDENTIAL_MAX = 1023, WEBAUTHN_CLIENT_DATA_MAX = 8192, WEBAUTHN_AUTHENTICATOR_MAX = 8192 };

/* What it must have been made for. */
struct webauthn_expected {
    struct str type;   /* "webauthn.create" | "webauthn.get" */
    struct str origin; /* exactly */
    struct str rp_id;
};

/* `*challenge` is decoded: nothing says yet that it is one of ours. INVALID; `*why` is a sentence. */
NODISCARD enum status webauthn_client_data_read(struct arena *arena, struct str json,
                                                const struct webauthn_expected *expected,
                                                struct str *challenge, const char **why);

struct webauthn_key {
    struct str credential; /* its id, bytes */
    int64_t algorithm;     /* COSE: -7, -8 or -257 */
    struct str public_key; /* as libfido2 gives it and takes it */
    int64_t sign_count;
};

/* What creation gave, as RegistrationResponseJSON; only `clientDataJSON` and `authenticatorData` of it are
 * read. The user was verified. No attestation is asked for, and none is believed. */
NODISCARD enum status webauthn_created_read(struct arena *arena, const json_t *credential,
                                            const struct webauthn_expected *expected, struct str *challenge,
                                            struct webauthn_key *key, const char **why);

struct webauthn_shown {
    struct str credential;  /* its id, bytes */
    struct str user_handle; /* bytes; empty where the authenticator gave none */
    struct str client_data, authenticator_data, signature; /* bytes */
};
/* What a sign-in gave, as AuthenticationResponseJSON. */
NODISCARD enum status webauthn_shown_read(struct arena *arena, const json_t *credential,
                                          const struct webauthn_expected *expected, struct str *challenge,
                                          struct webauthn_shown *shown, const char **why);
/* The signature by `key`, the relying party's id, the flags; `*sign_count` is the authenticator's now.
 * DENIED: the count did not rise, so there may be a copy of the key; INVALID: all else. */
NODISCARD enum status webauthn_verify(const struct webauthn_shown *shown, const struct webauthn_key *key,
                                      struct str rp_id, int64_t *sign_count, const char **why);
