/* SPDX-License-Identifier: Apache-2.0 */
/* The resolved identity: the only thing that tools and model ever see of a token. */
#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"
#include "identity/claims.h"
#include "identity/mapping.h"

/* Claims that say something about the token, not about the user. `sub` is put in by itself. */
static bool is_about_the_token(const char *name) {
    static const char *const names[] = {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", NULL};
    const char *const *at = names;
    while (*at != NULL && !str_equal(str_from(*at), str_from(name)))
        at++;
    return *at != NULL;
}

/* Names and values are in order, so where this fails memory has run out: better none than half an identity.
 */
static void put(json_t *user, struct str name, json_t *value) {
    if (json_object_setn(user, name.at, name.len, value) != 0)
        mem_exhausted();
}

static json_t *resolve_mapped(const json_t *claims, const struct identity_mapping *mapping) {
    json_t *user = json_object();
    put(user, STR("sub"), json_object_get(claims, "sub"));
    for (size_t i = 0; i < mapping->count; i++) {
        json_t *value = identity_claim_at(claims, mapping->rules[i].path);
        if (value != NULL)
            put(user, mapping->rules[i].name, value);
    }
    return user;
}

static json_t *resolve_all(const json_t *claims) {
    const char *name;
    json_t *value;
    json_t *user = json_object();
    put(user, STR("sub"), json_object_get(claims, "sub"));
    json_object_foreach((json_t *)claims, name, value) {
        if (!is_about_the_token(name))
            put(user, str_from(name), value);
    }
    return user;
}

/* ---- permissions ---- */

struct permission_list {
    struct str *at;
    size_t count;
};

static enum status add_permission(struct permission_list *list, struct str permission) {
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->at[i], permission))
            return OK;
    }
    if (list->count == PERMISSIONS_MAX || permission.len > PERMISSION_LEN_MAX)
        return TOO_LARGE;
    list->at[list->count++] = permission;
    return OK;
}

/* Words with spaces between them (RFC 6749 section 3.3), or a list of texts; anything else grants nothing. */
static enum status add_permissions(struct permission_list *list, const json_t *claim) {
    struct str rest = json_str(claim);
    struct str word;
    while (str_cut(&rest, ' ', &word)) {
        if (word.len > 0)
            TRY(add_permission(list, word));
    }
    for (size_t i = 0; i < json_array_size(claim); i++) {
        struct str item = json_str(json_array_get(claim, i));
        if (item.len > 0)
            TRY(add_permission(list, item));
    }
    return OK;
}

static size_t permissions_possible(const json_t *claim) {
    size_t count = json_array_size(claim);
    struct str text = json_str(claim);
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ' ';
    return count + 1;
}

static enum status read_permissions(const struct claim_check *check, struct identity *identity) {
    const struct identity_issuer *issuer = check->issuer;
    size_t possible = 0;
    for (size_t i = 0; i < issuer->permission_claim_count; i++) {
        const json_t *claim = identity_claim_at(check->claims, issuer->permission_claims[i]);
        possible += claim != NULL ? permissions_possible(claim) : 0;
    }
    if (possible == 0)
        return OK;
    possible = possible < PERMISSIONS_MAX ? possible : PERMISSIONS_MAX;
    struct permission_list list = {arena_alloc_array(check->arena, possible, sizeof *list.at), 0};
    for (size_t i = 0; i < issuer->permission_claim_count; i++) {
        const json_t *claim = identity_claim_at(check->claims, issuer->permission_claims[i]);
        if (claim != NULL)
            TRY(add_permissions(&list, claim));
    }
    identity->permissions = list.at;
    identity->permission_count = list.count;
    return OK;
}

/* ---- all of it ---- */

enum status user_resolve(const struct claim_check *check, struct identity *identity) {
    const struct identity_mapping *mapping = check->issuer->mapping;
    identity->user = mapping != NULL ? resolve_mapped(check->claims, mapping) : resolve_all(check->claims);
    identity->user_text = json_write(check->arena, identity->user);
    if (str_equal(identity->user_text, STR("null"))) /* an object that could not be written */
        mem_exhausted();
    identity->email = json_get_str(identity->user, "email");
    identity->name = json_get_str(identity->user, "name");
    if (json_object_size(identity->user) <= USER_MEMBERS_MAX && identity->user_text.len <= USER_TEXT_MAX &&
        read_permissions(check, identity) == OK)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_IDENTITY_TOO_LARGE,
                  "What is passed on has %zu members and %zu bytes; at most 128 members, 16384 bytes, and "
                  "256 permissions of 256 bytes are allowed.",
                  json_object_size(identity->user), identity->user_text.len);
    return INVALID;
}
