/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of keys: read from their documents, immutable from then on, shared by counting. */
#include "base/json.h"
#include "base/memory.h"
#include "jose/context.h"

enum { DOCUMENT_MAX = 1 << 20, SECRETS_MAX = 16 };

static _Atomic uint64_t last_serial;

struct jose_key_set *jose_key_set_new(void) {
    struct jose_key_set *set = mem_alloc_zero(sizeof *set);
    atomic_init(&set->references, 1);
    set->arena = arena_new();
    arena_wipe_on_free(set->arena);
    return set;
}

struct jose_key *jose_key_new(struct jose_key_set *set) {
    struct jose_key *key = ARENA_NEW(set->arena, struct jose_key);
    key->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
    key->may_verify = key->may_sign = true;
    key->not_before = INT64_MIN;
    key->not_after = INT64_MAX;
    return key;
}

void jose_key_set_keep(struct jose_key_set *set, struct jose_key *key) {
    set->keys[set->count++] = key; /* callers see to JOSE_KEYS_MAX */
}

void jose_key_set_skip(struct jose_key_set *set, struct str kid, const char *why, bool is_unreadable) {
    if (set->skipped_count < JOSE_SKIPPED_SHOWN)
        set->skipped[set->skipped_count] = (struct jose_skipped_key){kid, why};
    set->skipped_count++;
    if (is_unreadable && kid.at != NULL && set->unreadable_count < JOSE_KEYS_MAX)
        set->unreadable_kids[set->unreadable_count++] = kid;
}

static bool are_same(const struct jose_key *a, const struct jose_key *b) {
    if (a->type != b->type || a->only != b->only || a->may_verify != b->may_verify ||
        a->may_sign != b->may_sign)
        return false;
    return a->type == JOSE_OCT ? str_equal_secret(a->secret, b->secret) : EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

static bool could_both_be_meant(const struct jose_key *a, const struct jose_key *b) {
    return a->type == b->type && a->curve == b->curve &&
           (a->only == NULL || b->only == NULL || a->only == b->only);
}

static void remove_key(struct jose_key_set *set, size_t index) {
    EVP_PKEY_free(set->keys[index]->pkey);
    for (size_t i = index + 1; i < set->count; i++)
        set->keys[i - 1] = set->keys[i];
    set->count--;
}

/* An id should name one key (RFC 7517 section 4.5). The same key said twice is one; keys of different kinds
 * or algorithms are told apart by a token's `alg`; but of two that both could be meant, or where one cannot
 * be read, none is. */
void jose_key_set_finish(struct jose_key_set *set) {
    for (size_t i = 0; i < set->count; i++) {
        struct jose_key *key = set->keys[i];
        if (key->kid.at == NULL)
            continue;
        for (size_t j = 0; j < set->unreadable_count; j++)
            key->shares_kid = key->shares_kid || str_equal(key->kid, set->unreadable_kids[j]);
        for (size_t j = i + 1; j < set->count;) {
            struct jose_key *other = set->keys[j];
            if (other->kid.at == NULL || !str_equal(key->kid, other->kid)) {
                j++;
            } else if (are_same(key, other)) {
                jose_key_set_skip(set, other->kid, "The same key stands there twice.", false);
                remove_key(set, j);
            } else {
                if (could_both_be_meant(key, other))
                    key->shares_kid = other->shares_kid = true;
                j++;
            }
        }
    }
}

static void add_jwks(struct jose_key_set *set, const json_t *keys, enum jose_key_choice choice) {
    for (size_t i = 0; i < json_array_size(keys); i++) {
        if (i < JOSE_KEYS_MAX)
            jose_jwk_add(set, json_array_get(keys, i), choice);
        else
            jose_key_set_skip(set, STR_NONE, "The set has more than 128 keys.", false);
    }
}

static void add_certificates(struct jose_key_set *set, const json_t *map) {
    const char *name;
    size_t name_len;
    json_t *pem;
    size_t count = 0;
    json_object_keylen_foreach((json_t *)map, name, name_len, pem) {
        if (count++ < JOSE_KEYS_MAX)
            jose_certificate_add(set, str_of(name, name_len), json_str(pem));
        else
            jose_key_set_skip(set, STR_NONE, "The set has more than 128 keys.", false);
    }
}

static bool is_certificate_map(const json_t *json) {
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value) {
        if (!str_starts_with(str_trim(json_str(value)), STR("-----BEGIN CERTIFICATE-----")))
            return false;
    }
    return json_object_size(json) > 0;
}

enum status jose_key_set_from_json(const json_t *json, enum jose_key_choice choice, struct jose_key_set **set,
                                   const char **why) {
    const json_t *keys = json_object_get(json, "keys");
    bool is_set = json_is_array(keys);
    bool is_key = !is_set && json_is_string(json_object_get(json, "kty"));
    if (!is_set && !is_key && !is_certificate_map(json)) {
        if (why != NULL)
            *why = "This is neither a JWK set, nor a JWK, nor a map of key ids to certificates.";
        return INVALID;
    }
    struct jose_key_set *made = jose_key_set_new();
    if (is_set)
        add_jwks(made, keys, choice);
    else if (is_key)
        jose_jwk_add(made, json, choice);
    else
        add_certificates(made, json);
    jose_key_set_finish(made);
    *set = made;
    return OK;
}

enum status jose_key_set_read(struct str text, enum jose_key_choice choice, struct jose_key_set **set,
                              const char **why) {
    if (text.len > DOCUMENT_MAX) {
        if (why != NULL)
            *why = "The document is larger than 1 MiB.";
        return TOO_LARGE;
    }
    json_auto_t *json = NULL;
    struct json_error error = {0, 0, NULL};
    if (json_read(text, JSON_DEPTH_TOKEN, &json, &error) != OK) {
        if (why != NULL)
            *why = error.what != NULL ? error.what : "This is not JSON.";
        return INVALID;
    }
    return jose_key_set_from_json(json, choice, set, why);
}

enum status jose_key_set_from_secrets(const struct str *secrets, size_t count, struct jose_key_set **set) {
    if (count > SECRETS_MAX)
        return TOO_LARGE;
    for (size_t i = 0; i < count; i++) {
        if (secrets[i].len < JOSE_SECRET_MIN || secrets[i].len > JOSE_SECRET_MAX)
            return INVALID;
    }
    struct jose_key_set *made = jose_key_set_new();
    made->ignores_kid = true;
    for (size_t i = 0; i < count; i++) {
        struct jose_key *key = jose_key_new(made);
        key->type = JOSE_OCT;
        key->secret = arena_copy(made->arena, secrets[i]);
        key->bits = (unsigned)secrets[i].len * 8;
        key->is_private = true;
        jose_key_set_keep(made, key);
    }
    *set = made;
    return OK;
}

struct jose_key_set *jose_key_set_retain(const struct jose_key_set *set) {
    struct jose_key_set *shared = (struct jose_key_set *)set; /* all but its count is constant */
    if (shared != NULL)
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    return shared;
}

void jose_key_set_release(struct jose_key_set *set) {
    if (set == NULL || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) != 1)
        return;
    jose_context_forget();
    for (size_t i = 0; i < set->count; i++)
        EVP_PKEY_free(set->keys[i]->pkey);
    arena_free(set->arena);
    mem_free(set);
}

size_t jose_key_set_count(const struct jose_key_set *set) {
    return set->count;
}

const struct jose_key *jose_key_set_at(const struct jose_key_set *set, size_t index) {
    return index < set->count ? set->keys[index] : NULL;
}

size_t jose_key_set_skipped_count(const struct jose_key_set *set) {
    return set->skipped_count;
}

const struct jose_skipped_key *jose_key_set_skipped_at(const struct jose_key_set *set, size_t index) {
    return index < set->skipped_count && index < JOSE_SKIPPED_SHOWN ? &set->skipped[index] : NULL;
}

bool jose_key_set_leaked_private(const struct jose_key_set *set) {
    return set->leaked_private;
}
