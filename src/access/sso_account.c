/* SPDX-License-Identifier: Apache-2.0 */
/* From a person whom the provider knows to an administrator. What links the two is the provider's subject,
 * never the e-mail address by itself: that may have been somebody else's a year ago. The address is looked at
 * only where one who knew it has asked for it: an invitation, a signed-in administrator, a domain of the
 * company's own. */
#include "access/single_sign_on.h"
#include "base/clock.h"

static const char actor[] = "single-sign-on";

static enum status refuse(struct access_refusal *refusal, struct arena *arena, const char *code,
                          const char *sentence) {
    return access_refuse(refusal, arena, 403, code, "%s", sentence);
}

static bool is_of_own_domain(const struct access_sso *sso, struct str email_key) {
    for (size_t i = 0; i < sso->domain_count; i++)
        if (str_equal(access_email_domain(email_key), sso->domains[i]))
            return true;
    return false;
}

static enum access_role role_of(const struct sso_settings *settings, const struct sso_person *person) {
    return person->mapped != ACCESS_NO_ROLE ? person->mapped : settings->shown.default_role;
}

static enum status make_wait(struct access *access, struct arena *arena, const struct sso_settings *settings,
                             const struct sso_person *person, struct str email, struct str email_key,
                             struct store_administrator *administrator, struct access_refusal *refusal) {
    const struct access_grant grant = {.role = role_of(settings, person)};
    if (!is_of_own_domain(&settings->shown, email_key) || grant.role == ACCESS_NO_ROLE)
        return refuse(refusal, arena, "single-sign-on-not-invited",
                      "Nobody has invited you here. Ask an administrator for an invitation.");
    struct str name;
    if (access_name_read(arena, person->name, &name) != OK)
        name = str_slice(email, 0, str_find_byte(email, '@'));
    const struct store_administrator_draft draft = {.email = email,
                                                    .email_key = email_key,
                                                    .name = name,
                                                    .roles = access_grants_write(arena, &grant, 1),
                                                    .sso_issuer = person->issuer,
                                                    .sso_subject = person->subject,
                                                    .made_by = str_from(actor),
                                                    .is_active = true};
    struct store_audit event = trail(str_from(actor), "administrator.join", STR("administrator"));
    event.after = administrator_state(arena, email, name, draft.roles);
    enum status status = store_administrator_create_wait(access->options.store, arena, &draft, STR_NONE, 0,
                                                         &event, administrator);
    return status == CONFLICT ? UNAVAILABLE
                              : status; /* they came twice at once: the next time they are found */
}

static enum status link_wait(struct access *access, struct arena *arena, const struct sso_person *person,
                             struct store_administrator *administrator, struct access_refusal *refusal) {
    struct store_audit event =
        trail(str_from(actor), "administrator.link", trail_target(arena, administrator->id));
    enum status status = store_administrator_link_wait(access->options.store, administrator->id,
                                                       person->issuer, person->subject, &event);
    if (status == CONFLICT)
        return refuse(refusal, arena, "single-sign-on-linked-elsewhere",
                      "The provider's account is linked to another administrator.");
    return status;
}

/* Roles that the mapping gave are the mapping's to take, at the next sign-in. Not an owner's. */
static enum status follow_mapping_wait(struct access *access, struct arena *arena,
                                       const struct sso_settings *settings, const struct sso_person *person,
                                       struct store_administrator *administrator,
                                       struct access_refusal *refusal) {
    const struct access_grant *grants;
    size_t count;
    if (str_is_empty(settings->shown.mapping_claim) || !str_equal(administrator->made_by, str_from(actor)) ||
        access_grants_read(arena, administrator->roles, &grants, &count) != OK ||
        grants_hold_owner(grants, count))
        return OK;
    const struct access_grant grant = {.role = role_of(settings, person)};
    size_t given = grant.role == ACCESS_NO_ROLE ? 0 : 1;
    struct str roles = access_grants_write(arena, &grant, given);
    if (!str_equal(roles, administrator->roles)) {
        const struct store_administrator_draft draft = {.name = administrator->name, .roles = roles};
        struct store_audit event =
            trail(str_from(actor), "administrator.change", trail_target(arena, administrator->id));
        event.before =
            administrator_state(arena, administrator->email, administrator->name, administrator->roles);
        event.after = administrator_state(arena, administrator->email, administrator->name, roles);
        enum status status = store_administrator_change_wait(
            access->options.store, administrator->id, administrator->version, &draft, STR_NONE, &event);
        if (status == CONFLICT || status == DENIED)
            return UNAVAILABLE;
        TRY(status);
        administrator->roles = roles;
        administrator->version++;
    }
    return given > 0 ? OK
                     : refuse(refusal, arena, "single-sign-on-no-role",
                              "None of your groups has a role here. Ask an administrator.");
}

static enum status by_email_wait(struct access *access, struct arena *arena,
                                 const struct sso_settings *settings, const struct sso_person *person,
                                 const struct access_principal *linking,
                                 struct store_administrator *administrator, struct access_refusal *refusal) {
    struct str email, key;
    if (access_email_read(arena, person->email, &email, &key) != OK)
        return refuse(refusal, arena, "single-sign-on-email-unverified",
                      "The provider does not say that it has verified your e-mail address (email_verified).");
    enum status status =
        store_administrator_find_email_wait(access->options.store, arena, key, administrator);
    if (status == NOT_FOUND && linking != NULL)
        return refuse(refusal, arena, "single-sign-on-other-email",
                      "The provider's account has another e-mail address than yours here.");
    if (status == NOT_FOUND)
        return make_wait(access, arena, settings, person, email, key, administrator, refusal);
    TRY(status);
    bool is_invited =
        administrator->activated_at == 0 && administrator->invitation_expires_at > clock_now_ms();
    bool is_linking = linking != NULL && str_equal(linking->administrator, administrator->id);
    if (linking != NULL ? is_linking : is_invited)
        return link_wait(access, arena, person, administrator, refusal);
    return refuse(
        refusal, arena, "single-sign-on-not-linked",
        "There is an administrator with your e-mail address who is not linked to the provider. Sign in "
        "as you used to, and link it below Account.");
}

enum status sso_administrator_wait(struct access *access, struct arena *arena,
                                   const struct sso_settings *settings, const struct sso_person *person,
                                   const struct access_principal *linking,
                                   struct store_administrator *administrator,
                                   struct access_refusal *refusal) {
    enum status status = store_administrator_find_subject_wait(access->options.store, arena, person->issuer,
                                                               person->subject, administrator);
    if (status == NOT_FOUND)
        return by_email_wait(access, arena, settings, person, linking, administrator, refusal);
    TRY(status);
    if (linking != NULL && !str_equal(linking->administrator, administrator->id))
        return refuse(refusal, arena, "single-sign-on-linked-elsewhere",
                      "The provider's account is linked to another administrator.");
    return follow_mapping_wait(access, arena, settings, person, administrator, refusal);
}
