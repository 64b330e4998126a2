/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: an OpenID Connect provider's metadata (OpenID Connect Discovery 1.0, RFC 8414),
 * asked for when an issuer is previewed or saved, and never when a token is verified. */
#pragma once

#include "admin_api/call.h"

struct discovery {
    struct str url; /* what was fetched */
    struct str issuer, key_set_url;
    struct str authorization_endpoint, token_endpoint; /* STR_NONE where the metadata have none */
    const json_t *signing_algorithms;                  /* a list of texts; NULL */
    bool offers_pkce_s256, offers_offline_access;
};

struct discovery_problem {
    const char *code; /* "discovery-issuer-mismatch" */
    struct str sentence;
};

/* OK; INVALID or UNAVAILABLE with `problem`; CANCELED. Texts are in the call's arena. The process must have
 * an egress. */
FIBER NODISCARD enum status discovery_fetch_wait(struct call *call, struct str issuer,
                                                 struct discovery *found, struct discovery_problem *problem);

/* Pure: what the metadata say, of which `issuer` was asked for. */
NODISCARD enum status discovery_read(struct arena *arena, struct str body, struct str issuer,
                                     bool is_plain_allowed, struct discovery *found,
                                     struct discovery_problem *problem);

/* Before a configuration is saved: puts the key-set URL into each OpenID Connect issuer of it that has
 * neither URL nor keys (its JSON is changed in place): the one that `saved`, the configuration until now as
 * text, has for it, or else what the provider's metadata say. `asked_for` is the pointer of the issuer that
 * the caller saves: where that one's metadata are not to be had, it is refused, and false: it has answered.
 * Of others, and where nothing can be fetched from here, the issuer stays as it is: unconfirmed. */
FIBER NODISCARD bool discovery_pin_wait(struct call *call, struct str saved, const json_t *config,
                                        struct str asked_for);
