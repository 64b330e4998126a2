/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows of the store to the environment that requests are served by. */
#include "environment/load.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdatomic.h>

static _Atomic uint64_t generations = 1;

struct loaded_environment {
    struct environment public; /* first: what others see */
    unsigned references;
    struct arena *arena; /* all of it; wiped, since opened secrets live there */
    json_t *document;
    struct jose_key_set **keys;
    struct tool **tools;
};

static struct loaded_environment *whole(struct environment *environment) {
    return (struct loaded_environment *)environment;
}

void environment_ref(struct environment *environment) {
    whole(environment)->references++;
}

void environment_unref(struct environment *environment) {
    if (environment == NULL || --whole(environment)->references > 0)
        return;
    struct loaded_environment *loaded = whole(environment);
    if (environment->attachment_free != NULL)
        environment->attachment_free(environment->attachment);
    size_t issuers = environment->config.sign_in != NULL ? environment->config.sign_in->issuer_count : 0;
    for (size_t i = 0; loaded->keys != NULL && i < issuers; i++)
        jose_key_set_release(loaded->keys[i]);
    for (size_t i = 0; i < environment->tool_count; i++)
        tool_free(loaded->tools[i]);
    statistics_release(environment->counters);
    environment_config_release(&environment->config);
    json_decref(loaded->document);
    arena_free(loaded->arena); /* `loaded` itself lives in it */
}

/* ---- secrets ---- */

static enum status open_secret(const struct vault *vault, struct arena *arena,
                               const struct store_secret *secret, struct str *text) {
    struct vault_row row = {STR("secrets"), secret->environment, secret->id, secret->purpose};
    enum status status = vault_open(vault, arena, &row, secret->sealed, text);
    if (status != OK)
        log_event(LOG_ERROR, "secret-not-opened", LOG_STR("environment", secret->environment),
                  LOG_STR("secret", secret->id), LOG_STR("why", str_from(status_name(status))));
    return status;
}

/* The usable secrets of this purpose and name, opened, the newest first (as the store lists them). Those that
 * do not open are left out and logged: one damaged row must not take an environment down. */
static struct str_list open_secrets(struct loaded_environment *loaded, const struct vault *vault,
                                    const struct store_secrets *secrets, struct str purpose, struct str name,
                                    struct environment_use **uses) {
    struct str *texts = arena_alloc_array(loaded->arena, secrets->count, sizeof *texts);
    struct environment_use *opened = arena_alloc_array(loaded->arena, secrets->count, sizeof *opened);
    size_t count = 0;
    for (size_t i = 0; i < secrets->count; i++) {
        const struct store_secret *secret = &secrets->at[i];
        if (!str_equal(secret->purpose, purpose) || !str_equal(secret->name, name))
            continue;
        if (open_secret(vault, loaded->arena, secret, &texts[count]) != OK)
            continue;
        opened[count].id = arena_copy(loaded->arena, secret->id);
        opened[count].noted_at_ms = secret->last_used_at;
        count++;
        if (secret->expires_at != 0 && secret->expires_at < loaded->public.valid_until_ms)
            loaded->public.valid_until_ms = secret->expires_at;
    }
    *uses = count > 0 ? opened : NULL;
    return (struct str_list){texts, count};
}

static void load_keys(struct loaded_environment *loaded, const struct vault *vault,
                      const struct store_secrets *secrets) {
    const struct identity_sign_in *sign_in = loaded->public.config.sign_in;
    struct environment_use **uses =
        arena_alloc_array(loaded->arena, sign_in->issuer_count, sizeof(struct environment_use *));
    loaded->keys = arena_alloc_array(loaded->arena, sign_in->issuer_count, sizeof(struct jose_key_set *));
    for (size_t i = 0; i < sign_in->issuer_count; i++) {
        const struct identity_issuer *issuer = &sign_in->issuers[i];
        if (issuer->mode == IDENTITY_KEY_SET) {
            loaded->keys[i] = jose_key_set_retain(issuer->pasted_keys);
            continue;
        }
        struct str_list texts =
            open_secrets(loaded, vault, secrets, STORE_SECRET_VISITOR_SIGNING, issuer->name, &uses[i]);
        if (texts.count > 0 && jose_key_set_from_secrets(texts.at, texts.count, &loaded->keys[i]) != OK)
            log_event(LOG_ERROR, "signing-secret-unusable", LOG_STR("environment", loaded->public.id),
                      LOG_STR("issuer", issuer->name));
    }
    loaded->public.local_keys = loaded->keys;
    loaded->public.signing_uses = uses;
}

/* ---- tools ---- */

static void load_tools(struct loaded_environment *loaded, const struct store_documents *documents) {
    loaded->tools = arena_alloc_array(loaded->arena, documents->count, sizeof(struct tool *));
    for (size_t i = 0; i < documents->count; i++) {
        json_auto_t *json = NULL;
        struct tool_error error;
        enum status status = json_read(documents->at[i].document, JSON_DEPTH_DOCUMENT, &json, NULL);
        if (status == OK)
            status = tool_read(loaded->arena, json, &loaded->tools[loaded->public.tool_count], &error);
        if (status == OK)
            loaded->public.tool_count++;
        else
            log_event(LOG_ERROR, "tool-unreadable", LOG_STR("environment", loaded->public.id),
                      LOG_STR("tool", documents->at[i].id));
    }
    loaded->public.tools = (const struct tool *const *)loaded->tools;
}

static void copy_knowledge(struct loaded_environment *loaded, const struct store_documents *documents) {
    struct store_document *copies = arena_alloc_array(loaded->arena, documents->count, sizeof *copies);
    for (size_t i = 0; i < documents->count; i++) {
        copies[i] = documents->at[i];
        copies[i].id = arena_copy(loaded->arena, documents->at[i].id);
        copies[i].name = arena_copy(loaded->arena, documents->at[i].name);
        copies[i].document = arena_copy(loaded->arena, documents->at[i].document);
        copies[i].environment = loaded->public.id;
    }
    loaded->public.knowledge = copies;
    loaded->public.knowledge_count = documents->count;
}

/* ---- the whole ---- */

static void copy_names(struct environment *environment, struct arena *arena,
                       const struct store_loaded *rows) {
    environment->id = arena_copy(arena, rows->environment.id);
    environment->name = arena_copy(arena, rows->environment.name);
    environment->product_id = arena_copy(arena, rows->environment.product);
    environment->product_name = arena_copy(arena, rows->environment.product_name);
    environment->key_id = arena_copy(arena, rows->key.id);
    environment->key_use = ARENA_NEW(arena, struct environment_use);
    *environment->key_use = (struct environment_use){
        .id = environment->key_id, .is_key = true, .noted_at_ms = rows->key.last_used_at};
}

static enum status read_config(struct loaded_environment *loaded, struct str document) {
    struct environment_error error = {STR_NONE, STR_NONE};
    enum status status = json_read(document, JSON_DEPTH_DOCUMENT, &loaded->document, NULL);
    if (status == OK)
        status = environment_config_read(loaded->arena, loaded->document, &loaded->public.config, &error);
    if (status != OK)
        log_event(LOG_ERROR, "environment-unreadable", LOG_STR("environment", loaded->public.id),
                  LOG_STR("pointer", error.pointer));
    return status == OK ? OK : INVALID;
}

enum status environment_make(const struct store_loaded *rows, const struct vault *vault,
                             struct environment **environment) {
    struct arena *arena = arena_new();
    arena_wipe_on_free(arena);
    struct loaded_environment *loaded = ARENA_NEW(arena, struct loaded_environment);
    loaded->references = 1;
    loaded->arena = arena;
    loaded->public.valid_until_ms = INT64_MAX;
    loaded->public.generation = atomic_fetch_add_explicit(&generations, 1, memory_order_relaxed);
    copy_names(&loaded->public, arena, rows);
    enum status status = read_config(loaded, rows->environment.config);
    if (status != OK) {
        environment_unref(&loaded->public);
        return status;
    }
    environment_copy_revocations(&loaded->public, arena, &rows->revocations);
    load_keys(loaded, vault, &rows->secrets);
    load_tools(loaded, &rows->tools);
    copy_knowledge(loaded, &rows->knowledge);
    loaded->public.tool_signing = open_secrets(loaded, vault, &rows->secrets, STORE_SECRET_TOOL_SIGNING,
                                               STR(""), &loaded->public.tool_signing_use);
    if (!str_is_empty(loaded->public.config.assistant.api_key_secret)) {
        struct str_list keys =
            open_secrets(loaded, vault, &rows->secrets, STORE_SECRET_NAMED,
                         loaded->public.config.assistant.api_key_secret, &loaded->public.api_key_use);
        loaded->public.api_key = keys.count > 0 ? keys.at[0] : STR_NONE;
    }
    *environment = &loaded->public;
    return OK;
}

enum status environment_load_wait(struct store *store, const struct vault *vault, struct str id,
                                  struct environment **environment) {
    AUTO_ARENA arena = arena_new();
    struct store_loaded rows;
    TRY(store_load_by_id_wait(store, arena, id, &rows));
    TRY(environment_make(&rows, vault, environment));
    (*environment)->store = store;
    return OK;
}
