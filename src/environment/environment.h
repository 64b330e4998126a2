/* SPDX-License-Identifier: Apache-2.0 */
/* An environment as a running server needs it: its configuration read, its tools compiled, its secrets
 * opened. Each front thread has a cache of its own; what it holds is immutable and used on that thread alone,
 * so the reference counts are plain numbers and the hot path takes no lock. */
#pragma once

#include "base/fiber.h"
#include "base/json.h"
#include "identity/identity.h"
#include "statistics/statistics.h"
#include "store/document.h"
#include "store/revocation.h"
#include "tool/tool.h"
#include "vault/vault.h"

/* ---- the configuration document (config.c): pure, also what an administrator's change is checked by ---- */

struct str_list {
    const struct str *at;
    size_t count;
};

enum assistant_kind { ASSISTANT_RULES, ASSISTANT_OPENAI };

/* The `assistant` member. */
struct environment_assistant {
    enum assistant_kind kind;
    struct str greeting; /* may be empty; may hold {user.name} */
    struct str_list suggestions;
    struct str fallback; /* rules: what is said when nothing fits; may be empty: the assistant's own words */
    struct str url;      /* openai: base, "https://…/v1"; "/chat/completions" is put behind it */
    struct str model;    /* openai */
    struct str api_key_secret; /* openai: name of the sealed secret; empty: no key is sent */
    struct str instructions;   /* openai */
    unsigned max_tokens;       /* of one answer; 1024 where not given */
    unsigned timeout_s;        /* for one answer; 60 where not given */
};

struct environment_limits {
    unsigned message_characters;          /* of a visitor's message; 4000 where not given */
    unsigned visitor_messages_per_minute; /* as many at once; 60 where not given, 0: no limit */
    unsigned messages_per_minute;         /* of all visitors; 6000 where not given, 0: no limit */
    unsigned requests_per_second;         /* of all kinds; 0, also where not given: no limit */
};

struct environment_config {
    struct str_list origins; /* serialised as browsers do ("https://acme.example"), or "*" alone */
    const struct identity_sign_in *sign_in;
    struct environment_assistant assistant;
    struct environment_limits limits;
    const json_t *appearance; /* the widget's options, an object; NULL where none */
};

struct environment_error {
    struct str pointer;  /* JSON pointer (RFC 6901) into the document; "" is the whole */
    struct str sentence; /* for the administrator */
};

/* Reads and checks `document`, which must outlive `config`, as must `arena`. Members that it does not know
 * are refused. INVALID, with `error` (its texts in `arena`). Release what was read with
 * environment_config_release. */
NODISCARD enum status environment_config_read(struct arena *arena, const json_t *document,
                                              struct environment_config *config,
                                              struct environment_error *error);
void environment_config_release(
    struct environment_config *config); /* its pasted keys; a zeroed one is fine */

/* Whether a page of this origin may use the environment. */
bool environment_allows_origin(const struct environment_config *config, struct str origin);

/* ---- loaded (environment.c) ---- */

/* Whether a key or a secret is used is remembered to some ten minutes. */
struct environment_use {
    struct str id; /* empty: nothing to remember */
    bool is_key;
    int64_t noted_at_ms;
};

struct environment {
    uint64_t generation; /* another one each time it is loaded: what was concluded from it ends with it */
    struct str id, name;
    struct str product_id, product_name;
    struct store *store; /* where it came from; NULL: nowhere */
    struct str key_id;   /* of the key that it was found by; empty when by id */
    struct environment_use *key_use;
    struct environment_config config;
    struct jose_key_set *const *local_keys; /* by issuer: HMAC secrets, pasted keys; NULL: to be fetched */
    /* By issuer, then as its secrets stand among its keys; NULL where it has none. */
    struct environment_use *const *signing_uses;
    const struct tool *const *tools;
    size_t tool_count;
    const struct store_document *knowledge; /* documents as stored */
    size_t knowledge_count;
    struct str api_key;                                     /* the assistant's, opened; may be empty */
    struct str_list tool_signing;                           /* "whsec_…", the newest first */
    struct environment_use *api_key_use, *tool_signing_use; /* of the newest; NULL where there is none */
    int64_t valid_until_ms;                                 /* a secret ends then: load anew */
    struct store_revocations revocations;                   /* by mark */
    struct statistics_counters *counters;                   /* NULL: nothing is counted */

    /* What a higher floor made of this environment, once; goes with it. */
    void *attachment;
    void (*attachment_free)(void *attachment);
};

/* For an administrator: as the environment of this id is now, past any cache. It comes with a reference.
 * NOT_FOUND; INVALID: its stored configuration does not read (logged). */
FIBER NODISCARD enum status environment_load_wait(struct store *store, const struct vault *vault,
                                                  struct str id, struct environment **environment);

/* Says that it is used now (`use` NULL is fine): written at its leisure, where that was not done lately. In a
 * loop, or a fiber of one. */
void environment_note_use(const struct environment *environment, struct environment_use *use, int64_t now_ms);

/* Whether the token of this verified identity may still be used: DENIED where its subject, its session or it
 * itself was signed out. UNAVAILABLE: there are too many revocations to know it here, ask `_wait`. */
NODISCARD enum status environment_admits(const struct environment *environment, struct arena *arena,
                                         const struct identity *identity, struct str token);
FIBER NODISCARD enum status environment_admits_wait(const struct environment *environment,
                                                    struct arena *arena, const struct identity *identity,
                                                    struct str token);

void environment_ref(struct environment *environment);
void environment_unref(struct environment *environment); /* NULL is fine; the last one wipes its secrets */

/* ---- the cache of a front thread (cache.c) ---- */

struct environment_cache;

struct environment_cache *environment_cache_new(struct store *store, const struct vault *vault);
/* What its environments count with; `fetches` may be NULL. */
void environment_cache_count_with(struct environment_cache *cache, struct statistics *statistics,
                                  struct statistics_fetches *fetches);
void environment_cache_free(struct environment_cache *cache); /* environments in use live on until unref'ed */

/* By a key's text: publishable (`pk_…`) or secret (`sk_…`; held by its hash alone). `_peek` never waits: OK,
 * NOT_FOUND or INVALID (known not to exist, or not to read), or UNAVAILABLE: ask `_find_wait`. The
 * environment is borrowed: environment_ref what is kept across a wait. */
NODISCARD enum status environment_peek(struct environment_cache *cache, struct str key,
                                       struct environment **environment);
/* NOT_FOUND: no such key, or it is revoked. INVALID: the environment's stored configuration does not read
 * (logged). The environment comes with a reference for the caller. */
FIBER NODISCARD enum status environment_find_wait(struct environment_cache *cache, struct str key,
                                                  struct environment **environment);

/* Something of it has changed: dropped, the next request loads it anew. `id` empty: all of them. */
void environment_cache_drop(struct environment_cache *cache, struct str id);
/* From any thread, when a change of it is on the disk: no cache of this process serves what it loaded before,
 * not even to a request that comes right behind. `id` must not be empty. */
void environment_changed(struct str id);
size_t environment_cache_count(const struct environment_cache *cache);
