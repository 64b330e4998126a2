/* SPDX-License-Identifier: Apache-2.0 */
/* Private to access/: single sign-on by OpenID Connect, between its settings, its way there and back, and the
 * token that comes of it. */
#pragma once

#include "access/access_internal.h"

#define SSO_SETTING STR("single-sign-on")

/* As it is kept: what the administrator set, and what the provider's discovery document said. */
struct sso_settings {
    struct access_sso shown;
    struct str authorization_endpoint, token_endpoint, jwks_uri;
    bool sends_issuer;      /* RFC 9207: `iss` comes with every answer */
    bool wants_secret_post; /* client_secret_post; else client_secret_basic */
};
/* NOT_FOUND: none. */
FIBER NODISCARD enum status sso_settings_wait(struct access *access, struct arena *arena,
                                              struct sso_settings *settings);
/* The client's secret, into an arena that is wiped; STR_NONE where there is none. */
FIBER NODISCARD enum status sso_secret_wait(struct access *access, struct arena *arena, struct str *secret);
struct str sso_redirect_uri(const struct access *access, struct arena *arena,
                            const struct access_credentials *from);

struct str sso_return_path(struct str path); /* a path of ours, or "/" */

/* Whether it may be asked: https, or http where private addresses may. */
bool sso_url_is_allowed(const struct access *access, struct str url);

/* The provider's discovery document, checked. DENIED: refused. */
FIBER NODISCARD enum status sso_discover_wait(struct access *access, struct arena *arena, struct str issuer,
                                              json_t **found, struct access_refusal *refusal);
void sso_set_discovered(json_t *document, const json_t *found); /* what is kept of it */

/* Whom a verified ID token speaks of. */
struct sso_person {
    struct str issuer, subject;
    struct str email; /* STR_NONE where it has none, or none that the provider has verified */
    struct str name;
    enum access_role mapped; /* by the mapping; ACCESS_NO_ROLE: none */
};
/* Code for token (RFC 6749 section 4.1.3, RFC 7636), and the token's check (OpenID Connect Core 3.1.3.7). */
FIBER NODISCARD enum status sso_redeem_wait(struct access *access, struct arena *arena,
                                            const struct sso_settings *settings,
                                            struct keyset_cache *key_sets, struct str code,
                                            struct str redirect_uri, struct str verifier, struct str nonce,
                                            struct sso_person *person, struct access_refusal *refusal);
/* Finds, links or makes the administrator. `linking`: who is signed in and wants the account linked; or NULL.
 */
FIBER NODISCARD enum status
sso_administrator_wait(struct access *access, struct arena *arena, const struct sso_settings *settings,
                       const struct sso_person *person, const struct access_principal *linking,
                       struct store_administrator *administrator, struct access_refusal *refusal);
