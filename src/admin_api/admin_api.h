/* SPDX-License-Identifier: Apache-2.0 */
/* The admin API as a function from request to response: the only way in for administrators. server/ serves it
 * over HTTP below /admin/v1, cli/ calls it in its own process. It knows no sockets; what it promises is
 * written in openapi/ and answered at /openapi.json. */
#pragma once

#include "base/arena.h"
#include "base/fiber.h"
#include "base/json.h"

struct access;
struct access_principal;
struct egress;
struct environment_cache;
struct keyset_cache;
struct keyset_registry;
struct statistics;
struct store;
struct vault;
struct verifier;

enum { ADMIN_BODY_MAX = 1024 * 1024 };

struct admin_pair {
    struct str name, value;
};

/* All slices live as long as the call does; what is absent is STR_NONE. */
struct admin_request {
    struct str method; /* "GET", "POST", "PUT", "PATCH", "DELETE" */
    struct str path;   /* decoded, UTF-8, below "/admin/v1": "/products" */
    const struct admin_pair *query;
    size_t query_count; /* decoded; each name at most once */
    struct str body, content_type;
    struct str if_match, if_none_match, idempotency_key;
    struct str authorization, cookie, csrf, origin, host, user_agent;
    struct str peer; /* the client's address as text */
    bool is_secure;  /* https */
};

struct admin_response {
    unsigned status;
    struct str content_type, body, etag, location;
    struct admin_pair *headers; /* set-cookie, retry-after, content-disposition … */
    size_t header_count;
    /* Large exports: when set, it is called again and again for the next piece, until NOT_FOUND. `arena` is
     * the piece's own. `context` lives in the call's arena. */
    FIBER enum status (*next_wait)(void *context, struct arena *arena, struct str *piece);
    void *context;
    bool is_wrong_guess; /* a password, a code or a token was wrong: it counts against its address */
};

/* What an operator has set, for the checks of the installation (checks.c). */
struct admin_installation {
    struct str public_url;   /* empty: as Host says */
    bool is_key_beside_data; /* the master key's file lies beside the database that it seals */
    /* The address of a proxy that is not believed; false: none was seen. */
    bool (*find_proxy)(void *context, struct arena *arena, struct str *address);
    /* What the sandbox lacks; false: nothing, or it is still being made. */
    bool (*find_missing)(void *context, struct str *missing);
    void *context;
};

/* A thread's. What a resource needs that is NULL: it answers 501 "not-here". */
struct admin_api {
    struct store *store;
    const struct vault *vault;
    struct egress *egress;
    struct keyset_cache *key_sets;
    struct keyset_registry *key_set_registry; /* for the health of key sets */
    struct environment_cache *environments;
    struct verifier *verifier;
    struct access *access;
    struct statistics *statistics;
    const struct admin_installation *installation;
    bool is_private_egress_allowed;
};

/* Authenticates by cookie or bearer token, then answers. Whatever comes of it, `response` is an answer; but
 * its status is 0 where the fiber was canceled. */
FIBER void admin_api_handle_wait(struct admin_api *api, const struct admin_request *request,
                                 struct arena *arena, struct admin_response *response);

/* The same in the name of `principal`, in whose process it runs. */
FIBER void admin_api_handle_as_wait(struct admin_api *api, const struct access_principal *principal,
                                    const struct admin_request *request, struct arena *arena,
                                    struct admin_response *response);

/* Now and then: reads again what OpenID providers say in their metadata, of issuers and of single sign-on,
 * where it is their turn and no other server is at it; takes over where they have moved their key set to.
 * What cannot be read changes nothing, and is told by the health of the key sets. */
FIBER NODISCARD enum status admin_api_follow_wait(struct admin_api *api);

/* The OpenAPI 3.1 document, as JSON. */
struct str admin_api_document(void);
