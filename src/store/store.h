/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that outlives the process. Functions are typed and by subject; the SQL stands behind them, and
 * no row is known outside. A function marked FIBER parks its fiber while a store thread works; what it gives
 * lives in the caller's arena. A write that came back OK is on the disk (synchronous commit), a write that
 * came back with anything else changed nothing. Common failures of all of them, not repeated below: CANCELED
 * (the fiber's client has gone; a write may have happened), UNAVAILABLE (the database is busy or gone; try
 * again), FAILED (it is broken).
 *
 * Times are milliseconds since 1970; 0 stands for "never" and "not yet". Optional texts are STR_NONE. Ids are
 * made by base's id_new; where a function creates a row it makes the id and the time itself and gives the
 * whole row back. Lists come with a bound (`limit`, at most STORE_PAGE_MAX) and go on with the last row of
 * the page before. */
#pragma once

#include "base/arena.h"
#include "base/fiber.h"

struct store;

enum { STORE_PAGE_MAX = 500 };

/* ---- the store itself (open.c) ---- */

struct store_options {
    unsigned readers;   /* threads that read, each with a connection; 0 means 2 */
    unsigned writers;   /* the same for writing; 0 means as many as fit the engine (SQLite: always 1) */
    bool create;        /* make the database (PostgreSQL: the tables) where there is none */
    int64_t timeout_ms; /* how long one statement may wait for others and work; 0 means 5000 */
};

/* Opens the database at `url` (a path, `sqlite:` and a path, or a postgres:// URL as libpq takes it), brings
 * its tables up to date and starts the threads. NOT_FOUND: no database there (no tables of ours in it) and
 * not to be created. CONFLICT: it was written by a newer version of the program, or the server of the
 * database is too old. Where it fails, `*message` is a sentence for the operator, in `arena`; it never holds
 * the URL's password. */
NODISCARD enum status store_open(struct arena *arena, struct str url, const struct store_options *options,
                                 struct store **store, struct str *message);
/* Ends the threads and closes. No fiber may be waiting in the store any more, and every watch must be
 * stopped. */
void store_close(struct store *store);

struct store_statistics {
    uint64_t commits; /* transactions on the disk */
    uint64_t writes;  /* units of work that were in them: several share a commit */
    uint64_t reads;   /* units of work that only read */
    uint64_t refused; /* units of work that ended with anything but OK */
};
struct store_statistics store_statistics(const struct store *store); /* from any thread */

/* For /readyz: a question to a reader and back, and a write where the last one failed. TIMED_OUT where it
 * takes longer than a probe will wait. */
FIBER NODISCARD enum status store_ping_wait(struct store *store);
/* Why it does not serve just now, as a sentence without particulars; empty where all is well. From any
 * thread. */
struct str store_trouble(const struct store *store);

/* ---- audit (audit.c); audit/audit.h makes these rows ---- */

/* Who did what. Texts that do not apply are STR_NONE. */
struct store_audit {
    struct str id;            /* out: store makes it */
    struct str environment;   /* id; empty for what belongs to no environment (products, the installation) */
    int64_t at;               /* 0: now */
    struct str action;        /* "tool.call", "secret.generate", …: a closed word of the code */
    struct str actor;         /* administrators: "cli:<user>"; none where the visitor acts */
    struct str visitor;       /* id */
    struct str subject;       /* the verified `sub` at that time; none for an anonymous visitor */
    struct str issuer;        /* the environment's name of the issuer that verified it */
    struct str acting_for;    /* JSON of the token's `act` claim */
    struct str session;       /* id */
    struct str conversation;  /* id */
    struct str tool;          /* name */
    struct str parameters;    /* JSON array: the names */
    struct str values;        /* JSON object: only those that the tool's `auditValues` names */
    struct str token;         /* `jti`, or a prefix of the token's hash */
    struct str target;        /* what an administrator changed: kind and id or name, "tool/get_balance" */
    struct str outcome;       /* "allowed" | "refused" | "failed" */
    struct str reason;        /* the closed reasons, or status words */
    struct str detail;        /* machine-readable */
    int64_t duration_us;      /* 0 where nothing was timed */
    struct str before, after; /* JSON: what an administrator's change has changed; never a secret */
};

struct store_audits {
    struct store_audit *at;
    size_t count;
    struct str next; /* where to go on (`after`); empty: there is no more now. The page may be short, since
                        one question looks at a bounded number of rows */
};

/* All restrictions that are given hold together. Newest first; `oldest_first` turns it round (for following).
 */
struct store_audit_filter {
    struct str environment; /* empty: of no environment */
    struct str visitor, subject, actor, tool, action, outcome, reason;
    int64_t from, until; /* [from, until); 0: open */
    struct str after;    /* id of the last row of the page before, or its `next` */
    bool oldest_first;
    unsigned limit;
};

FIBER NODISCARD enum status store_audit_append_wait(struct store *store, struct arena *arena,
                                                    const struct store_audit *event);
FIBER NODISCARD enum status store_audit_list_wait(struct store *store, struct arena *arena,
                                                  const struct store_audit_filter *filter,
                                                  struct store_audits *audits);

/* ---- products (product.c) ----
 * Functions that an administrator's change goes through take `audit` (may be NULL): it is written in the same
 * transaction. They also write the `changes` row that makes running servers forget what they hold. */

struct store_product {
    struct str id;   /* prod_… */
    struct str name; /* unique */
    int64_t created_at;
    int64_t version; /* rises by one with each change */
};
struct store_products {
    struct store_product *at;
    size_t count;
};

/* CONFLICT: the name is taken. */
FIBER NODISCARD enum status store_product_create_wait(struct store *store, struct arena *arena,
                                                      struct str name, const struct store_audit *audit,
                                                      struct store_product *product);
FIBER NODISCARD enum status store_product_find_wait(struct store *store, struct arena *arena,
                                                    struct str id_or_name, struct store_product *product);
/* By name; `after` is the last page's last name. */
FIBER NODISCARD enum status store_product_list_wait(struct store *store, struct arena *arena,
                                                    struct str after, unsigned limit,
                                                    struct store_products *products);
/* Those whose name begins with `prefix`. */
FIBER NODISCARD enum status store_product_search_wait(struct store *store, struct arena *arena,
                                                      struct str prefix, struct str after, unsigned limit,
                                                      struct store_products *products);
/* Here and below: `version` is the one that was seen before the change; 0: whatever it is now. CONFLICT:
 * somebody else was faster, or the name is taken. */
FIBER NODISCARD enum status store_product_rename_wait(struct store *store, struct arena *arena, struct str id,
                                                      int64_t version, struct str name,
                                                      const struct store_audit *audit);
/* CONFLICT also where it still has environments. */
FIBER NODISCARD enum status store_product_delete_wait(struct store *store, struct arena *arena, struct str id,
                                                      int64_t version, const struct store_audit *audit);

/* ---- environments (environment.c) ---- */

struct store_environment {
    struct str id;      /* env_… */
    struct str product; /* id */
    struct str product_name;
    struct str name;   /* unique in the product */
    struct str config; /* JSON document */
    int64_t version;   /* of config and name: rises by one with each change of them */
    int64_t created_at, updated_at;
};
struct store_environments {
    struct store_environment *at;
    size_t count;
};

/* NOT_FOUND: no such product. CONFLICT: the name is taken. */
FIBER NODISCARD enum status store_environment_create_wait(struct store *store, struct arena *arena,
                                                          struct str product, struct str name,
                                                          struct str config, const struct store_audit *audit,
                                                          struct store_environment *environment);
FIBER NODISCARD enum status store_environment_find_wait(struct store *store, struct arena *arena,
                                                        struct str id, struct store_environment *environment);
FIBER NODISCARD enum status store_environment_find_named_wait(struct store *store, struct arena *arena,
                                                              struct str product, struct str name,
                                                              struct store_environment *environment);
/* Of one product by name, or, where `product` is empty, of all by id; `after` is the last row's name or id.
 */
FIBER NODISCARD enum status store_environment_list_wait(struct store *store, struct arena *arena,
                                                        struct str product, struct str after, unsigned limit,
                                                        struct store_environments *environments);
/* Saves `config` where the version is still `version`; gives the new one. CONFLICT: somebody else was faster;
 * or NOT_FOUND. */
FIBER NODISCARD enum status
store_environment_set_config_wait(struct store *store, struct arena *arena, struct str id, int64_t version,
                                  struct str config, const struct store_audit *audit, int64_t *new_version);
FIBER NODISCARD enum status store_environment_rename_wait(struct store *store, struct arena *arena,
                                                          struct str id, int64_t version, struct str name,
                                                          const struct store_audit *audit);
/* With all that it holds but its audit log. */
FIBER NODISCARD enum status store_environment_delete_wait(struct store *store, struct arena *arena,
                                                          struct str id, int64_t version,
                                                          const struct store_audit *audit);

/* ---- keys (key.c) ---- */

struct store_key {
    struct str id; /* key_… */
    struct str environment;
    bool is_secret;
    struct str text; /* publishable: the whole key. secret: its first characters, to tell it from others */
    int64_t created_at, revoked_at, last_used_at;
};
struct store_keys {
    struct store_key *at;
    size_t count;
};

/* `lookup` is what a caller will be found by: the publishable key itself, or a secret key's SHA-256 in
 * lower-case hexadecimal; `text` is what lists show. NOT_FOUND: no such environment. */
FIBER NODISCARD enum status store_key_create_wait(struct store *store, struct arena *arena,
                                                  struct str environment, bool is_secret, struct str lookup,
                                                  struct str text, const struct store_audit *audit,
                                                  struct store_key *key);
FIBER NODISCARD enum status store_key_list_wait(struct store *store, struct arena *arena,
                                                struct str environment,
                                                struct store_keys *keys); /* revoked ones too, newest first */
/* NOT_FOUND: no such key, or it is revoked already. */
FIBER NODISCARD enum status store_key_revoke_wait(struct store *store, struct arena *arena,
                                                  struct str environment, struct str id,
                                                  const struct store_audit *audit);
/* Remembers that it was used, to the minute: a second call within one writes nothing. */
FIBER NODISCARD enum status store_key_used_wait(struct store *store, struct arena *arena,
                                                struct str environment, struct str id);

/* ---- secrets (secret.c): sealed by vault, which see ---- */

/* Purposes, and what `name` is: */
#define STORE_SECRET_VISITOR_SIGNING                                                                         \
    STR("visitor-signing") /* the issuer's name in the config (HMAC mode)                                    \
                            */
#define STORE_SECRET_TOOL_SIGNING                                                                            \
    STR("tool-signing")                 /* empty: signs the calls to the environment's tools                 \
                                         */
#define STORE_SECRET_NAMED STR("named") /* the name that the config refers to: a model's API key */

struct store_secret {
    struct str id; /* sec_… */
    struct str environment;
    struct str purpose, name;
    struct str hint;   /* the first characters, to tell it from others; may be empty */
    struct str sealed; /* as vault_seal gave it; row identity: table "secrets", environment, id, purpose */
    int64_t created_at;
    int64_t expires_at; /* verifies until then; 0: until it is replaced or killed */
    int64_t revoked_at; /* killed */
    int64_t last_used_at;
};
struct store_secrets {
    struct store_secret *at;
    size_t count;
};

/* Inserts `secret` as it stands, its id included (it is part of what was sealed; `created_at` 0 means now).
 * Others of the same environment, purpose and name that have no end yet, or a later one, end at
 * `others_expire_at` (0: they are left alone; now or before: they are revoked). NOT_FOUND: no such
 * environment. */
FIBER NODISCARD enum status store_secret_put_wait(struct store *store, struct arena *arena,
                                                  const struct store_secret *secret, int64_t others_expire_at,
                                                  const struct store_audit *audit);
/* Newest first; `only_usable` leaves out revoked and expired ones. `purpose` and `name` empty: any. */
FIBER NODISCARD enum status store_secret_list_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str purpose,
                                                   struct str name, bool only_usable,
                                                   struct store_secrets *secrets);
/* At once and for ever; the sealed text is removed with it. NOT_FOUND: no such secret, or it is killed
 * already. */
FIBER NODISCARD enum status store_secret_kill_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str id,
                                                   const struct store_audit *audit);
/* Remembers that it was used, to the minute: a second call within one writes nothing. */
FIBER NODISCARD enum status store_secret_used_wait(struct store *store, struct arena *arena,
                                                   struct str environment, struct str id);
/* For changing the master key: all secrets that still hold something, of all environments, by (environment,
 * id) after those given. */
FIBER NODISCARD enum status store_secret_scan_wait(struct store *store, struct arena *arena,
                                                   struct str after_environment, struct str after_id,
                                                   unsigned limit, struct store_secrets *secrets);
/* Puts `sealed` in the place of `old_sealed`. CONFLICT: it is another by now, or the secret was killed. */
FIBER NODISCARD enum status store_secret_reseal_wait(struct store *store, struct arena *arena,
                                                     struct str environment, struct str id,
                                                     struct str old_sealed, struct str sealed);

/* ---- tools and knowledge (document.c): named JSON documents of an environment ---- */

struct store_document {
    struct str id; /* tool_…, know_… */
    struct str environment;
    struct str name; /* a tool's name, a knowledge snippet's own id: unique in the environment */
    struct str document;
    int64_t version; /* rises by one with each change */
    int64_t created_at, updated_at;
};
struct store_documents {
    struct store_document *at;
    size_t count;
};
enum store_document_kind { STORE_TOOL, STORE_KNOWLEDGE };

/* Creates it, or replaces the document of that name; the same text again changes nothing (`*changed`, may be
 * NULL). NOT_FOUND: no such environment. */
FIBER NODISCARD enum status store_document_put_wait(struct store *store, struct arena *arena,
                                                    enum store_document_kind kind, struct str environment,
                                                    struct str name, struct str document,
                                                    const struct store_audit *audit,
                                                    struct store_document *stored, bool *changed);
FIBER NODISCARD enum status store_document_find_wait(struct store *store, struct arena *arena,
                                                     enum store_document_kind kind, struct str environment,
                                                     struct str name, struct store_document *stored);
FIBER NODISCARD enum status store_document_list_wait(struct store *store, struct arena *arena,
                                                     enum store_document_kind kind, struct str environment,
                                                     struct store_documents *documents); /* all, by name */
FIBER NODISCARD enum status store_document_remove_wait(struct store *store, struct arena *arena,
                                                       enum store_document_kind kind, struct str environment,
                                                       struct str name, const struct store_audit *audit);

/* ---- products, environments and tools by the beginning of their names (palette.c) ---- */

struct store_search {
    struct str kind; /* "product", "environment", "tool": in this order, each by name */
    struct str id, name;
    struct str product, product_name;         /* id and name of whose it is; its own for a product */
    struct str environment, environment_name; /* the same; none for a product */
};
struct store_searches {
    struct store_search *at;
    size_t count;
};

/* At most `limit` of each kind, by name; `product` (id) empty: of all. */
FIBER NODISCARD enum status store_search_wait(struct store *store, struct arena *arena, struct str product,
                                              struct str prefix, unsigned limit,
                                              struct store_searches *found);

/* ---- idempotency keys (idempotency.c) ----
 * A request that creates may carry a key of its sender's: the first one claims it and keeps its answer with
 * it for a day, by which a repeated request is answered. */

struct store_idempotency {
    struct str actor, key;
    struct str fingerprint; /* of the request: the same key for another one is refused */
    struct str claim;       /* out: whose call it is */
    int64_t status;         /* of the answer; 0: not answered yet */
    struct str body, etag, location;
};

/* `wanted` has actor, key and fingerprint. `*known` is what stands there now; `*is_mine`: it was free, and is
 * this call's from now on. A call that has not been settled for a minute has died, and its claim is free. */
FIBER NODISCARD enum status store_idempotency_claim_wait(struct store *store, struct arena *arena,
                                                         const struct store_idempotency *wanted,
                                                         struct store_idempotency *known, bool *is_mine);
/* Keeps the answer. NOT_FOUND: it is somebody else's claim by now. */
FIBER NODISCARD enum status store_idempotency_settle_wait(struct store *store,
                                                          const struct store_idempotency *answered);
/* Frees the key: nothing was made. */
FIBER NODISCARD enum status store_idempotency_release_wait(struct store *store,
                                                           const struct store_idempotency *claimed);

/* ---- administrators (administrator.c) ----
 * What stands for a session, a token, a code or a device is its SHA-256 in lower-case hexadecimal; access/
 * makes and knows the values. */

struct store_administrator {
    struct str id; /* adm_… */
    struct str email, name;
    struct str password_hash;           /* libsodium's text; empty: none */
    struct str roles;                   /* JSON, as access/ writes it */
    struct str sso_issuer, sso_subject; /* the provider's account that it is linked to; empty: none */
    struct str made_by;                 /* "setup" | "invitation" | "single-sign-on" */
    int64_t totp_at;                    /* since when one-time codes are asked for; 0: they are not */
    int64_t totp_step;                  /* the last one used */
    int64_t version;
    int64_t created_at, activated_at, last_sign_in_at; /* activated: 0 until the invitation is accepted */
    int64_t passkey_count, recovery_code_count;
    int64_t invitation_expires_at; /* 0: none is open */
};
struct store_administrators {
    struct store_administrator *at;
    size_t count;
};

struct store_admin_session {
    struct str id;   /* ses_… */
    struct str hash; /* where it is made */
    struct str administrator;
    struct str method; /* "password" | "passkey" | "single-sign-on" */
    int64_t created_at, signed_in_at, used_at;
    struct str address, user_agent;
};
struct store_admin_sessions {
    struct store_admin_session *at;
    size_t count;
};

/* A sign-in: all that begins or is used up with it, in one transaction. What does not apply is empty. */
struct store_sign_in {
    struct str administrator;
    struct store_admin_session session; /* its times are set here: 0 means now */
    struct str replaces;                /* hash of the browser's session so far, which ends */
    struct str device;                  /* hash: this browser is known from now on */
    struct str attempt;                 /* whose failures are forgotten */
    struct str password_hash;           /* DENIED: it is theirs no more; empty: none was shown */
    struct str spent;                   /* hash of what may be used once: CONFLICT where it was */
    int64_t spent_until;
    int64_t totp_step; /* CONFLICT: this step, or a later one, was used already; 0: no code was shown */
    struct str recovery_code; /* hash. CONFLICT: it is none of theirs any more */
    struct str passkey;       /* credential. CONFLICT: its count is not `sign_count_before` any more */
    int64_t sign_count_before, sign_count;
    const struct store_audit *audit;
};
/* NOT_FOUND: no such administrator (any more). */
FIBER NODISCARD enum status store_admin_sign_in_wait(struct store *store,
                                                     const struct store_sign_in *sign_in);

FIBER NODISCARD enum status store_administrator_any_wait(struct store *store, bool *any);
/* `email_key`: the address as it is compared. */
FIBER NODISCARD enum status store_administrator_find_wait(struct store *store, struct arena *arena,
                                                          struct str id,
                                                          struct store_administrator *administrator);
FIBER NODISCARD enum status store_administrator_find_email_wait(struct store *store, struct arena *arena,
                                                                struct str email_key,
                                                                struct store_administrator *administrator);
FIBER NODISCARD enum status store_administrator_find_subject_wait(struct store *store, struct arena *arena,
                                                                  struct str issuer, struct str subject,
                                                                  struct store_administrator *administrator);
FIBER NODISCARD enum status
store_administrator_find_invitation_wait(struct store *store, struct arena *arena, struct str hash,
                                         struct store_administrator *administrator);
/* By id: the order in which they were made. */
FIBER NODISCARD enum status store_administrator_list_wait(struct store *store, struct arena *arena,
                                                          struct str after, unsigned limit,
                                                          struct store_administrators *administrators);

/* What is written of an administrator. */
struct store_administrator_draft {
    struct str email, email_key, name, roles;
    bool is_owner;
    struct str password_hash, sso_issuer, sso_subject, made_by;
    bool is_active;
    bool ends_invitation; /* of a change: an open link is good no more */
};
/* The first of all, by the setup token (its hash), signed in at once. CONFLICT: there is one already.
 * NOT_FOUND: no such token. `sign_in` without `administrator`. */
FIBER NODISCARD enum status store_administrator_set_up_wait(struct store *store, struct arena *arena,
                                                            const struct store_administrator_draft *draft,
                                                            struct str setup_hash,
                                                            const struct store_sign_in *sign_in,
                                                            struct store_administrator *administrator);
/* With an invitation, or, where `invitation_hash` is empty, without. CONFLICT: the address, or the provider's
 * account, is taken. */
FIBER NODISCARD enum status store_administrator_create_wait(struct store *store, struct arena *arena,
                                                            const struct store_administrator_draft *draft,
                                                            struct str invitation_hash,
                                                            int64_t invitation_expires_at,
                                                            const struct store_audit *audit,
                                                            struct store_administrator *administrator);
/* Name and roles, where the version is still `version`; `acting_owner` (an id; empty: nobody's) must still be
 * owner. CONFLICT: it is not any more, or the version is another. DENIED: no owner would be left who has ever
 * signed in. */
FIBER NODISCARD enum status store_administrator_change_wait(struct store *store, struct str id,
                                                            int64_t version,
                                                            const struct store_administrator_draft *draft,
                                                            struct str acting_owner,
                                                            const struct store_audit *audit);
/* CONFLICT: the address is taken. NOT_FOUND: the version is another. */
FIBER NODISCARD enum status store_administrator_set_email_wait(struct store *store, struct str id,
                                                               int64_t version, struct str email,
                                                               struct str email_key, struct str name,
                                                               const struct store_audit *audit);
/* With all that they have. As above. */
FIBER NODISCARD enum status store_administrator_delete_wait(struct store *store, struct str id,
                                                            int64_t version, struct str acting_owner,
                                                            const struct store_audit *audit);

/* A new password by whoever is signed in: all sessions but `session` (id) end, and all known devices. */
FIBER NODISCARD enum status store_administrator_set_password_wait(struct store *store, struct str id,
                                                                  struct str name, struct str password_hash,
                                                                  struct str session,
                                                                  const struct store_audit *audit);
/* The same password, hashed anew. */
FIBER NODISCARD enum status store_administrator_rehash_wait(struct store *store, struct str id,
                                                            struct str old_hash, struct str new_hash);
FIBER NODISCARD enum status store_administrator_link_wait(struct store *store, struct str id,
                                                          struct str issuer, struct str subject,
                                                          const struct store_audit *audit);

/* ---- invitations: one open at a time for each administrator ---- */
#define STORE_INVITATION_JOIN   STR("join")   /* name and password are set */
#define STORE_INVITATION_RESET  STR("reset")  /* the password is set, all sessions end */
#define STORE_INVITATION_RESCUE STR("rescue") /* and one-time codes, recovery codes and passkeys go */
/* For the administrator as `version` has them. CONFLICT: changed meanwhile, or gone. */
FIBER NODISCARD enum status store_invitation_put_wait(struct store *store, struct str administrator,
                                                      int64_t version, struct str hash, struct str effect,
                                                      int64_t expires_at, const struct store_audit *audit);
/* Uses it up, sets the password and signs in; not who `has_second_factor` that they keep: `*is_signed_in`.
 * NOT_FOUND: it is gone. */
FIBER NODISCARD enum status store_invitation_accept_wait(struct store *store, struct str administrator,
                                                         struct str hash, struct str name,
                                                         struct str password_hash, bool has_second_factor,
                                                         const struct store_sign_in *sign_in,
                                                         bool *is_signed_in);

/* ---- sessions of administrators (admin_session.c) ---- */

struct store_known {
    struct store_admin_session session;
    struct store_administrator administrator;
};
/* Created after `created_after` and used after `used_after`. */
FIBER NODISCARD enum status store_admin_session_find_wait(struct store *store, struct arena *arena,
                                                          struct str hash, int64_t created_after,
                                                          int64_t used_after, struct store_known *known);
FIBER NODISCARD enum status store_admin_session_list_wait(struct store *store, struct arena *arena,
                                                          struct str administrator, int64_t created_after,
                                                          int64_t used_after,
                                                          struct store_admin_sessions *sessions);
FIBER NODISCARD enum status store_admin_session_used_wait(struct store *store, struct str hash, int64_t at,
                                                          struct str address);
/* The same session under another value, used `now`; `signed_in_at` 0: as it was. */
FIBER NODISCARD enum status store_admin_session_replace_wait(struct store *store, struct str hash,
                                                             struct str new_hash, int64_t now,
                                                             int64_t signed_in_at,
                                                             const struct store_audit *audit);
FIBER NODISCARD enum status store_admin_session_end_wait(struct store *store, struct str administrator,
                                                         struct str id, const struct store_audit *audit);
/* Whether this browser (hash) has signed in as the owner of that address since `created_after`. */
FIBER NODISCARD enum status store_admin_device_is_known_wait(struct store *store, struct str hash,
                                                             struct str email_key, int64_t created_after,
                                                             bool *is_known);

/* ---- second factors (second_factor.c) ---- */

/* From now on codes are asked for: the secret is kept as installation secret "totp" beside it, that of the
 * set-up goes, and the recovery codes (hashes) take the place of those there were. CONFLICT: another request
 * was faster. */
#define STORE_SECRET_TOTP       STR("totp") /* of the installation's secrets; `id` is the administrator's */
#define STORE_SECRET_TOTP_DRAFT STR("totp-draft") /* until the first code of it was shown */
enum { STORE_RECOVERY_CODES = 10 };
FIBER NODISCARD enum status store_totp_confirm_wait(struct store *store, struct str administrator,
                                                    struct str sealed, int64_t step,
                                                    const struct str recovery_codes[STORE_RECOVERY_CODES],
                                                    const struct store_audit *audit);
/* Recovery codes that nothing else needs go too. */
FIBER NODISCARD enum status store_totp_remove_wait(struct store *store, struct str administrator,
                                                   bool with_recovery_codes, const struct store_audit *audit);
FIBER NODISCARD enum status
store_recovery_codes_put_wait(struct store *store, struct str administrator,
                              const struct str recovery_codes[STORE_RECOVERY_CODES],
                              const struct store_audit *audit);

struct store_passkey {
    struct str credential; /* base64url */
    struct str id;         /* pas_… */
    struct str administrator;
    struct str rp_id;
    int64_t algorithm;     /* COSE */
    struct str public_key; /* base64url, as libfido2 gives it */
    int64_t sign_count;
    struct str name;
    int64_t created_at, last_used_at;
};
struct store_passkeys {
    struct store_passkey *at;
    size_t count;
};
/* `spent` is the challenge's. CONFLICT: it was used already, or the credential is registered. */
FIBER NODISCARD enum status store_passkey_add_wait(struct store *store, const struct store_passkey *passkey,
                                                   struct str spent, int64_t spent_until,
                                                   const struct store_audit *audit);
FIBER NODISCARD enum status store_passkey_find_wait(struct store *store, struct arena *arena,
                                                    struct str credential, struct store_passkey *passkey,
                                                    struct store_administrator *administrator);
FIBER NODISCARD enum status store_passkey_list_wait(struct store *store, struct arena *arena,
                                                    struct str administrator,
                                                    struct store_passkeys *passkeys);
FIBER NODISCARD enum status store_passkey_rename_wait(struct store *store, struct str administrator,
                                                      struct str id, struct str name,
                                                      const struct store_audit *audit);
FIBER NODISCARD enum status store_passkey_remove_wait(struct store *store, struct str administrator,
                                                      struct str id, bool with_recovery_codes,
                                                      const struct store_audit *audit);

/* ---- API tokens (api_token.c) ---- */

struct store_api_token {
    struct str id;   /* tok_… */
    struct str hash; /* where it is made */
    struct str administrator;
    struct str name, hint;
    struct str scopes;  /* words with spaces between */
    struct str product; /* id; empty: any */
    int64_t created_at, expires_at, last_used_at;
};
struct store_api_tokens {
    struct store_api_token *at;
    size_t count;
};
FIBER NODISCARD enum status store_api_token_create_wait(struct store *store,
                                                        const struct store_api_token *token,
                                                        const struct store_audit *audit);
FIBER NODISCARD enum status store_api_token_find_wait(struct store *store, struct arena *arena,
                                                      struct str hash, int64_t now,
                                                      struct store_api_token *token,
                                                      struct store_administrator *administrator);
FIBER NODISCARD enum status store_api_token_list_wait(struct store *store, struct arena *arena,
                                                      struct str administrator,
                                                      struct store_api_tokens *tokens);
FIBER NODISCARD enum status store_api_token_used_wait(struct store *store, struct str hash, int64_t at,
                                                      int64_t before);
FIBER NODISCARD enum status store_api_token_remove_wait(struct store *store, struct str administrator,
                                                        struct str id, const struct store_audit *audit);

/* ---- settings and secrets of the installation (setting.c) ---- */

#define STORE_SETTING_SETUP STR("setup") /* the setup token's hash */
struct store_setting {
    struct str document;
    int64_t version, updated_at;
};
FIBER NODISCARD enum status store_setting_find_wait(struct store *store, struct arena *arena, struct str name,
                                                    struct store_setting *setting);
/* Whatever stands there. */
FIBER NODISCARD enum status store_setting_put_wait(struct store *store, struct str name, struct str document,
                                                   const struct store_audit *audit);

struct store_installation_secret {
    struct str purpose, id;
    struct str sealed; /* row identity for vault: table "installation_secrets", no environment, id, purpose */
};
/* A setting with the secret of the same name: `version` 0: there must be none yet. `sealed` empty: the secret
 * stays as it is; `drops_secret`: it goes. CONFLICT: the version is another. */
FIBER NODISCARD enum status store_setting_change_wait(struct store *store, struct str name, int64_t version,
                                                      struct str document, struct str sealed,
                                                      bool drops_secret, const struct store_audit *audit);
FIBER NODISCARD enum status store_setting_delete_wait(struct store *store, struct str name, int64_t version,
                                                      const struct store_audit *audit);
FIBER NODISCARD enum status store_installation_secret_put_wait(struct store *store, struct str purpose,
                                                               struct str id, struct str sealed);
FIBER NODISCARD enum status store_installation_secret_find_wait(struct store *store, struct arena *arena,
                                                                struct str purpose, struct str id,
                                                                struct str *sealed);
/* For changing the master key: one after the other; `after_purpose` and `after_id` empty: the first. */
FIBER NODISCARD enum status store_installation_secret_scan_wait(struct store *store, struct arena *arena,
                                                                struct str after_purpose, struct str after_id,
                                                                struct store_installation_secret *secret);
FIBER NODISCARD enum status
store_installation_secret_reseal_wait(struct store *store, const struct store_installation_secret *secret,
                                      struct str resealed);
/* Marks it as used. CONFLICT: it was before. */
FIBER NODISCARD enum status store_spend_wait(struct store *store, struct str hash, int64_t until);

/* ---- who has guessed wrong how often (attempt.c) ---- */

struct store_attempts {
    int64_t failures, blocked_until, at;
    int64_t version; /* 0: there is no row */
};
FIBER NODISCARD enum status store_attempts_find_wait(struct store *store, struct str key,
                                                     struct store_attempts *attempts);
/* Where the version is still `attempts->version`. CONFLICT: another attempt was faster. */
FIBER NODISCARD enum status store_attempts_put_wait(struct store *store, struct str key,
                                                    const struct store_attempts *attempts);

struct store_loaded;

/* ---- several changes in one transaction (batch.c) ----
 * Of one environment, which may be new. Where one of them cannot be made, none is. */

struct store_batch;
/* `environment` (its id) has changed when it is written. Never NULL. */
struct store_batch *store_batch_new(struct store *store, struct str environment);
void store_batch_free(struct store_batch *batch); /* NULL is fine */
/* CONFLICT where its configuration, tools and knowledge are not as `seen` any more: before the first change.
 */
void store_batch_expect(struct store_batch *batch, const struct store_loaded *seen);
/* New ones, with id and time as given. */
void store_batch_add_product(struct store_batch *batch, const struct store_product *product,
                             const struct store_audit *audit);
void store_batch_add_environment(struct store_batch *batch, const struct store_environment *environment,
                                 const struct store_audit *audit);
void store_batch_add_key(struct store_batch *batch, const struct store_key *key, struct str lookup,
                         const struct store_audit *audit);
/* Where the environment's version is still `version`. */
void store_batch_set_config(struct store_batch *batch, int64_t version, struct str config,
                            const struct store_audit *audit);
/* Where the document's version is still `version`; 0: where there is none of that name. */
void store_batch_put_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                              struct str document, int64_t version, const struct store_audit *audit);
void store_batch_drop_document(struct store_batch *batch, enum store_document_kind kind, struct str name,
                               int64_t version, const struct store_audit *audit);
/* Frees the batch. CONFLICT: something is not as it was seen, or a name is taken. NOT_FOUND: the product that
 * a new environment is to be of has gone. */
FIBER NODISCARD enum status store_batch_write_wait(struct store_batch *batch);

/* ---- revocations (revocation.c): whose tokens are refused ----
 * A mark stands for a subject, a session of the provider's (`sid`) or one token: 32 hexadecimal digits of a
 * SHA-256, which outlive the visitor's erasure and do not say who it was. */

struct str store_mark_subject(struct arena *arena, struct str issuer, struct str subject);
struct str store_mark_session(struct arena *arena, struct str issuer, struct str provider_session);
struct str store_mark_token(struct arena *arena, struct str token_id); /* as audit_token_id named it */

struct store_revocation {
    struct str mark;
    int64_t revoked_at;
};
struct store_revocations {
    struct store_revocation *at;
    size_t count;
    bool has_more; /* what is not among them may be revoked all the same: store_revocation_find_wait */
};
enum { STORE_REVOCATIONS_LOADED = 1000 };

/* Those of three marks (some may be empty) that there are. */
FIBER NODISCARD enum status store_revocation_find_wait(struct store *store, struct arena *arena,
                                                       struct str environment, const struct str marks[3],
                                                       struct store_revocations *found);

/* ---- an environment with all that a server needs of it (load.c), read in one snapshot ---- */

struct store_loaded {
    struct store_environment environment;
    struct store_documents tools;
    struct store_documents knowledge;
    struct store_secrets secrets;         /* the usable ones, of every purpose */
    struct store_key key;                 /* the key that it was found by; all empty when found by id */
    struct store_revocations revocations; /* the latest STORE_REVOCATIONS_LOADED */
};

FIBER NODISCARD enum status store_load_by_id_wait(struct store *store, struct arena *arena, struct str id,
                                                  struct store_loaded *loaded);
/* `lookup`: a publishable key, or a secret key's SHA-256 in lower-case hexadecimal; `is_secret` says which it
 * must be. NOT_FOUND: no such key, or revoked. */
FIBER NODISCARD enum status store_load_by_key_wait(struct store *store, struct arena *arena,
                                                   struct str lookup, bool is_secret,
                                                   struct store_loaded *loaded);

/* ---- visitors (visitor.c) ---- */

struct store_visitor {
    struct str id; /* vis_… */
    struct str environment;
    struct str issuer, subject; /* both, or neither: an anonymous visitor */
    int64_t created_at;
};

/* Finds the visitor whom `issuer` (its name in the config) calls `subject`, or makes it. */
FIBER NODISCARD enum status store_visitor_resolve_wait(struct store *store, struct arena *arena,
                                                       struct str environment, struct str issuer,
                                                       struct str subject, struct store_visitor *visitor);
/* `resume_hash`: of the key that proves later that this is the same browser; SHA-256 in hexadecimal. */
FIBER NODISCARD enum status store_visitor_create_anonymous_wait(struct store *store, struct arena *arena,
                                                                struct str environment,
                                                                struct str resume_hash,
                                                                struct store_visitor *visitor);
FIBER NODISCARD enum status store_visitor_find_anonymous_wait(struct store *store, struct arena *arena,
                                                              struct str environment, struct str resume_hash,
                                                              struct store_visitor *visitor);
FIBER NODISCARD enum status store_visitor_find_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str id,
                                                    struct store_visitor *visitor);

/* ---- messages (message.c) ---- */

enum store_role { STORE_VISITOR, STORE_ASSISTANT, STORE_TOOL_RESULT };
enum store_message_state {
    STORE_ACCEPTED, /* durable, not answered yet */
    STORE_WAITING,  /* for a sign-in */
    STORE_ANSWERED, /* of a visitor's message; what others write is born so */
    STORE_FAILED,
};

struct store_message {
    int64_t position; /* from 1, rising within the conversation */
    struct str id;    /* msg_… */
    struct str conversation;
    enum store_role role;
    struct str subject; /* the verified `sub` when it was written; none: anonymous */
    struct str issuer;
    struct str text;
    struct str parts; /* JSON: tool calls and their results, sources, …; none */
    enum store_message_state state;
    struct str client_id; /* a client's idempotency key; unique in the conversation; none */
    int64_t created_at;
};
struct store_messages {
    struct store_message *at;
    size_t count;
};

/* What is to be appended. */
struct store_message_draft {
    struct str visitor; /* id of whose the conversation must be; empty: anybody's */
    enum store_role role;
    struct str subject, issuer, text, parts;
    enum store_message_state state;
    struct str client_id;
    int64_t
        answers; /* position of the message that this one answers: set to STORE_ANSWERED with it; 0: none */
};

/* Gives it the next position. Where `client_id` stands in the conversation already, the row that is there is
 * given and `*duplicate` is true, and nothing is written. NOT_FOUND: no such conversation of that visitor. */
FIBER NODISCARD enum status store_message_append_wait(struct store *store, struct arena *arena,
                                                      struct str environment, struct str conversation,
                                                      const struct store_message_draft *draft,
                                                      struct store_message *message, bool *duplicate);

struct store_exchange {
    struct store_message question, answer;
};

/* A question and its answer, both in one commit: for an answer that needs nothing but the question. The
 * question's id is the caller's (id_new "msg"), so that the answer can name it. CONFLICT: nothing was
 * written; the question's `client_id` stands in the conversation already, or there is no such conversation of
 * that visitor. */
FIBER NODISCARD enum status store_message_exchange_wait(struct store *store, struct arena *arena,
                                                        struct str environment, struct str conversation,
                                                        const struct store_message_draft *question,
                                                        struct str question_id,
                                                        const struct store_message_draft *answer,
                                                        struct store_exchange *exchange);

FIBER NODISCARD enum status store_message_set_state_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str conversation,
                                                         int64_t position, enum store_message_state state);
/* Those behind `position`, in order. */
FIBER NODISCARD enum status store_message_list_after_wait(struct store *store, struct arena *arena,
                                                          struct str environment, struct str conversation,
                                                          int64_t position, unsigned limit,
                                                          struct store_messages *messages);
/* The latest `limit` of those behind `position` (0: of all), in order. */
FIBER NODISCARD enum status store_message_list_latest_wait(struct store *store, struct arena *arena,
                                                           struct str environment, struct str conversation,
                                                           int64_t position, unsigned limit,
                                                           struct store_messages *messages);

/* ---- conversations (conversation.c) ---- */

struct store_conversation {
    struct str id; /* conv_… */
    struct str environment;
    struct str visitor; /* id of whose it is */
    struct str title;   /* may be empty */
    int64_t created_at;
    int64_t updated_at;    /* of the last message */
    int64_t last_position; /* 0: no message yet */
};
struct store_conversations {
    struct store_conversation *at;
    size_t count;
};

/* What begins with it, all in one transaction: */
struct store_conversation_draft {
    struct str visitor;     /* whose it is; empty: a new anonymous visitor, with `resume_hash` */
    struct str resume_hash; /* SHA-256 of the resume key in hexadecimal */
    struct str title;
    const struct store_message_draft *first; /* its first message; NULL: none yet */
};
struct store_begun {
    struct store_conversation conversation;
    struct store_visitor visitor; /* filled in where it was made here; else only `id` and `environment` */
    struct store_message message; /* where there was a first one */
};

/* NOT_FOUND: no such visitor (or environment). */
FIBER NODISCARD enum status store_conversation_begin_wait(struct store *store, struct arena *arena,
                                                          struct str environment,
                                                          const struct store_conversation_draft *draft,
                                                          struct store_begun *begun);
/* NOT_FOUND also where it is another visitor's; `visitor` empty: whoever's it is. */
FIBER NODISCARD enum status store_conversation_find_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct str visitor,
                                                         struct store_conversation *conversation);
/* Newest message first; `after` is the last conversation of the page before, NULL for the first page. */
FIBER NODISCARD enum status store_conversation_list_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str visitor,
                                                         const struct store_conversation *after,
                                                         unsigned limit,
                                                         struct store_conversations *conversations);
FIBER NODISCARD enum status store_conversation_set_title_wait(struct store *store, struct arena *arena,
                                                              struct str environment, struct str id,
                                                              struct str title);
/* An anonymous visitor's conversation becomes the verified visitor's who signed in. NOT_FOUND: it is not (any
 * more) `from`'s; nobody can take a conversation twice. */
FIBER NODISCARD enum status store_conversation_move_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct str from, struct str to);

/* ---- changes (change.c): what running servers must forget ---- */

struct store_change {
    int64_t position; /* rises in the order of commits, without gaps */
    struct str
        kind; /* "product" | "environment" | "key" | "secret" | "tool" | "knowledge", later "session", … */
    struct str environment;
    struct str id;
};
struct store_changes {
    struct store_change *at;
    size_t count;
    int64_t last; /* the last position there is */
    bool missed;  /* older ones were thrown away meanwhile (after a day): forget everything */
};

/* Of kind STORE_CHANGE_KEY_SET: the key set at the URL `id` is to be fetched anew. */
#define STORE_CHANGE_KEY_SET STR("key-set")

/* Tells running servers of something that is not in the tables. */
FIBER NODISCARD enum status store_change_announce_wait(struct store *store, struct arena *arena,
                                                       struct str kind, struct str environment, struct str id,
                                                       const struct store_audit *audit);
/* The last position there is: where a server begins that has cached nothing yet. */
FIBER NODISCARD enum status store_change_last_wait(struct store *store, struct arena *arena,
                                                   int64_t *position);
FIBER NODISCARD enum status store_change_list_wait(struct store *store, struct arena *arena, int64_t after,
                                                   unsigned limit, struct store_changes *changes);

/* Follows the changes: this process's at once, other processes' within a second. */
struct store_watch;
/* On the calling thread's loop, from now on. `changed` is called on that loop for each change, in order; with
 * NULL where some were missed, and once when it has begun: forget everything. Each front thread may have its
 * own watch. */
struct store_watch *store_watch_start(struct store *store,
                                      void (*changed)(void *context, const struct store_change *change),
                                      void *context);
/* On the same thread, with its loop still running: nothing is called any more after it. `stopped` (may be
 * NULL) is called on the loop when the last question of the watch has come home: before that the store must
 * not be closed nor the loop freed. */
void store_watch_stop(struct store_watch *watch, void (*stopped)(void *context));

/* ---- what administrators see of visitors (visitor_seen.c, conversation_seen.c, visitor_session.c) ---- */

struct store_visitor_seen {
    struct store_visitor visitor;
    struct str name, email; /* as the latest sign-in had them */
    int64_t seen_at;        /* to some minutes */
    int64_t revoked_at;
};
struct store_visitors_seen {
    struct store_visitor_seen *at;
    size_t count;
    struct str next; /* `after` of the next page; empty: this was the last */
};
enum store_visitor_kind { STORE_VISITORS_ALL, STORE_VISITORS_VERIFIED, STORE_VISITORS_ANONYMOUS };

struct store_seen_filter {
    struct str environment;
    struct str search;            /* visitors, conversations: how a word of theirs begins; empty: any */
    struct str visitor;           /* conversations, sessions: id; empty: any */
    enum store_visitor_kind kind; /* visitors */
    int64_t open_since;           /* sessions: only open ones that were seen since; 0: any */
    struct str after;             /* the page before gave it; INVALID where it did not */
    unsigned limit;
};

/* Newest first; with `search`, by what was found. */
FIBER NODISCARD enum status store_visitor_seen_list_wait(struct store *store, struct arena *arena,
                                                         const struct store_seen_filter *filter,
                                                         struct store_visitors_seen *list);
FIBER NODISCARD enum status store_visitor_seen_find_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str id,
                                                         struct store_visitor_seen *seen);

enum { STORE_COUNT_MAX = 1000 }; /* nobody counts further */
struct store_visitor_counts {
    int64_t conversations, sessions, open_sessions;
};
FIBER NODISCARD enum status store_visitor_count_wait(struct store *store, struct arena *arena,
                                                     struct str environment, struct str id,
                                                     int64_t open_since, struct store_visitor_counts *counts);

struct store_conversation_seen {
    struct store_conversation conversation;
    struct str issuer, subject, name, email; /* the visitor's */
};
struct store_conversations_seen {
    struct store_conversation_seen *at;
    size_t count;
    struct str next;
};

/* Newest first; of one visitor, by their latest message; with `search` alone, by what was found. */
FIBER NODISCARD enum status store_conversation_seen_list_wait(struct store *store, struct arena *arena,
                                                              const struct store_seen_filter *filter,
                                                              struct store_conversations_seen *list);
FIBER NODISCARD enum status store_conversation_seen_find_wait(struct store *store, struct arena *arena,
                                                              struct str environment, struct str id,
                                                              struct store_conversation_seen *seen);
/* So that it is found by its title. */
FIBER NODISCARD enum status store_conversation_note_title_wait(struct store *store, struct arena *arena,
                                                               struct str environment, struct str id,
                                                               struct str title);

/* A chat session in which somebody signed in. */
struct store_session {
    struct str id; /* ses_… */
    struct str environment, visitor;
    struct str issuer;
    struct str token; /* as audit_token_id named the one that was last signed in with */
    int64_t token_ends_at;
    struct str provider_session; /* `sid` */
    struct str client;           /* "Firefox on Linux" */
    int64_t started_at, seen_at, ended_at, revoked_at;
    struct str subject, name; /* out: the visitor's */
};
struct store_sessions {
    struct store_session *at;
    size_t count;
    struct str next;
};

/* Creates it or brings it up to date, with what is known of its visitor. Nothing where the visitor was
 * erased.
 */
FIBER NODISCARD enum status store_session_note_wait(struct store *store, struct arena *arena,
                                                    const struct store_session *session);
/* The visitor's name and e-mail address, as the token has them; and that they were here. */
FIBER NODISCARD enum status store_visitor_note_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str visitor,
                                                    struct str name, struct str email, int64_t seen_at);
FIBER NODISCARD enum status store_visitor_note_seen_wait(struct store *store, struct arena *arena,
                                                         struct str environment, struct str visitor,
                                                         int64_t seen_at);
/* Newest first. */
FIBER NODISCARD enum status store_session_list_wait(struct store *store, struct arena *arena,
                                                    const struct store_seen_filter *filter,
                                                    struct store_sessions *list);
FIBER NODISCARD enum status store_session_find_wait(struct store *store, struct arena *arena,
                                                    struct str environment, struct str id,
                                                    struct store_session *session);

/* ---- signing out (revocation.c) ---- */

/* Tokens of that subject that were issued until now are refused; `*sessions`: how many were open and seen
 * since `open_since`. NOT_FOUND: no such verified visitor. */
FIBER NODISCARD enum status store_visitor_revoke_wait(struct store *store, struct arena *arena,
                                                      const struct store_visitor *visitor, int64_t open_since,
                                                      const struct store_audit *audit, int64_t *revoked_at,
                                                      int64_t *sessions);
FIBER NODISCARD enum status store_visitor_restore_wait(struct store *store, struct arena *arena,
                                                       const struct store_visitor *visitor,
                                                       const struct store_audit *audit);
FIBER NODISCARD enum status store_session_revoke_wait(struct store *store, struct arena *arena,
                                                      const struct store_session *session,
                                                      const struct store_audit *audit, int64_t *revoked_at);

/* ---- erasing (erasure.c): in pieces, each a commit of its own ---- */

struct store_erased {
    int64_t conversations, messages, sessions, audit_rows;
};

/* All of a visitor but the audit log's rows, which are made nameless. What was begun and not finished,
 * and what was written to the log behind it, is left to store_erasure_resume_wait. `audit` is written with
 * the first piece. */
FIBER NODISCARD enum status store_visitor_erase_wait(struct store *store, struct arena *arena,
                                                     const struct store_visitor *visitor,
                                                     const struct store_audit *audit,
                                                     struct store_erased *erased);
FIBER NODISCARD enum status store_conversation_erase_wait(struct store *store, struct arena *arena,
                                                          struct str environment, struct str id,
                                                          const struct store_audit *audit, int64_t *messages);
/* Finishes what was begun before `before`; how many visitors. */
FIBER NODISCARD enum status store_erasure_resume_wait(struct store *store, int64_t before, size_t *finished);

/* ---- statistics (figures.c) ---- */

struct store_figure {
    struct str environment;
    int64_t at; /* within the five minutes that it was counted in */
    struct str name, label;
    int64_t counted, total;
};
struct store_figures {
    struct store_figure *at;
    size_t count;
};
enum { STORE_STEP_MINUTES = 300, STORE_STEP_HOUR = 3600, STORE_STEP_DAY = 86400 }; /* seconds */

/* Adds them, for each of the steps. Those before `*done` were added already; raised with each commit, so that
 * who tries again adds nothing twice. */
FIBER NODISCARD enum status store_figures_add_wait(struct store *store, const struct store_figure *figures,
                                                   size_t count, size_t *done);
/* Of [from, until), by time, name and label. */
FIBER NODISCARD enum status store_figures_list_wait(struct store *store, struct arena *arena,
                                                    struct str environment, int64_t step_s, int64_t from,
                                                    int64_t until, struct store_figures *figures);
/* What is older than it is kept: figures, sessions, marks of tokens that have ended. Sessions that were left
 * open by a server that is gone end. */
FIBER NODISCARD enum status store_people_prune_wait(struct store *store, int64_t now_ms);
/* Of administrators: browsers known since before `device_before`, API tokens that ended before that time. */
FIBER NODISCARD enum status store_administrator_prune_wait(struct store *store, int64_t device_before,
                                                           int64_t token_before);

/* ---- what OpenID providers say in their metadata (discovery.c) ----
 * Of an environment's issuer, or, with both empty, of single sign-on. One server for all reads them again:
 * the one that claims it. */

struct store_discovery {
    struct str issuer;            /* its name in the configuration */
    struct str provider;          /* whose metadata were read */
    struct str key_set_url;       /* what they named when they were last read; empty: they never were */
    int64_t read_at;              /* the last time that they could be used */
    int64_t next_at;              /* the next try */
    int64_t failures;             /* in a row */
    struct str problem, sentence; /* of the last try: a word, and for people; empty: none */
};
struct store_discoveries {
    struct store_discovery *at;
    size_t count;
};
FIBER NODISCARD enum status store_discovery_list_wait(struct store *store, struct arena *arena,
                                                      struct str environment, struct store_discoveries *list);
/* Whoever gets OK reads them; nobody else does until `until`. `next_at` as it was seen, 0: there is no row
 * yet. CONFLICT: somebody else is at it. */
FIBER NODISCARD enum status store_discovery_claim_wait(struct store *store, struct str environment,
                                                       struct str issuer, int64_t next_at, int64_t until);
/* What came of it: with `problem`, the metadata could not be used, and what they said before stays. */
FIBER NODISCARD enum status store_discovery_settle_wait(struct store *store, struct str environment,
                                                        const struct store_discovery *discovery);

/* Rows of the log whose time is further back than this are all there: none of that time will still be
 * committed. (Clocks of servers may differ by some seconds.) */
int64_t store_audit_settling_ms(const struct store *store);
/* Where a time stands between the ids of the log's rows. */
struct str store_audit_place(struct arena *arena, int64_t ms);
