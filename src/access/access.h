/* SPDX-License-Identifier: Apache-2.0 */
/* Who an administrator is, and what they may do: sign-in by password, second factor, passkey and single
 * sign-on, sessions, API tokens, roles. The rules are here; admin_api/ gives them their routes.
 *
 * Whatever proves somebody (session, API token, invitation, setup token) is 32 random bytes of which only the
 * SHA-256 is stored. Nothing is cached: what was revoked is refused from the next request on, on every node.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

/* ---- rights (rights.c). Pure ---- */

/* Each role has all that the one before it has. None comes first: what was forgotten gives no right. */
enum access_role { ACCESS_NO_ROLE, ACCESS_VIEWER, ACCESS_DEVELOPER, ACCESS_ADMIN, ACCESS_OWNER };

enum access_right {
    ACCESS_READ,         /* viewer: sees everything but secrets */
    ACCESS_CONFIGURE,    /* developer: configuration, tools, knowledge, tests */
    ACCESS_SECRETS,      /* developer: keys and secrets */
    ACCESS_PEOPLE_WRITE, /* admin: revoke, erase */
    ACCESS_MANAGE,       /* admin: environments come and go, members of the product */
    ACCESS_OWN,          /* owner: products, administrators, single sign-on, the installation */
    ACCESS_RIGHTS,
};

struct access_grant {
    struct str product; /* id; empty: all products */
    enum access_role role;
};

enum access_kind { ACCESS_NOBODY, ACCESS_ADMINISTRATOR, ACCESS_TOKEN, ACCESS_COMMAND_LINE };

/* Whoever a call is made by. A zeroed one may nothing. */
struct access_principal {
    enum access_kind kind;
    struct str actor;         /* for the audit log: "admin:adm_…", "token:tok_…", "cli:ada" */
    struct str administrator; /* adm_…; empty for the command line on this machine */
    struct str email, name;   /* the administrator's */
    struct str session;       /* id of the cookie's session; empty where there is none */
    struct str csrf_token;    /* by cookie: what unsafe requests must show */
    int64_t signed_in_at;     /* of the session: when a password or passkey was last shown; 0: no session */
    bool is_by_sso;           /* the session began by single sign-on */
    bool is_by_cookie;        /* so CSRF has been checked */
    bool may_all;             /* the command line on this machine */
    const struct access_grant *grants;
    size_t grant_count;
    bool is_scoped;           /* an API token: no right but those in `scopes` */
    unsigned scopes;          /* a bit an access_right */
    struct str scope_product; /* id: no product but this; empty: any */
};

/* Whether they may do that to this product (its id; empty: to all, the installation). */
bool access_may(const struct access_principal *principal, struct str product, enum access_right right);
/* Whether they may see anything of it. Where not, it does not exist for them. */
bool access_sees(const struct access_principal *principal, struct str product);
/* The smallest role that has the right: "developer". */
const char *access_role_for(enum access_right right);
bool access_role_has(enum access_role role, enum access_right right);
/* Their role over that product, whatever scopes say; over all products where it is empty. */
enum access_role access_role_over(const struct access_principal *principal, struct str product);

const char *access_role_name(enum access_role role);    /* "owner" */
enum access_role access_role_read(struct str name);     /* ACCESS_NO_ROLE: it is none */
const char *access_right_name(enum access_right right); /* "people-write" */
bool access_right_read(struct str name, enum access_right *right);

/* Grants as they are stored: [{"product": "prod_…"|null, "role": "admin"}]. INVALID: no such list; nobody
 * gets a right by a text that does not read. */
enum { ACCESS_GRANTS_MAX = 100 };
NODISCARD enum status access_grants_read(struct arena *arena, struct str text,
                                         const struct access_grant **grants, size_t *count);
struct str access_grants_write(struct arena *arena, const struct access_grant *grants, size_t count);
/* Whether `principal` may turn somebody's grants from `before` into `after`: an owner always; who manages a
 * product may change roles over it up to admin. */
bool access_may_grant(const struct access_principal *principal, const struct access_grant *before,
                      size_t before_count, const struct access_grant *after, size_t after_count);

/* The operator, on the machine itself: all rights. `user` is their name there. */
struct access_principal access_command_line(struct arena *arena, struct str user);

/* ---- the part itself (access.c): one a process, from any of its threads ---- */

struct access;
struct vault;
struct egress;
struct keyset_cache;

struct access_options {
    struct store *store;
    const struct vault *vault;      /* may be NULL: then no second factor, passkey or single sign-on works */
    struct egress *egress;          /* may be NULL: then no single sign-on works */
    struct str public_url;          /* "https://chat.example": how browsers reach it; empty: what Host says */
    bool is_private_egress_allowed; /* the provider may be at http:// and private addresses */
};

/* Starts the thread that hashes passwords, when the first one comes. Texts of `options` must outlive it. */
struct access *access_new(const struct access_options *options);
void access_free(struct access *access); /* when nobody waits in it any more; NULL is fine */

/* What a request shows of its sender. */
struct access_credentials {
    struct str authorization, cookie, csrf, origin, host, peer, user_agent;
    struct str content_type;
    bool is_secure;
    bool is_unsafe; /* its method changes something: a cookie needs the CSRF token with it */
};
struct access_refusal {
    unsigned status; /* 401, 403 … */
    const char *code;
    struct str sentence;
    bool is_wrong_guess;        /* a token that is none: counted against the address */
    unsigned retry_after_s;     /* 0: not to be said */
    const char *const *methods; /* of `second-factor-required`, ended by NULL */
    struct str pointer;         /* into the body; with status 422 */
};

/* OK; NOT_FOUND: it shows nothing (`*principal` is NULL); DENIED: `refusal` says why; UNAVAILABLE, CANCELED.
 */
FIBER NODISCARD enum status access_authenticate_wait(struct access *access, struct arena *arena,
                                                     const struct access_credentials *credentials,
                                                     const struct access_principal **principal,
                                                     struct access_refusal *refusal);

/* ---- the first administrator (setup.c) ---- */

/* A fresh setup token, which takes the place of the one before. CONFLICT: there is an administrator already.
 */
FIBER NODISCARD enum status access_setup_token_wait(struct store *store, struct arena *arena,
                                                    struct str *token);
