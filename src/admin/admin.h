/* SPDX-License-Identifier: Apache-2.0 */
/* Everything an administrator does, whoever asks for it: the command line today, the admin API and the
 * dashboard through it. Each change is checked, written with its line in the audit log, and announced to the
 * running servers in one transaction. Secrets leave these functions exactly once: when they are made. */
#pragma once

#include "base/json.h"
#include "store/conversation.h"
#include "store/document.h"
#include "store/environment.h"
#include "store/erasure.h"
#include "store/key.h"
#include "store/product.h"
#include "store/secret.h"
#include "store/visitor.h"
#include "store/visitor_session.h"
#include "vault/vault.h"

/* In whose name, and on what. */
struct admin {
    struct store *store;
    const struct vault *vault;       /* may be NULL where no function of secrets is called */
    struct str actor;                /* "cli:ada": for the audit log */
    const struct store_guard *guard; /* what must still hold when a change is written; NULL: nothing more */
    /* The version that the caller has seen of what it changes: where it is another by now, CONFLICT, with
     * `is_changed_meanwhile`. 0: whatever it is now. ADMIN_NEW: there must be none (tools, knowledge). */
    int64_t version;
};
enum { ADMIN_NEW = -1 };

/* Why not. Filled in whenever a function here gives anything but OK or CANCELED; in the caller's arena. */
struct admin_error {
    struct str
        pointer; /* JSON pointer into the document that was given; empty: the whole, or none was given */
    struct str sentence;       /* what is wrong and what to do */
    bool is_changed_meanwhile; /* CONFLICT: it is not what `admin.version` says any more */
};

/* ---- products and environments (product.c, environment.c) ----
 * A name is 1 to 64 lower-case letters, digits, '-', '_' and '.', and begins with a letter or digit. */

FIBER NODISCARD enum status admin_product_create_wait(const struct admin *admin, struct arena *arena,
                                                      struct str name, struct store_product *product,
                                                      struct admin_error *error);
FIBER NODISCARD enum status admin_product_find_wait(const struct admin *admin, struct arena *arena,
                                                    struct str id_or_name, struct store_product *product,
                                                    struct admin_error *error);
FIBER NODISCARD enum status admin_product_rename_wait(const struct admin *admin, struct arena *arena,
                                                      struct str id_or_name, struct str name,
                                                      struct admin_error *error);
FIBER NODISCARD enum status admin_product_delete_wait(const struct admin *admin, struct arena *arena,
                                                      struct str id_or_name, struct admin_error *error);

/* An environment comes with a publishable key. `config` NULL: an empty one. */
FIBER NODISCARD enum status
admin_environment_create_wait(const struct admin *admin, struct arena *arena, struct str product,
                              struct str name, const json_t *config, struct store_environment *environment,
                              struct store_key *publishable, struct admin_error *error);
/* `environment` is an id, or a name of the product `product` (id or name). */
FIBER NODISCARD enum status admin_environment_find_wait(const struct admin *admin, struct arena *arena,
                                                        struct str product, struct str environment,
                                                        struct store_environment *found,
                                                        struct admin_error *error);
/* `version`: the one that was read before the change; 0: whatever it is now. CONFLICT: somebody else was
 * faster. The same config again changes nothing (`*changed`). `environment` is brought up to date. */
FIBER NODISCARD enum status admin_environment_set_config_wait(const struct admin *admin, struct arena *arena,
                                                              struct store_environment *environment,
                                                              int64_t version, const json_t *config,
                                                              bool *changed, struct admin_error *error);
FIBER NODISCARD enum status admin_environment_rename_wait(const struct admin *admin, struct arena *arena,
                                                          const struct store_environment *environment,
                                                          struct str name, struct admin_error *error);
FIBER NODISCARD enum status admin_environment_delete_wait(const struct admin *admin, struct arena *arena,
                                                          const struct store_environment *environment,
                                                          struct admin_error *error);

/* ---- keys (key.c) ---- */

/* `*text` is the key; of a secret one (`sk_…`) nothing but its hash is kept. */
FIBER NODISCARD enum status admin_key_issue_wait(const struct admin *admin, struct arena *arena,
                                                 const struct store_environment *environment, bool is_secret,
                                                 struct store_key *key, struct str *text,
                                                 struct admin_error *error);
FIBER NODISCARD enum status admin_key_revoke_wait(const struct admin *admin, struct arena *arena,
                                                  const struct store_environment *environment, struct str id,
                                                  struct admin_error *error);

/* ---- key sets (key_set.c) ---- */

struct admin_key_set {
    struct str issuer; /* its name in the configuration */
    struct str url;
};
struct admin_key_sets {
    struct admin_key_set *at;
    size_t count;
};

/* Those that are fetched: of one issuer, or, where `issuer` is empty, of all. NOT_FOUND: none. */
NODISCARD enum status admin_key_set_list(struct arena *arena, const struct store_environment *environment,
                                         struct str issuer, struct admin_key_sets *key_sets,
                                         struct admin_error *error);
/* Has running servers fetch it anew. */
FIBER NODISCARD enum status admin_key_set_refresh_wait(const struct admin *admin, struct arena *arena,
                                                       const struct store_environment *environment,
                                                       const struct admin_key_set *key_set,
                                                       struct admin_error *error);

/* ---- secrets (secret.c) ---- */

/* What is to happen to the secrets that are in use for the same purpose and name. */
enum admin_succession {
    ADMIN_FIRST,   /* there must be none: CONFLICT */
    ADMIN_OVERLAP, /* they verify for `overlap_ms` more */
    ADMIN_REPLACE, /* they end now */
};

struct admin_secret_request {
    struct str purpose; /* STORE_SECRET_VISITOR_SIGNING ("cs_…") or STORE_SECRET_TOOL_SIGNING ("whsec_…") */
    struct str
        name; /* the issuer's, which must stand in the config; empty: its only one. Tool signing has none */
    enum admin_succession succession;
    int64_t overlap_ms;
    int64_t lifetime_ms; /* 0: until it is replaced */
};

/* Makes 32 random bytes; `*text` is what the customer's backend signs with: that text itself, as bytes, is
 * the HMAC key. It is in `arena`, to be wiped with it, and shown nowhere again. */
FIBER NODISCARD enum status admin_secret_generate_wait(const struct admin *admin, struct arena *arena,
                                                       const struct store_environment *environment,
                                                       const struct admin_secret_request *request,
                                                       struct store_secret *secret, struct str *text,
                                                       struct admin_error *error);
/* Keeps a value of somebody else's, such as a model's API key, under the name that the config refers to; one
 * that was there is replaced. */
FIBER NODISCARD enum status admin_secret_set_wait(const struct admin *admin, struct arena *arena,
                                                  const struct store_environment *environment,
                                                  struct str name, struct str value,
                                                  struct store_secret *secret, struct admin_error *error);
/* Whether that very value is kept under that name already. NOT_FOUND: another one is, or none. */
FIBER NODISCARD enum status admin_secret_find_same_wait(const struct admin *admin, struct arena *arena,
                                                        const struct store_environment *environment,
                                                        struct str name, struct str value,
                                                        struct store_secret *secret,
                                                        struct admin_error *error);
FIBER NODISCARD enum status admin_secret_kill_wait(const struct admin *admin, struct arena *arena,
                                                   const struct store_environment *environment, struct str id,
                                                   struct admin_error *error);
/* Seals everything anew that is not sealed by the vault's first key. `*unopened` counts those that no loaded
 * key opens: they are left as they are. */
FIBER NODISCARD enum status admin_secret_reseal_wait(const struct admin *admin, struct arena *arena,
                                                     size_t *resealed, size_t *unopened,
                                                     struct admin_error *error);

/* ---- tools and knowledge (tool.c, knowledge.c) ---- */

FIBER NODISCARD enum status admin_tool_put_wait(const struct admin *admin, struct arena *arena,
                                                const struct store_environment *environment,
                                                const json_t *tool, struct store_document *stored,
                                                bool *changed, struct admin_error *error);
FIBER NODISCARD enum status admin_knowledge_put_wait(const struct admin *admin, struct arena *arena,
                                                     const struct store_environment *environment,
                                                     const json_t *snippet, struct store_document *stored,
                                                     bool *changed, struct admin_error *error);
FIBER NODISCARD enum status admin_document_remove_wait(const struct admin *admin, struct arena *arena,
                                                       enum store_document_kind kind,
                                                       const struct store_environment *environment,
                                                       struct str name, struct admin_error *error);

/* Pure: whether the document may be saved. INVALID or TOO_LARGE. */
NODISCARD enum status admin_tool_check(struct arena *arena, const json_t *tool, struct str *name,
                                       struct admin_error *error);
NODISCARD enum status admin_knowledge_check(struct arena *arena, const json_t *snippet, struct str *name,
                                            struct admin_error *error);
NODISCARD enum status admin_config_check(struct arena *arena, const json_t *config,
                                         struct admin_error *error);

/* ---- a whole environment from one document (apply.c) ----
 *
 *   { "config": {…}, "tools": [{…}], "knowledge": [{…}] }
 *
 * Product, environment and publishable key are made where they are missing. What the document says is brought
 * about; of tools and knowledge, those that a given list does not name are removed; a member that is absent
 * leaves all as it is. Everything is checked before anything is written, and the same document again changes
 * nothing. */
struct admin_applied {
    struct store_product product;         /* empty id: it would be made */
    struct store_environment environment; /* as it is afterwards; empty id: it would be made */
    struct str publishable_key;
    bool is_created; /* the environment is new */
    unsigned changed, removed;
    bool signs_tool_calls; /* it has a tool-signing secret: without one no tool can be called */
    /* [{"op": "add" | "change" | "remove", "what": "tool/get_balance", "pointer": "/tools/0/url", "before":
     * …, "after": …}]; what is not there is null. The arena's. */
    json_t *changes;
    json_t *missing_secrets; /* [{"purpose", "name"}]: what the configuration refers to. The arena's */
};
/* All of it in one transaction. `admin->version` is what admin_export_wait gave, 0, or
 * ADMIN_NEW: the environment must be one that is made. */
FIBER NODISCARD enum status admin_apply_wait(const struct admin *admin, struct arena *arena,
                                             struct str product, struct str environment,
                                             const json_t *document, struct admin_applied *applied,
                                             struct admin_error *error);
/* The same; where `is_dry`, nothing is written, and `applied` says what would be. */
FIBER NODISCARD enum status admin_apply_or_try_wait(const struct admin *admin, struct arena *arena,
                                                    struct str product, struct str environment,
                                                    const json_t *document, bool is_dry,
                                                    struct admin_applied *applied, struct admin_error *error);

/* What a document says that leaves the environment as it is: config, tools, knowledge, in that order. A new
 * reference. `*version` is another one after each change of any of them. */
FIBER NODISCARD enum status admin_export_wait(const struct admin *admin, struct arena *arena,
                                              const struct store_environment *environment, json_t **document,
                                              int64_t *version, struct admin_error *error);

/* Pure: how to come from one value to the other, as `changes` above (diff.c). `what` is put into each of
 * them, `pointer` before each pointer. Appends to `changes`. Members are compared by name, elements of lists
 * by their `name` or `id` where all have one; other lists are one value. */
void admin_diff(json_t *changes, struct str what, struct str pointer, const json_t *before,
                const json_t *after);

/* ---- visitors, sessions, conversations (people.c) ---- */

/* Every token of the visitor that was issued until now is refused. `*sessions`: how many were open (seen
 * since `open_since`). INVALID: an anonymous visitor. */
FIBER NODISCARD enum status admin_visitor_revoke_wait(const struct admin *admin, struct arena *arena,
                                                      const struct store_visitor *visitor, int64_t open_since,
                                                      int64_t *revoked_at, int64_t *sessions,
                                                      struct admin_error *error);
FIBER NODISCARD enum status admin_visitor_restore_wait(const struct admin *admin, struct arena *arena,
                                                       const struct store_visitor *visitor,
                                                       struct admin_error *error);
/* All that is kept of them goes; the audit log's rows are made nameless. */
FIBER NODISCARD enum status admin_visitor_erase_wait(const struct admin *admin, struct arena *arena,
                                                     const struct store_visitor *visitor,
                                                     struct store_erased *erased, struct admin_error *error);
/* Before all that is kept of a visitor is given away. */
FIBER NODISCARD enum status admin_visitor_note_export_wait(const struct admin *admin, struct arena *arena,
                                                           const struct store_visitor *visitor,
                                                           struct admin_error *error);
/* The session's token, and every token of its session at the provider, is refused. */
FIBER NODISCARD enum status admin_session_revoke_wait(const struct admin *admin, struct arena *arena,
                                                      struct store_session *session,
                                                      struct admin_error *error);
FIBER NODISCARD enum status admin_conversation_delete_wait(const struct admin *admin, struct arena *arena,
                                                           const struct store_conversation *conversation,
                                                           struct admin_error *error);

/* ---- what may be told of a secret (secret_state.c) ---- */

/* A new reference; never the secret itself. */
json_t *admin_secret_json(const struct store_secret *secret);
/* "usable", "ending" (usable, with an end), "ended" or "killed". */
const char *admin_secret_state(const struct store_secret *secret);
