/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "store/product.h"

bool grants_hold_owner(const struct access_grant *grants, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (grants[i].role == ACCESS_OWNER && str_is_empty(grants[i].product))
            return true;
    return false;
}

enum status grants_check_products_wait(struct access *access, struct arena *arena,
                                       const struct access_grant *grants, size_t count,
                                       struct access_refusal *refusal) {
    for (size_t i = 0; i < count; i++) {
        struct store_product product;
        if (str_is_empty(grants[i].product))
            continue;
        enum status status =
            store_product_find_wait(access->options.store, arena, grants[i].product, &product);
        /* By name it would be found too; a grant holds ids alone. */
        if (status == NOT_FOUND || (status == OK && !str_equal(product.id, grants[i].product)))
            return access_refuse_at(refusal, arena, "invalid", arena_print(arena, "/roles/%zu/product", i).at,
                                    "There is no product of this id.");
        TRY(status);
    }
    return OK;
}

enum status administrator_refuse_grant(struct access_refusal *refusal, struct arena *arena) {
    return access_refuse(refusal, arena, 403, "role-escalation",
                         "Nobody gives or takes a role over what they do not manage: owners may all, who "
                         "manages a product may up to admin of it.");
}

struct str administrator_state(struct arena *arena, struct str email, struct str name, struct str roles) {
    json_auto_t *state = json_object();
    json_t *list = NULL;
    json_object_set_new(state, "email", json_from_str(email));
    json_object_set_new(state, "name", json_from_str(name));
    if (json_read(roles, JSON_DEPTH_TOKEN, &list, NULL) == OK)
        json_object_set_new(state, "roles", list);
    return json_write(arena, state);
}

bool access_sees_administrator(const struct access_principal *principal, struct arena *arena,
                               const struct store_administrator *administrator) {
    if (access_may(principal, STR_NONE, ACCESS_OWN) || access_may(principal, STR_NONE, ACCESS_MANAGE))
        return true;
    const struct access_grant *grants;
    size_t count;
    if (access_grants_read(arena, administrator->roles, &grants, &count) != OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!str_is_empty(grants[i].product) && access_may(principal, grants[i].product, ACCESS_MANAGE))
            return true;
    return false;
}

static enum status refuse_last_owner(struct access_refusal *refusal, struct arena *arena) {
    return access_refuse(refusal, arena, 409, "last-owner",
                         "This is the last owner who can sign in: make somebody else an owner first.");
}

/* Whether it gives more anywhere than there was. A link of somebody who has not come yet is in the hands of
 * whoever made it, and would let them in as what the person is now. */
static bool is_raised(const struct access_grant *before, size_t before_count,
                      const struct access_grant *after, size_t after_count) {
    const struct access_principal was = {.grants = before, .grant_count = before_count};
    for (size_t i = 0; i < after_count; i++)
        if (after[i].role > access_role_over(&was, after[i].product))
            return true;
    return false;
}

/* What somebody has over products that `principal` does not see is not theirs to name, nor to leave out. */
static void keep_unseen(const struct access_principal *principal, struct arena *arena,
                        const struct access_grant *before, size_t before_count,
                        const struct access_grant **grants, size_t *count) {
    struct access_grant *kept = arena_alloc_array(arena, *count + before_count, sizeof *kept);
    size_t given = *count;
    for (size_t i = 0; i < given; i++)
        kept[i] = (*grants)[i];
    for (size_t i = 0; i < before_count; i++) {
        bool is_given = str_is_empty(before[i].product) || access_sees(principal, before[i].product);
        for (size_t k = 0; k < given && !is_given; k++)
            is_given = str_equal((*grants)[k].product, before[i].product);
        if (!is_given)
            kept[(*count)++] = before[i];
    }
    *grants = kept;
}

struct store_guard administrator_guard(const struct access_principal *principal) {
    return (struct store_guard){.administrator = principal->administrator, .roles = principal->roles};
}

/* Their right is looked at once more in the transaction, which no other such change overlaps. */
static struct str acting_owner(const struct access_principal *principal) {
    return access_may(principal, STR_NONE, ACCESS_OWN) ? principal->administrator : STR_NONE;
}

enum status access_change_administrator_wait(struct access *access, struct arena *arena,
                                             const struct access_principal *principal, struct str id,
                                             int64_t version, struct str name,
                                             const struct access_grant *grants, size_t grant_count,
                                             struct store_administrator *administrator,
                                             struct access_refusal *refusal) {
    TRY(store_administrator_find_wait(access->options.store, arena, id, administrator));
    if (!access_sees_administrator(principal, arena, administrator))
        return NOT_FOUND;
    if (version != 0 && administrator->version != version)
        return CONFLICT;
    const struct access_grant *before = NULL;
    size_t before_count = 0;
    if (access_grants_read(arena, administrator->roles, &before, &before_count) != OK)
        before_count = 0;
    const struct access_grant *given = grants;
    size_t given_count = grants == NULL ? 0 : grant_count;
    if (grants == NULL) {
        grants = before;
        grant_count = before_count;
    }
    keep_unseen(principal, arena, before, before_count, &grants, &grant_count);
    if (!access_may_grant(principal, before, before_count, grants, grant_count))
        return administrator_refuse_grant(refusal, arena);
    TRY(grants_check_products_wait(access, arena, given, given_count, refusal));
    if (grant_count > ACCESS_GRANTS_MAX)
        return access_refuse_at(refusal, arena, "too-large", "/roles", "Nobody has more than %d roles.",
                                ACCESS_GRANTS_MAX);
    struct str new_name = administrator->name;
    bool is_renamed = !str_is_empty(name) && !str_equal(name, administrator->name);
    if (is_renamed && !access_may(principal, STR_NONE, ACCESS_OWN))
        return access_refuse(refusal, arena, 403, "role-insufficient", "Names are for owners to change.");
    if (!str_is_empty(name) && access_name_read(arena, name, &new_name) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/name",
                                "A name has 1 to 100 characters, and no control characters.");
    bool ends_invitation =
        administrator->activated_at == 0 && is_raised(before, before_count, grants, grant_count);
    const struct store_administrator_draft draft = {.name = new_name,
                                                    .roles = access_grants_write(arena, grants, grant_count),
                                                    .is_owner = grants_hold_owner(grants, grant_count),
                                                    .ends_invitation = ends_invitation};
    struct store_audit event =
        trail(principal->actor, "administrator.change", trail_target(arena, administrator->id));
    event.before =
        administrator_state(arena, administrator->email, administrator->name, administrator->roles);
    event.after = administrator_state(arena, administrator->email, new_name, draft.roles);
    /* An owner is looked at by the change itself; one's own roles are not what they were when it is done. */
    const struct store_guard guard = administrator_guard(principal);
    bool is_guarded = str_is_empty(acting_owner(principal)) && !str_equal(principal->administrator, id);
    event.guard = is_guarded ? &guard : NULL;
    enum status status =
        store_administrator_change_wait(access->options.store, administrator->id, administrator->version,
                                        &draft, acting_owner(principal), &event);
    if (status == DENIED)
        return is_guarded ? administrator_refuse_grant(refusal, arena) : refuse_last_owner(refusal, arena);
    TRY(status);
    administrator->name = draft.name;
    administrator->roles = draft.roles;
    administrator->version++;
    if (ends_invitation)
        administrator->invitation_expires_at = 0;
    return OK;
}

enum status access_remove_administrator_wait(struct access *access, struct arena *arena,
                                             const struct access_principal *principal, struct str id,
                                             int64_t version, struct access_refusal *refusal) {
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, id, &administrator));
    if (!access_sees_administrator(principal, arena, &administrator))
        return NOT_FOUND;
    if (!access_may(principal, STR_NONE, ACCESS_OWN))
        return access_refuse(refusal, arena, 403, "role-insufficient",
                             "Removing administrators is for owners. You may take their roles over what you "
                             "manage.");
    if (version != 0 && administrator.version != version)
        return CONFLICT;
    struct store_audit event =
        trail(principal->actor, "administrator.remove", trail_target(arena, administrator.id));
    event.before = administrator_state(arena, administrator.email, administrator.name, administrator.roles);
    /* Who removes themselves is gone afterwards, not before. */
    bool is_self = str_equal(principal->administrator, administrator.id);
    enum status status =
        store_administrator_delete_wait(access->options.store, administrator.id, administrator.version,
                                        is_self ? STR_NONE : acting_owner(principal), &event);
    return status == DENIED ? refuse_last_owner(refusal, arena) : status;
}
