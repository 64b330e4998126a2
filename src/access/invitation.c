/* SPDX-License-Identifier: Apache-2.0 */
#include "store/invitation.h"
#include "access/access_internal.h"
#include "base/clock.h"
#include "base/random.h"

enum { INVITATION_DAYS = 7 };

static struct access_invitation new_invitation(struct arena *arena) {
    return (struct access_invitation){.token = random_secret(arena, STR("in_")),
                                      .expires_at = clock_now_ms() + INVITATION_DAYS * ACCESS_DAY_MS};
}

enum status access_invite_wait(struct access *access, struct arena *arena,
                               const struct access_principal *principal, const struct access_invited *invited,
                               struct store_administrator *administrator,
                               struct access_invitation *invitation, struct access_refusal *refusal) {
    struct person person;
    TRY(person_read(arena, invited->email, invited->name, &person, refusal));
    if (invited->grant_count == 0)
        return access_refuse_at(refusal, arena, "invalid", "/roles", "Somebody without a role may nothing.");
    if (!access_may_grant(principal, NULL, 0, invited->grants, invited->grant_count))
        return administrator_refuse_grant(refusal, arena);
    TRY(grants_check_products_wait(access, arena, invited->grants, invited->grant_count, refusal));
    const struct store_administrator_draft draft = {
        .email = person.email,
        .email_key = person.email_key,
        .name = person.name,
        .roles = access_grants_write(arena, invited->grants, invited->grant_count),
        .is_owner = grants_hold_owner(invited->grants, invited->grant_count),
        .made_by = STR("invitation"),
    };
    *invitation = new_invitation(arena);
    const struct store_guard guard = administrator_guard(principal);
    struct store_audit event = trail(principal->actor, "administrator.invite", STR("administrator"));
    event.guard = &guard;
    event.after = administrator_state(arena, person.email, person.name, draft.roles);
    enum status status = store_administrator_create_wait(access->options.store, arena, &draft,
                                                         access_hash(arena, invitation->token),
                                                         invitation->expires_at, &event, administrator);
    if (status == CONFLICT)
        return access_refuse(
            refusal, arena, 409, "email-taken",
            "There is an administrator with this e-mail address already: change their roles.");
    return status == DENIED ? administrator_refuse_grant(refusal, arena) : status;
}

/* A link that sets somebody's password is as good as being them. */
static bool may_renew(const struct access_principal *principal, struct arena *arena,
                      const struct store_administrator *administrator) {
    if (access_may(principal, STR_NONE, ACCESS_OWN))
        return true;
    const struct access_grant *grants;
    size_t count;
    return administrator->activated_at == 0 &&
           access_grants_read(arena, administrator->roles, &grants, &count) == OK && count > 0 &&
           access_may_grant(principal, NULL, 0, grants, count);
}

enum status access_invite_again_wait(struct access *access, struct arena *arena,
                                     const struct access_principal *principal, struct str id, bool is_rescue,
                                     struct access_invitation *invitation, struct access_refusal *refusal) {
    struct store_administrator administrator;
    TRY(store_administrator_find_wait(access->options.store, arena, id, &administrator));
    if (!access_sees_administrator(principal, arena, &administrator))
        return NOT_FOUND;
    if (!may_renew(principal, arena, &administrator))
        return access_refuse(refusal, arena, 403, "role-insufficient",
                             "A link to set a password is for owners to give, or, before somebody has "
                             "accepted, for those who may give all their roles.");
    if (administrator.activated_at != 0)
        TRY(access_demand_recent(principal, arena, refusal));
    struct str effect = administrator.activated_at == 0 ? STORE_INVITATION_JOIN
                        : is_rescue                     ? STORE_INVITATION_RESCUE
                                                        : STORE_INVITATION_RESET;
    *invitation = new_invitation(arena);
    const struct store_guard guard = administrator_guard(principal);
    struct store_audit event =
        trail(principal->actor, "administrator.invite-again", trail_target(arena, administrator.id));
    event.guard = &guard;
    event.reason = effect;
    enum status status = store_invitation_put_wait(
        access->options.store, administrator.id, administrator.version, access_hash(arena, invitation->token),
        effect, invitation->expires_at, &event);
    if (status == CONFLICT)
        return access_refuse(refusal, arena, 409, "changed-meanwhile",
                             "They were changed, or have come, in this very moment. Look again.");
    return status == DENIED ? administrator_refuse_grant(refusal, arena) : status;
}

static enum status refuse_gone(struct access_refusal *refusal, struct arena *arena) {
    access_refuse(refusal, arena, 410, "invitation-gone",
                  "This link was used, was replaced by a newer one, or is older than seven days. Ask for "
                  "another.");
    refusal->is_wrong_guess = true;
    return DENIED;
}

enum status access_accept_wait(struct access *access, struct arena *arena,
                               const struct access_credentials *from, const struct access_acceptance *shown,
                               struct access_signed_in *signed_in, struct access_refusal *refusal) {
    bool is_off = false;
    TRY(sso_password_is_off_wait(access, arena, &is_off));
    if (is_off)
        return access_refuse(refusal, arena, 403, "password-off",
                             "Passwords are switched off here: come by single sign-on, with the address that "
                             "was invited.");
    if (!access_token_is_formed(shown->token, STR("in_")))
        return refuse_gone(refusal, arena);
    struct str hash = access_hash(arena, shown->token);
    struct store_administrator administrator;
    enum status status =
        store_administrator_find_invitation_wait(access->options.store, arena, hash, &administrator);
    if (status == NOT_FOUND)
        return refuse_gone(refusal, arena);
    TRY(status);
    struct person person;
    struct str password_hash;
    struct new_session session;
    struct str name = str_is_empty(shown->name) ? administrator.name : shown->name;
    TRY(person_read(arena, administrator.email, name, &person, refusal));
    TRY(person_hash_wait(access, arena, &person, shown->password, "/password", &password_hash, refusal));
    TRY(session_prepare_wait(access, arena, from, person.email_key, STR("password"), &session));
    struct store_audit event =
        trail(arena_join(arena, 2, (struct str[]){STR("admin:"), administrator.id}),
              "administrator.accept-invitation", trail_target(arena, administrator.id));
    event.detail = from->peer;
    session.row.audit = &event;
    session.row.device = STR_NONE; /* a link is no proof that this browser is the owner's own */
    session.device_cookie = STR_NONE;
    bool has_second_factor = administrator.totp_at != 0 || administrator.passkey_count > 0;
    bool is_signed_in = false;
    status = store_invitation_accept_wait(access->options.store, administrator.id, hash, person.name,
                                          password_hash, has_second_factor, &session.row, &is_signed_in);
    if (status == NOT_FOUND)
        return refuse_gone(refusal, arena);
    TRY(status);
    *signed_in = (struct access_signed_in){.cookie_count = 0};
    if (!is_signed_in)
        return OK;
    TRY(store_administrator_find_wait(access->options.store, arena, administrator.id, &administrator));
    session_finish(arena, &administrator, &session, signed_in);
    return OK;
}
