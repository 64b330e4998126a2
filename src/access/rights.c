/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access.h"

static const char *const role_names[] = {"none", "viewer", "developer", "admin", "owner"};
static const char *const right_names[ACCESS_RIGHTS] = {"read",         "configure", "secrets",
                                                       "people-write", "manage",    "own"};
static const enum access_role least[ACCESS_RIGHTS] = {ACCESS_VIEWER, ACCESS_DEVELOPER, ACCESS_DEVELOPER,
                                                      ACCESS_ADMIN,  ACCESS_ADMIN,     ACCESS_OWNER};

bool access_role_has(enum access_role role, enum access_right right) {
    return right < ACCESS_RIGHTS && role >= least[right] && role <= ACCESS_OWNER;
}

static bool covers(const struct access_grant *grant, struct str product) {
    return str_is_empty(grant->product) || (!str_is_empty(product) && str_equal(grant->product, product));
}

enum access_role access_role_over(const struct access_principal *principal, struct str product) {
    if (principal->may_all)
        return ACCESS_OWNER;
    enum access_role highest = ACCESS_NO_ROLE;
    for (size_t i = 0; i < principal->grant_count; i++) {
        const struct access_grant *grant = &principal->grants[i];
        if (covers(grant, product) && grant->role > highest && grant->role <= ACCESS_OWNER)
            highest = grant->role;
    }
    return highest;
}

static bool is_in_scope(const struct access_principal *principal, struct str product,
                        enum access_right right) {
    if (!principal->is_scoped)
        return true;
    if ((principal->scopes >> (unsigned)right & 1U) == 0)
        return false;
    return str_is_empty(principal->scope_product) || str_equal(principal->scope_product, product);
}

bool access_may(const struct access_principal *principal, struct str product, enum access_right right) {
    if (principal == NULL || right >= ACCESS_RIGHTS || !is_in_scope(principal, product, right))
        return false;
    return principal->may_all || access_role_has(access_role_over(principal, product), right);
}

/* A token for secrets alone sees its product, but reads nothing in it. */
bool access_sees(const struct access_principal *principal, struct str product) {
    for (unsigned right = 0; right < ACCESS_RIGHTS; right++)
        if (access_may(principal, product, (enum access_right)right))
            return true;
    return false;
}

const char *access_role_for(enum access_right right) {
    return role_names[least[right]];
}

const char *access_role_name(enum access_role role) {
    return role_names[role];
}

enum access_role access_role_read(struct str name) {
    for (unsigned role = ACCESS_VIEWER; role <= ACCESS_OWNER; role++)
        if (str_equal(name, str_from(role_names[role])))
            return (enum access_role)role;
    return ACCESS_NO_ROLE;
}

const char *access_right_name(enum access_right right) {
    return right_names[right];
}

bool access_right_read(struct str name, enum access_right *right) {
    for (unsigned i = 0; i < ACCESS_RIGHTS; i++) {
        if (str_equal(name, str_from(right_names[i]))) {
            *right = (enum access_right)i;
            return true;
        }
    }
    return false;
}

/* ---- grants as text ---- */

enum status access_grants_read(struct arena *arena, struct str text, const struct access_grant **grants,
                               size_t *count) {
    *grants = NULL;
    *count = 0;
    json_t *list = NULL;
    TRY(json_read(text, JSON_DEPTH_TOKEN, &list, NULL));
    json_keep(arena, list);
    if (!json_is_array(list) || json_array_size(list) > ACCESS_GRANTS_MAX)
        return INVALID;
    struct access_grant *read = arena_alloc_array(arena, json_array_size(list), sizeof *read);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *grant = json_array_get(list, i);
        read[i].product = json_get_str(grant, "product");
        read[i].role = access_role_read(json_get_str(grant, "role"));
        /* What does not say which product must not become "all of them". */
        bool is_for_all = json_is_null(json_object_get(grant, "product"));
        if (read[i].role == ACCESS_NO_ROLE || is_for_all != str_is_empty(read[i].product))
            return INVALID;
        if (read[i].role == ACCESS_OWNER && !is_for_all) /* of the whole installation, or not at all */
            return INVALID;
        for (size_t other = 0; other < i; other++)
            if (str_equal(read[other].product, read[i].product))
                return INVALID;
    }
    *grants = read;
    *count = json_array_size(list);
    return OK;
}

struct str access_grants_write(struct arena *arena, const struct access_grant *grants, size_t count) {
    json_auto_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *grant = json_object();
        json_object_set_new(grant, "product",
                            str_is_empty(grants[i].product) ? json_null() : json_from_str(grants[i].product));
        json_object_set_new(grant, "role", json_string(access_role_name(grants[i].role)));
        json_array_append_new(list, grant);
    }
    return json_write(arena, list);
}

/* ---- who may give what ---- */

static enum access_role role_in(const struct access_grant *grants, size_t count, struct str product) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(grants[i].product, product))
            return grants[i].role;
    return ACCESS_NO_ROLE;
}

static bool may_turn(const struct access_principal *principal, struct str product, enum access_role before,
                     enum access_role after) {
    return before == after ||
           (before < ACCESS_OWNER && after < ACCESS_OWNER && access_may(principal, product, ACCESS_MANAGE));
}

bool access_may_grant(const struct access_principal *principal, const struct access_grant *before,
                      size_t before_count, const struct access_grant *after, size_t after_count) {
    if (access_may(principal, STR_NONE, ACCESS_OWN))
        return true;
    for (size_t i = 0; i < before_count; i++) {
        enum access_role turned = role_in(after, after_count, before[i].product);
        if (!may_turn(principal, before[i].product, before[i].role, turned))
            return false;
    }
    for (size_t i = 0; i < after_count; i++) {
        enum access_role was = role_in(before, before_count, after[i].product);
        if (!may_turn(principal, after[i].product, was, after[i].role))
            return false;
    }
    return true;
}

struct access_principal access_command_line(struct arena *arena, struct str user) {
    return (struct access_principal){
        .kind = ACCESS_COMMAND_LINE,
        .actor = arena_join(arena, 2, (struct str[]){STR("cli:"), user}),
        .may_all = true,
    };
}
