/* SPDX-License-Identifier: Apache-2.0 */
#include "access/single_sign_on.h"
#include "store/setting.h"

enum { DOMAINS_MAX = 50 };

/* ---- reading what is kept ---- */

static void read_domains(struct arena *arena, const json_t *list, struct access_sso *sso) {
    sso->domains = arena_alloc_array(arena, json_array_size(list), sizeof *sso->domains);
    sso->domain_count = 0;
    for (size_t i = 0; i < json_array_size(list); i++)
        sso->domains[sso->domain_count++] = json_str(json_array_get(list, i));
}

static void read_document(struct arena *arena, const json_t *document, struct sso_settings *settings) {
    struct access_sso *shown = &settings->shown;
    const json_t *mapping = json_get_object(document, "roleMapping");
    shown->issuer = json_get_str(document, "issuer");
    shown->client_id = json_get_str(document, "clientId");
    shown->label = json_get_str(document, "label");
    shown->has_secret = json_get_bool(document, "hasClientSecret", false);
    shown->default_role = access_role_read(json_get_str(document, "defaultRole"));
    shown->mapping_claim = json_get_str(mapping, "claim");
    shown->mapping_roles = json_get_object(mapping, "roles");
    shown->is_password_off = json_get_bool(document, "isPasswordOff", false);
    read_domains(arena, json_get_array(document, "emailDomains"), shown);
    settings->authorization_endpoint = json_get_str(document, "authorizationEndpoint");
    settings->token_endpoint = json_get_str(document, "tokenEndpoint");
    settings->jwks_uri = json_get_str(document, "jwksUri");
    settings->sends_issuer = json_get_bool(document, "sendsIssuer", false);
    settings->wants_secret_post = json_get_bool(document, "wantsSecretPost", false);
}

enum status sso_settings_wait(struct access *access, struct arena *arena, struct sso_settings *settings) {
    struct store_setting setting;
    json_t *document = NULL;
    *settings = (struct sso_settings){.sends_issuer = false};
    TRY(store_setting_find_wait(access->options.store, arena, SSO_SETTING, &setting));
    if (json_read(setting.document, JSON_DEPTH_DOCUMENT, &document, NULL) != OK)
        return FAILED;
    read_document(arena, json_keep(arena, document), settings);
    settings->shown.version = setting.version;
    settings->shown.updated_at = setting.updated_at;
    return OK;
}

enum status sso_password_is_off_wait(struct access *access, struct arena *arena, bool *is_off) {
    struct sso_settings settings;
    enum status status = sso_settings_wait(access, arena, &settings);
    *is_off = status == OK && settings.shown.is_password_off;
    return status == NOT_FOUND ? OK : status;
}

struct str sso_redirect_uri(const struct access *access, struct arena *arena,
                            const struct access_credentials *from) {
    return arena_join(
        arena, 2,
        (struct str[]){access_origin(access, arena, from), STR("/admin/v1/session/single-sign-on/callback")});
}

enum status access_sso_read_wait(struct access *access, struct arena *arena,
                                 const struct access_credentials *from, struct access_sso *sso) {
    struct sso_settings settings;
    TRY(sso_settings_wait(access, arena, &settings));
    *sso = settings.shown;
    sso->redirect_uri = sso_redirect_uri(access, arena, from);
    return OK;
}

enum status sso_secret_wait(struct access *access, struct arena *arena, struct str *secret) {
    struct str sealed;
    *secret = STR_NONE;
    enum status status =
        store_installation_secret_find_wait(access->options.store, arena, SSO_SETTING, STR(""), &sealed);
    if (status == NOT_FOUND)
        return OK;
    TRY(status);
    struct vault_row row = {.table = STR("installation_secrets"), .purpose = SSO_SETTING};
    if (access->options.vault == NULL)
        return UNAVAILABLE;
    return vault_open(access->options.vault, arena, &row, sealed, secret);
}

/* ---- what may be set ---- */

static bool is_domain(struct str domain) {
    if (str_is_empty(domain) || domain.len > 253)
        return false;
    for (size_t i = 0; i < domain.len; i++) {
        char c = domain.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return domain.at[0] != '.' && str_find_byte(domain, '.') != STR_NOT_FOUND;
}

static enum status check_domains(struct arena *arena, const json_t *draft, struct access_refusal *refusal) {
    const json_t *domains = json_object_get(draft, "emailDomains");
    if (json_array_size(domains) > DOMAINS_MAX)
        return access_refuse_at(refusal, arena, "invalid", "/emailDomains", "At most 50 domains.");
    for (size_t i = 0; i < json_array_size(domains); i++)
        if (!is_domain(json_str(json_array_get(domains, i))))
            return access_refuse_at(refusal, arena, "invalid", arena_print(arena, "/emailDomains/%zu", i).at,
                                    "A domain in lower case, such as acme.example.");
    return OK;
}

/* Owners are made by owners, not by a group somebody else keeps. */
static bool may_be_given(struct str role) {
    enum access_role read = access_role_read(role);
    return read != ACCESS_NO_ROLE && read != ACCESS_OWNER;
}

static enum status check_roles(struct arena *arena, const json_t *draft, struct access_refusal *refusal) {
    const json_t *role = json_object_get(draft, "defaultRole");
    if (role != NULL && !json_is_null(role) && !may_be_given(json_str(role)))
        return access_refuse_at(
            refusal, arena, "invalid", "/defaultRole",
            "One of admin, developer, viewer; or null: nobody comes without an invitation.");
    const json_t *mapping = json_object_get(draft, "roleMapping");
    if (mapping == NULL || json_is_null(mapping))
        return OK;
    struct json_walk walk = {.place = NULL};
    const json_t *roles = json_get_object(mapping, "roles");
    if (str_is_empty(json_get_str(mapping, "claim")) || roles == NULL || json_object_size(mapping) != 2)
        return access_refuse_at(refusal, arena, "invalid", "/roleMapping",
                                "A mapping has a claim and roles: {\"claim\": \"groups\", \"roles\": "
                                "{\"chat-admins\": \"admin\"}}.");
    while (json_walk_next(roles, &walk))
        if (!may_be_given(json_str(walk.value)))
            return access_refuse_at(refusal, arena, "invalid", "/roleMapping/roles",
                                    "Each role is one of admin, developer, viewer.");
    return OK;
}

/* Passwords go only when the one who switches them off has just come in without. */
static enum status check_password_off(struct arena *arena, const struct access_principal *principal,
                                      const json_t *draft, const struct sso_settings *before,
                                      struct access_refusal *refusal) {
    if (!json_get_bool(draft, "isPasswordOff", false) || principal->may_all)
        return OK;
    bool is_same = str_equal(json_get_str(draft, "issuer"), before->shown.issuer) &&
                   str_equal(json_get_str(draft, "clientId"), before->shown.client_id);
    if (is_same && (before->shown.is_password_off || principal->is_by_sso))
        return OK;
    return access_refuse_at(
        refusal, arena, "sign-in-not-proven", "/isPasswordOff",
        "Save without this, sign in by single sign-on yourself, and then switch passwords "
        "off: so nobody is locked out by a setting that does not work.");
}

static void copy(json_t *document, const char *name, const json_t *from, const char *its_name) {
    json_t *value = json_object_get(from, its_name);
    json_object_set_new(document, name, value == NULL ? json_null() : json_deep_copy(value));
}

static json_t *document_of(const json_t *draft, const json_t *found, bool has_secret) {
    json_t *document = json_object();
    copy(document, "issuer", draft, "issuer");
    copy(document, "clientId", draft, "clientId");
    copy(document, "label", draft, "label");
    copy(document, "emailDomains", draft, "emailDomains");
    copy(document, "defaultRole", draft, "defaultRole");
    copy(document, "roleMapping", draft, "roleMapping");
    json_object_set_new(document, "isPasswordOff",
                        json_boolean(json_get_bool(draft, "isPasswordOff", false)));
    json_object_set_new(document, "hasClientSecret", json_boolean(has_secret));
    sso_set_discovered(document, found);
    return document;
}

static enum status check_draft(struct arena *arena, const json_t *draft, struct access_refusal *refusal) {
    struct str name;
    if (access_name_read(arena, json_get_str(draft, "label"), &name) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/label",
                                "What the button says: 1 to 60 characters.");
    if (str_is_empty(json_get_str(draft, "clientId")))
        return access_refuse_at(refusal, arena, "invalid", "/clientId", "The id that the provider gave you.");
    TRY(check_domains(arena, draft, refusal));
    return check_roles(arena, draft, refusal);
}

static enum status seal_secret(const struct access *access, struct arena *arena, struct str secret,
                               struct str *sealed, struct access_refusal *refusal) {
    struct vault_row row = {.table = STR("installation_secrets"), .purpose = SSO_SETTING};
    if (access->options.vault == NULL)
        return access_refuse_no_vault(refusal, arena);
    return vault_seal(access->options.vault, arena, &row, secret, sealed);
}

/* The provider takes its time to answer: who has lost the role meanwhile would leave a way in behind. */
static enum status refuse_former_owner(struct access_refusal *refusal, struct arena *arena) {
    return access_refuse(refusal, arena, 403, "role-insufficient",
                         "Your roles have changed meanwhile, and nothing was changed: single sign-on is for "
                         "owners to set up.");
}

enum status access_sso_replace_wait(struct access *access, struct arena *arena,
                                    const struct access_principal *principal, const json_t *draft,
                                    int64_t version, bool is_any, struct access_refusal *refusal) {
    struct sso_settings before;
    json_t *found = NULL;
    struct str sealed = STR_NONE;
    TRY(access_demand_recent(principal, arena, refusal));
    TRY(check_draft(arena, draft, refusal));
    enum status status = sso_settings_wait(access, arena, &before);
    if (status != OK && status != NOT_FOUND)
        return status;
    if (!is_any && before.shown.version != version)
        return CONFLICT;
    TRY(check_password_off(arena, principal, draft, &before, refusal));
    TRY(sso_discover_wait(access, arena, json_get_str(draft, "issuer"), &found, refusal));
    const json_t *secret = json_object_get(draft, "clientSecret");
    bool drops_secret = json_is_null(secret);
    /* A secret of one provider is not shown to another. */
    if (secret == NULL && !str_equal(before.shown.issuer, json_get_str(draft, "issuer")))
        drops_secret = true;
    bool has_secret = json_is_string(secret) || (!drops_secret && before.shown.has_secret);
    if (json_is_string(secret))
        TRY(seal_secret(access, arena, json_str(secret), &sealed, refusal));
    struct str document = json_write(arena, json_keep(arena, document_of(draft, found, has_secret)));
    struct store_audit event = trail(principal->actor, "single-sign-on.replace", STR("single-sign-on"));
    const struct store_guard guard = administrator_guard(principal);
    event.after = document;
    event.guard = &guard;
    status = store_setting_change_wait(access->options.store, SSO_SETTING, before.shown.version, document,
                                       sealed, drops_secret, &event);
    return status == DENIED ? refuse_former_owner(refusal, arena) : status;
}

enum status access_sso_remove_wait(struct access *access, struct arena *arena,
                                   const struct access_principal *principal, int64_t version,
                                   struct access_refusal *refusal) {
    struct sso_settings before;
    TRY(access_demand_recent(principal, arena, refusal));
    TRY(sso_settings_wait(access, arena, &before));
    if (version != 0 && before.shown.version != version)
        return CONFLICT;
    const struct store_guard guard = administrator_guard(principal);
    struct store_audit event = trail(principal->actor, "single-sign-on.remove", STR("single-sign-on"));
    event.guard = &guard;
    enum status status =
        store_setting_delete_wait(access->options.store, SSO_SETTING, before.shown.version, &event);
    return status == DENIED ? refuse_former_owner(refusal, arena) : status;
}
