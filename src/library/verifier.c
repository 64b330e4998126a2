/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of one or several issuers, and their keys, which may be replaced while others verify. */
#include "base/json.h"
#include "base/memory.h"
#include "library/handles.h"

#include <stdlib.h>

/* What a call that may run out of memory works on: all of it can be reached, and so released, from outside.
 */
struct making {
    enum chatelaine_status (*read)(struct making *making); /* from_issuers or from_text */
    const struct chatelaine_issuer *const *issuers;
    size_t issuer_count;
    struct str text;
    json_t *json;
    struct chatelaine_verifier *verifier;
    enum chatelaine_status status;
    struct chatelaine_error **error;
    struct jose_key_set *keys;
};

static enum chatelaine_status refuse(struct making *making, const char *message) {
    return library_error(making->error, STR(""), str_from(message));
}

static enum chatelaine_status refuse_member(struct making *making, size_t issuer, const char *member,
                                            const char *message) {
    struct str place = arena_print(making->verifier->arena, "/issuers/%zu/%s", issuer, member);
    return library_error(making->error, place, str_from(message));
}

/* ---- secrets and keys ---- */

static const char secrets_refused[] = "A secret has 32 bytes at least (RFC 7518 section 3.2), 4,096 at most; "
                                      "an issuer has 16 of them at most.";

static enum status read_secrets(const struct chatelaine_bytes *secrets, size_t count,
                                struct jose_key_set **keys) {
    struct str slices[SECRETS_MAX];
    *keys = NULL;
    if (count == 0)
        return OK;
    if (count > SECRETS_MAX)
        return INVALID;
    for (size_t i = 0; i < count; i++)
        slices[i] = str_of(secrets[i].at, secrets[i].len);
    return jose_key_set_from_secrets(slices, count, keys);
}

static void put_keys(struct chatelaine_verifier *verifier, size_t issuer, struct jose_key_set *keys) {
    pthread_mutex_lock(&verifier->lock);
    struct jose_key_set *before = verifier->keys[issuer];
    verifier->keys[issuer] = keys;
    pthread_mutex_unlock(&verifier->lock);
    jose_key_set_release(before);
}

struct jose_key_set *verifier_take_keys(const struct chatelaine_verifier *verifier,
                                        const struct identity_issuer *issuer) {
    size_t index = (size_t)(issuer - verifier->sign_in.issuers);
    pthread_mutex_t *lock = (pthread_mutex_t *)&verifier->lock;
    pthread_mutex_lock(lock);
    struct jose_key_set *keys = jose_key_set_retain(verifier->keys[index]);
    pthread_mutex_unlock(lock);
    return keys;
}

/* ---- making one ---- */

static struct chatelaine_verifier *allocate(void) {
    struct chatelaine_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL)
        return NULL;
    if (pthread_mutex_init(&verifier->lock, NULL) == 0)
        return verifier;
    free(verifier);
    return NULL;
}

static enum chatelaine_status read_settings(struct making *making) {
    struct chatelaine_verifier *verifier = making->verifier;
    struct identity_config_error error = {STR_NONE, STR_NONE};
    if (identity_sign_in_read(making->json, verifier->arena, &verifier->sign_in, &error) != OK)
        return library_error(making->error, error.pointer, error.message);
    size_t count = verifier->sign_in.issuer_count;
    verifier->keys = arena_alloc_array(verifier->arena, count, sizeof(struct jose_key_set *));
    for (size_t i = 0; i < count; i++)
        verifier->keys[i] = jose_key_set_retain(verifier->sign_in.issuers[i].pasted_keys);
    return CHATELAINE_OK;
}

static enum chatelaine_status check_issuer(struct making *making, size_t i) {
    const struct chatelaine_issuer *issuer = making->issuers[i];
    if (issuer == NULL || issuer->lacks_memory)
        return CHATELAINE_NO_MEMORY;
    if (issuer->unreadable != NULL)
        return refuse_member(making, i, issuer->unreadable,
                             "This is not UTF-8, or not JSON where it should be.");
    if (issuer->has_too_many_secrets)
        return refuse_member(making, i, "secrets", secrets_refused);
    if (json_array_append(json_object_get(making->json, "issuers"), issuer->json) != 0)
        return CHATELAINE_NO_MEMORY;
    return CHATELAINE_OK;
}

static enum chatelaine_status take_secrets(struct making *making, size_t i) {
    const struct chatelaine_issuer *issuer = making->issuers[i];
    if (issuer->secret_count == 0)
        return CHATELAINE_OK;
    if (making->verifier->sign_in.issuers[i].mode != IDENTITY_HMAC)
        return refuse_member(making, i, "secrets", "The mode \"key-set\" has no secrets.");
    if (read_secrets(issuer->secrets, issuer->secret_count, &making->keys) != OK)
        return refuse_member(making, i, "secrets", secrets_refused);
    put_keys(making->verifier, i, making->keys);
    making->keys = NULL;
    return CHATELAINE_OK;
}

static enum chatelaine_status from_issuers(struct making *making) {
    if (making->issuers == NULL || making->issuer_count == 0)
        return refuse(making, "At least one issuer is needed.");
    making->json = json_pack("{s:[]}", "issuers");
    if (making->json == NULL)
        return CHATELAINE_NO_MEMORY;
    enum chatelaine_status status = CHATELAINE_OK;
    for (size_t i = 0; i < making->issuer_count && status == CHATELAINE_OK; i++)
        status = check_issuer(making, i);
    if (status == CHATELAINE_OK)
        status = read_settings(making);
    for (size_t i = 0; i < making->issuer_count && status == CHATELAINE_OK; i++)
        status = take_secrets(making, i);
    return status;
}

static enum chatelaine_status from_text(struct making *making) {
    struct json_error found = {0, 0, NULL};
    if (json_read(making->text, JSON_DEPTH_DOCUMENT, &making->json, &found) != OK) {
        struct str message = arena_print(making->verifier->arena, "Line %u: %s", found.line,
                                         found.what != NULL ? found.what : "The text is not JSON.");
        return library_error(making->error, STR(""), message);
    }
    if (!json_is_object(making->json))
        return refuse(making, "The settings are a JSON object: the signIn object of a configuration.");
    return read_settings(making);
}

static void make(void *argument) {
    struct making *making = argument;
    making->verifier->arena = arena_new();
    making->status = making->read(making);
}

static enum chatelaine_status finish(struct making *making, struct chatelaine_verifier **verifier) {
    *verifier = NULL;
    if (making->error != NULL)
        *making->error = NULL;
    making->verifier = allocate();
    if (making->verifier == NULL)
        return CHATELAINE_NO_MEMORY;
    bool done = library_run(make, making);
    json_decref(making->json);
    jose_key_set_release(making->keys);
    if (done && making->status == CHATELAINE_OK) {
        *verifier = making->verifier;
        return CHATELAINE_OK;
    }
    chatelaine_verifier_free(making->verifier);
    return done ? making->status : CHATELAINE_NO_MEMORY;
}

enum chatelaine_status chatelaine_verifier_new(const struct chatelaine_issuer *const *issuers, size_t count,
                                               struct chatelaine_verifier **verifier,
                                               struct chatelaine_error **error) {
    struct making making = {.read = from_issuers, .issuers = issuers, .issuer_count = count, .error = error};
    return finish(&making, verifier);
}

enum chatelaine_status chatelaine_verifier_new_from_json(const char *json, size_t len,
                                                         struct chatelaine_verifier **verifier,
                                                         struct chatelaine_error **error) {
    struct making making = {.read = from_text, .text = str_of(json, len), .error = error};
    return finish(&making, verifier);
}

void chatelaine_verifier_free(struct chatelaine_verifier *verifier) {
    if (verifier == NULL)
        return;
    for (size_t i = 0; verifier->keys != NULL && i < verifier->sign_in.issuer_count; i++)
        jose_key_set_release(verifier->keys[i]);
    identity_sign_in_release(&verifier->sign_in);
    arena_free(verifier->arena);
    pthread_mutex_destroy(&verifier->lock);
    free(verifier);
}

/* ---- asked and changed while it is in use ---- */

static const struct identity_issuer *find(const struct chatelaine_verifier *verifier, const char *name) {
    for (size_t i = 0; i < verifier->sign_in.issuer_count; i++) {
        if (str_equal(verifier->sign_in.issuers[i].name, str_from(name)))
            return &verifier->sign_in.issuers[i];
    }
    return NULL;
}

const char *chatelaine_verifier_issuer_name(const struct chatelaine_verifier *verifier, size_t index) {
    return index < verifier->sign_in.issuer_count ? verifier->sign_in.issuers[index].name.at : NULL;
}

const char *chatelaine_verifier_key_set_url(const struct chatelaine_verifier *verifier,
                                            const char *issuer_name) {
    const struct identity_issuer *issuer = find(verifier, issuer_name);
    return issuer != NULL ? issuer->key_set_url.at : NULL;
}

static void read_new_keys(void *argument) {
    struct making *making = argument;
    const char *why = NULL;
    enum status status = jose_key_set_read(making->text, JOSE_PUBLIC_KEYS, &making->keys, &why);
    making->status = status == OK ? CHATELAINE_OK : refuse(making, why != NULL ? why : "This is no key set.");
}

enum chatelaine_status chatelaine_verifier_set_keys(struct chatelaine_verifier *verifier,
                                                    const char *issuer_name, const char *json, size_t len,
                                                    struct chatelaine_error **error) {
    const struct identity_issuer *issuer = find(verifier, issuer_name);
    struct making making = {.text = str_of(json, len), .error = error};
    if (error != NULL)
        *error = NULL;
    if (issuer == NULL)
        return CHATELAINE_NOT_FOUND;
    if (issuer->mode != IDENTITY_KEY_SET)
        return refuse(&making, "The mode \"hmac\" has secrets, and no key set.");
    if (!library_run(read_new_keys, &making))
        return CHATELAINE_NO_MEMORY;
    if (making.status == CHATELAINE_OK)
        put_keys(verifier, (size_t)(issuer - verifier->sign_in.issuers), making.keys);
    return making.status;
}

struct new_secrets {
    const struct chatelaine_bytes *secrets;
    size_t count;
    struct jose_key_set *keys;
    enum status status;
};

static void read_new_secrets(void *argument) {
    struct new_secrets *new = argument;
    new->status = read_secrets(new->secrets, new->count, &new->keys);
}

enum chatelaine_status chatelaine_verifier_set_secrets(struct chatelaine_verifier *verifier,
                                                       const char *issuer_name,
                                                       const struct chatelaine_bytes *secrets, size_t count,
                                                       struct chatelaine_error **error) {
    const struct identity_issuer *issuer = find(verifier, issuer_name);
    struct new_secrets new = {secrets, count, NULL, OK};
    struct making making = {.error = error};
    if (error != NULL)
        *error = NULL;
    if (issuer == NULL)
        return CHATELAINE_NOT_FOUND;
    if (issuer->mode != IDENTITY_HMAC)
        return refuse(&making, "The mode \"key-set\" has no secrets.");
    if (!library_run(read_new_secrets, &new))
        return CHATELAINE_NO_MEMORY;
    if (new.status != OK)
        return refuse(&making, secrets_refused);
    put_keys(verifier, (size_t)(issuer - verifier->sign_in.issuers), new.keys);
    return CHATELAINE_OK;
}
