/* SPDX-License-Identifier: Apache-2.0 */
/* Private to identity/: what a provider's file says of it. Its fields become an issuer's ordinary settings
 * when these are read, so that verification is the same for all; what is left over is one function. */
#pragma once

#include "identity/claims.h"
#include "identity/settings.h"

/* The members of `provider.fields` and of `provider` itself, and the issuer that is made of them. */
struct provider_reading {
    struct settings_reader fields, options; /* where errors point to */
    const json_t *field_values, *option_values;
    struct identity_issuer *issuer;     /* its name, keys, keySetUrl and `issuer` are read already */
    struct identity_provided *provided; /* to be filled in */
};

/* One row a provider. The functions may be NULL. */
struct provider {
    struct identity_provider facts;
    bool takes_issuer;     /* `issuer` may be given beside the fields */
    bool takes_algorithms; /* likewise */
    const struct str *permission_claims;
    size_t permission_claim_count;
    jose_algorithms (*algorithms)(void); /* NULL: all of the mode */
    /* Fields to settings. INVALID with the place. */
    enum status (*expand)(struct provider_reading *reading);
    /* The provider's own rules, when all others hold. INVALID with the failure. */
    enum status (*check)(const struct claim_check *check);
    /* Whether an unproven token is for this one of several issuers with the same `iss`. NULL: `aud` tells. */
    bool (*is_meant)(const struct identity_issuer *issuer, const struct json_item *claims);
    /* Permissions that do not stand in a claim as words. */
    enum status (*permissions)(const struct claim_check *check, struct permission_list *list);
};

extern const struct provider provider_auth0, provider_clerk, provider_cognito, provider_workos,
    provider_firebase, provider_oidc;

/* NULL for an issuer that was set up by hand. */
static inline const struct provider *provider_of(const struct identity_provided *provided) {
    return provided != NULL ? (const struct provider *)provided->provider : NULL; /* its first member */
}

/* Reads the member `provider` of an issuer's settings into issuer->provided, and expands it. The rest of the
 * issuer's settings must have been read. */
NODISCARD enum status provider_read(const struct settings_reader *reader, const json_t *issuer_json,
                                    struct identity_issuer *issuer);

/* ---- fields ---- */

/* A field as text; refused where it is required and missing, or breaks `is_fine`. */
NODISCARD enum status provider_field(const struct provider_reading *reading, const char *name,
                                     bool (*is_fine)(struct str text), const char *message, struct str *text);
bool provider_is_word(struct str text);  /* letters, digits and - . _ ~: ids */
bool provider_is_plain(struct str text); /* no control characters, not empty */
/* A host, as a copy in lower case, of "https://Acme.example/", "acme.example" or the like. */
NODISCARD enum status provider_host_field(const struct provider_reading *reading, const char *name,
                                          struct str *host);

/* ---- rules that several share ---- */

/* `claim`, where the token has it, is the client ID. */
NODISCARD enum status provider_check_client(const struct claim_check *check, struct str claim);
/* `org_id` is the organization of the settings, where they name one. */
NODISCARD enum status provider_check_organization(const struct claim_check *check);
