/* SPDX-License-Identifier: Apache-2.0 */
/* Who an administrator is, and what they may do: sign-in by password, second factor, passkey and single
 * sign-on, sessions, API tokens, roles. The rules are here; admin_api/ gives them their routes.
 *
 * Whatever proves somebody (session, API token, invitation, setup token) is 32 random bytes of which only the
 * SHA-256 is stored. Nothing is cached: what was revoked is refused from the next request on, on every node.
 */
#pragma once

#include "base/json.h"
#include "store/admin_session.h"
#include "store/administrator.h"
#include "store/api_token.h"
#include "store/second_factor.h"

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
    struct str roles;         /* theirs as they are stored: what `grants` were read from */
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

/* Whether it is an origin as browsers write one: scheme, name, perhaps a port, and nothing behind. */
bool access_public_url_is_good(struct str url);

/* Starts the thread that hashes passwords, when the first one comes. Texts of `options` must outlive it. */
struct access *access_new(const struct access_options *options);
void access_free(struct access *access); /* when nobody waits in it any more; NULL is fine */

/* What is over for good, and only takes room: browsers that are known no more, API tokens that ended a month
 * ago. */
FIBER NODISCARD enum status access_prune_wait(struct access *access);

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

/* Whether the password or a passkey was shown within the last ten minutes: what changes how somebody signs in
 * asks for that. */
bool access_is_recent(const struct access_principal *principal);
/* DENIED 403 `recent-sign-in-required`, or `session-required` for an API token; the command line passes. */
NODISCARD enum status access_demand_recent(const struct access_principal *principal, struct arena *arena,
                                           struct access_refusal *refusal);

/* ---- signing in (sign_in.c, setup.c, invitation.c) ----
 * DENIED: `refusal` says why, and the audit log has it too. An unknown address costs the same time and gives
 * the same answer as a wrong password. */

enum { ACCESS_COOKIES_MAX = 2 };
struct access_signed_in {
    struct store_administrator administrator;
    struct access_principal principal;
    struct str cookies[ACCESS_COOKIES_MAX]; /* for Set-Cookie */
    size_t cookie_count;
};

struct access_password_sign_in {
    struct str email, password;
    struct str totp, recovery_code; /* at most one; empty: none was shown */
};
FIBER NODISCARD enum status access_sign_in_wait(struct access *access, struct arena *arena,
                                                const struct access_credentials *from,
                                                const struct access_password_sign_in *shown,
                                                struct access_signed_in *signed_in,
                                                struct access_refusal *refusal);
/* The same person shows the password once more: the session is recent again, under another value. */
FIBER NODISCARD enum status access_confirm_wait(struct access *access, struct arena *arena,
                                                const struct access_credentials *from,
                                                const struct access_principal *principal, struct str password,
                                                struct access_signed_in *signed_in,
                                                struct access_refusal *refusal);
/* `*cookie` takes it away in the browser, too. */
FIBER NODISCARD enum status access_sign_out_wait(struct access *access, struct arena *arena,
                                                 const struct access_credentials *from,
                                                 const struct access_principal *principal,
                                                 struct str *cookie);

/* What may be used to sign in, for whoever asks. */
struct access_methods {
    bool is_set_up;
    bool has_password, has_passkey;
    struct str sso_label; /* empty: no single sign-on */
};
FIBER NODISCARD enum status access_methods_wait(struct access *access, struct arena *arena,
                                                const struct access_credentials *from,
                                                struct access_methods *methods);

/* A fresh setup token ("st_…"), which takes the place of the one before. CONFLICT: there is an administrator
 * already. */
FIBER NODISCARD enum status access_setup_token_wait(struct store *store, struct arena *arena,
                                                    struct str *token);
struct access_set_up {
    struct str token, email, name, password;
};
FIBER NODISCARD enum status access_set_up_wait(struct access *access, struct arena *arena,
                                               const struct access_credentials *from,
                                               const struct access_set_up *shown,
                                               struct access_signed_in *signed_in,
                                               struct access_refusal *refusal);

/* ---- invitations and administrators (invitation.c, administrator.c) ---- */

struct access_invitation {
    struct str token; /* "in_…": for the link /invitation#<token>; shown once */
    int64_t expires_at;
};
struct access_invited {
    struct str email, name;
    const struct access_grant *grants;
    size_t grant_count;
};
FIBER NODISCARD enum status
access_invite_wait(struct access *access, struct arena *arena, const struct access_principal *principal,
                   const struct access_invited *invited, struct store_administrator *administrator,
                   struct access_invitation *invitation, struct access_refusal *refusal);
/* A new link. Of somebody active it sets a new password; `is_rescue`: their second factors go with it. */
FIBER NODISCARD enum status access_invite_again_wait(struct access *access, struct arena *arena,
                                                     const struct access_principal *principal, struct str id,
                                                     bool is_rescue, struct access_invitation *invitation,
                                                     struct access_refusal *refusal);
struct access_acceptance {
    struct str token, name /* empty: as invited */, password;
};
/* Who has a second factor, and a link that leaves it, has a new password by it and is not signed in:
 * `cookie_count` is 0. */
FIBER NODISCARD enum status access_accept_wait(struct access *access, struct arena *arena,
                                               const struct access_credentials *from,
                                               const struct access_acceptance *shown,
                                               struct access_signed_in *signed_in,
                                               struct access_refusal *refusal);
/* Whether they may see that administrator. */
bool access_sees_administrator(const struct access_principal *principal, struct arena *arena,
                               const struct store_administrator *administrator);
/* `version` 0: whatever it is. `name` empty, `grants` NULL: as they are. CONFLICT: changed meanwhile.
 * NOT_FOUND: none that they may see. */
FIBER NODISCARD enum status
access_change_administrator_wait(struct access *access, struct arena *arena,
                                 const struct access_principal *principal, struct str id, int64_t version,
                                 struct str name, const struct access_grant *grants, size_t grant_count,
                                 struct store_administrator *administrator, struct access_refusal *refusal);
FIBER NODISCARD enum status access_remove_administrator_wait(struct access *access, struct arena *arena,
                                                             const struct access_principal *principal,
                                                             struct str id, int64_t version,
                                                             struct access_refusal *refusal);

/* ---- one's own account (account.c, second_factor.c) ---- */

/* `name`, `email` empty: as they are. */
FIBER NODISCARD enum status access_change_account_wait(struct access *access, struct arena *arena,
                                                       const struct access_principal *principal,
                                                       int64_t version, struct str name, struct str email,
                                                       struct store_administrator *administrator,
                                                       struct access_refusal *refusal);
/* All other sessions end; this one gets another value. */
FIBER NODISCARD enum status
access_change_password_wait(struct access *access, struct arena *arena, const struct access_credentials *from,
                            const struct access_principal *principal, struct str current, struct str password,
                            struct access_signed_in *signed_in, struct access_refusal *refusal);
FIBER NODISCARD enum status access_end_session_wait(struct access *access, struct arena *arena,
                                                    const struct access_principal *principal, struct str id);
FIBER NODISCARD enum status access_list_sessions_wait(struct access *access, struct arena *arena,
                                                      const struct access_principal *principal,
                                                      struct store_admin_sessions *sessions);
int64_t access_session_expires_at(const struct store_admin_session *session);

/* The secret in base32, and the otpauth:// address of it. */
FIBER NODISCARD enum status access_begin_totp_wait(struct access *access, struct arena *arena,
                                                   const struct access_principal *principal,
                                                   struct str *secret, struct str *uri,
                                                   struct access_refusal *refusal);
FIBER NODISCARD enum status
access_confirm_totp_wait(struct access *access, struct arena *arena, const struct access_credentials *from,
                         const struct access_principal *principal, struct str code,
                         struct str recovery_codes[STORE_RECOVERY_CODES], struct access_signed_in *signed_in,
                         struct access_refusal *refusal);
FIBER NODISCARD enum status access_remove_totp_wait(struct access *access, struct arena *arena,
                                                    const struct access_credentials *from,
                                                    const struct access_principal *principal,
                                                    struct str password /* empty: not shown */,
                                                    struct access_refusal *refusal);
FIBER NODISCARD enum status access_renew_recovery_codes_wait(struct access *access, struct arena *arena,
                                                             const struct access_principal *principal,
                                                             struct str recovery_codes[STORE_RECOVERY_CODES],
                                                             struct access_refusal *refusal);

/* ---- passkeys (passkey.c): WebAuthn level 2 ----
 * Options are what navigator.credentials wants as `publicKey`; credentials are what its toJSON() gives. */
FIBER NODISCARD enum status access_passkey_creation_wait(struct access *access, struct arena *arena,
                                                         const struct access_credentials *from,
                                                         const struct access_principal *principal,
                                                         json_t **options, struct access_refusal *refusal);
/* `*has_codes`: it is the first second factor, and these recovery codes come with it. */
FIBER NODISCARD enum status access_add_passkey_wait(struct access *access, struct arena *arena,
                                                    const struct access_credentials *from,
                                                    const struct access_principal *principal, struct str name,
                                                    const json_t *credential, struct store_passkey *passkey,
                                                    struct str recovery_codes[STORE_RECOVERY_CODES],
                                                    bool *has_codes, struct access_refusal *refusal);
FIBER NODISCARD enum status access_rename_passkey_wait(struct access *access, struct arena *arena,
                                                       const struct access_principal *principal,
                                                       struct str id, struct str name,
                                                       struct store_passkey *passkey,
                                                       struct access_refusal *refusal);
FIBER NODISCARD enum status access_remove_passkey_wait(struct access *access, struct arena *arena,
                                                       const struct access_principal *principal,
                                                       struct str id, struct access_refusal *refusal);
NODISCARD enum status access_passkey_request(struct access *access, struct arena *arena,
                                             const struct access_credentials *from, json_t **options,
                                             struct access_refusal *refusal);
FIBER NODISCARD enum status access_passkey_sign_in_wait(struct access *access, struct arena *arena,
                                                        const struct access_credentials *from,
                                                        const json_t *credential,
                                                        struct access_signed_in *signed_in,
                                                        struct access_refusal *refusal);

/* ---- API tokens (api_token.c): "ca_…" ---- */
struct access_token_draft {
    struct str name;
    unsigned scopes;
    struct str product; /* id; empty: any */
    int64_t lifetime_days;
};
FIBER NODISCARD enum status access_create_token_wait(struct access *access, struct arena *arena,
                                                     const struct access_principal *principal,
                                                     const struct access_token_draft *draft,
                                                     struct store_api_token *made, struct str *token,
                                                     struct access_refusal *refusal);

FIBER NODISCARD enum status access_revoke_token_wait(struct access *access, struct arena *arena,
                                                     const struct access_principal *principal, struct str id);

/* ---- single sign-on by OpenID Connect (single_sign_on.c) ---- */

struct access_sso {
    struct str issuer, client_id, label;
    bool has_secret;
    struct str *domains; /* lower case: who may come without an invitation */
    size_t domain_count;
    enum access_role default_role; /* of those; ACCESS_NO_ROLE: nobody may */
    struct str mapping_claim;      /* empty: no mapping */
    const json_t *mapping_roles;   /* value of the claim: role */
    bool is_password_off;
    struct str redirect_uri;
    int64_t version, updated_at;
};
/* NOT_FOUND: none is set up. */
FIBER NODISCARD enum status access_sso_read_wait(struct access *access, struct arena *arena,
                                                 const struct access_credentials *from,
                                                 struct access_sso *sso);
/* `draft` as in the API; asks the provider for its discovery document first. `version` 0 with `is_any` false:
 * there must be none yet. CONFLICT: changed meanwhile. */
FIBER NODISCARD enum status access_sso_replace_wait(struct access *access, struct arena *arena,
                                                    const struct access_principal *principal,
                                                    const json_t *draft, int64_t version, bool is_any,
                                                    struct access_refusal *refusal);
FIBER NODISCARD enum status access_sso_remove_wait(struct access *access, struct arena *arena,
                                                   const struct access_principal *principal, int64_t version,
                                                   struct access_refusal *refusal);
struct access_sso_followed {
    struct str issuer, key_set_url; /* as the provider has them now */
    bool is_changed;
};
/* Reads the provider's discovery document again. What it names now is used from now on, in the name of
 * `actor`; a key set only where there are keys. NOT_FOUND: no single sign-on. DENIED: `refusal` says why, and
 * nothing has changed. CONFLICT: somebody has saved meanwhile. */
FIBER NODISCARD enum status access_sso_follow_wait(struct access *access, struct arena *arena,
                                                   struct str actor, struct keyset_cache *key_sets,
                                                   struct access_sso_followed *followed,
                                                   struct access_refusal *refusal);
/* Where the browser goes, and the cookie that binds it to what comes back. */
FIBER NODISCARD enum status access_sso_start_wait(struct access *access, struct arena *arena,
                                                  const struct access_credentials *from,
                                                  const struct access_principal *principal,
                                                  struct str return_to, bool is_link, struct str *location,
                                                  struct str *cookie, struct access_refusal *refusal);
struct access_sso_answer {
    struct str code, state, issuer, error;
};
/* OK: signed in; `*return_to` is a path of ours. `*cookie` ends the binding in any case. */
FIBER NODISCARD enum status
access_sso_finish_wait(struct access *access, struct arena *arena, const struct access_credentials *from,
                       const struct access_principal *principal, struct keyset_cache *key_sets,
                       const struct access_sso_answer *answer, struct access_signed_in *signed_in,
                       struct str *return_to, struct str *cookie, struct access_refusal *refusal);

/* Seals anew what the vault's first key has not sealed; counts as admin_secret_reseal_wait does. */
FIBER NODISCARD enum status access_reseal_wait(struct store *store, const struct vault *vault,
                                               struct arena *arena, size_t *resealed, size_t *unopened);
