/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: an OpenID Connect provider's metadata (OpenID Connect Discovery 1.0, RFC 8414),
 * asked for when an issuer is previewed or saved and, behind that, now and then (discovery_follow.c); never
 * when a token is verified. */
#pragma once

#include "admin_api/call.h"
#include "store/discovery.h"

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

/* OK; INVALID or UNAVAILABLE with `problem`; CANCELED. Texts are in the arena. The process must have an
 * egress. */
FIBER NODISCARD enum status discovery_fetch_wait(const struct admin_api *api, struct arena *arena,
                                                 struct str issuer, struct discovery *found,
                                                 struct discovery_problem *problem);

/* Pure: whose metadata say where the keys of this issuer (its JSON) are: it is set up by OpenID Connect's
 * fields, and has no pasted keys. STR_NONE: nobody's. */
struct str discovery_provider(const json_t *issuer);

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

/* How the last readings went, of the issuer of that name with that provider; null: it was not read yet. A new
 * reference. */
json_t *discovery_state_json(const struct store_discoveries *rows, struct str issuer, struct str provider);

/* Reads the metadata of the call's environment again, in the caller's name: of one issuer, or, where `issuer`
 * is empty, of all that follow theirs. What failed is told by store_discovery_list_wait. False: it has
 * answered. */
FIBER NODISCARD bool discovery_follow_wait(struct call *call, struct str issuer);
