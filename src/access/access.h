/* SPDX-License-Identifier: Apache-2.0 */
/* Who an administrator is, and what they may do. */
#pragma once

#include "store/store.h"

enum access_role { ACCESS_OWNER, ACCESS_ADMIN, ACCESS_DEVELOPER, ACCESS_VIEWER };

enum access_right {
    ACCESS_READ,
    ACCESS_CONFIGURE,
    ACCESS_SECRETS,
    ACCESS_PEOPLE_WRITE,
    ACCESS_MANAGE,
    ACCESS_OWN,
};

struct access_grant {
    struct str product; /* id; empty: all products */
    enum access_role role;
};

/* Whoever a call is made by. */
struct access_principal {
    struct str actor;         /* for the audit log: "admin:adm_…", "token:tok_…", "cli:ada" */
    struct str administrator; /* adm_…; empty for the command line on this machine */
    struct str session;       /* of the cookie; empty where there is none */
    bool is_by_cookie;        /* so CSRF has been checked */
    bool may_all;             /* the command line on this machine */
    const struct access_grant *grants;
    size_t grant_count;
};

/* Whether they may do that to this product (its id; empty: to all, the installation). */
bool access_may(const struct access_principal *principal, struct str product, enum access_right right);
/* Whether they may see anything of it. Where not, it does not exist for them. */
bool access_sees(const struct access_principal *principal, struct str product);
/* The smallest role that has the right: "developer". */
const char *access_role_for(enum access_right right);

struct access;

/* What a request shows of its sender. */
struct access_credentials {
    struct str authorization, cookie, csrf, origin, host, peer, user_agent;
    bool is_secure;
    bool is_unsafe; /* its method changes something: a cookie needs the CSRF token with it */
};
struct access_refusal {
    unsigned status; /* 401, 403 … */
    const char *code;
    struct str sentence;
    bool is_wrong_guess; /* a token that is none: counted against the address */
};

/* OK; NOT_FOUND: it shows nothing (`*principal` is NULL); DENIED: `refusal` says why; UNAVAILABLE, CANCELED. */
FIBER NODISCARD enum status access_authenticate_wait(struct access *access, struct arena *arena,
                                                     const struct access_credentials *credentials,
                                                     const struct access_principal **principal,
                                                     struct access_refusal *refusal);
