/* SPDX-License-Identifier: Apache-2.0 */
/* Every address of the admin API, in one table. */
#include "admin_api/routes.h"

#define PAGE  "limit cursor"
#define AUDIT "action actor visitor subject tool outcome reason from until order"

const struct route routes[] = {
    /* ---- the API itself ---- */
    {"GET", "/openapi.json", FOR_ALL, openapi_read, NULL, false},
    {"GET", "/search", FOR_SIGNED_IN, search_read, "q", false},

    /* ---- signing in, accounts, administrators ---- */
    {"GET", "/session", FOR_ALL, session_read, NULL, false},
    {"POST", "/session", FOR_ALL, session_create, NULL, false},
    {"DELETE", "/session", FOR_ALL, session_delete, NULL, false},
    {"POST", "/session/confirm", FOR_SIGNED_IN, session_confirm, NULL, false},
    {"POST", "/session/passkey/options", FOR_ALL, session_passkey_options, NULL, false},
    {"POST", "/session/passkey", FOR_ALL, session_passkey, NULL, false},
    {"GET", "/session/single-sign-on/start", FOR_ALL, single_sign_on_start, "returnTo link", false},
    {"GET", "/session/single-sign-on/callback", FOR_ALL, single_sign_on_callback,
     "code state iss error error_description error_uri session_state scope authuser prompt hd client_info",
     false},
    {"POST", "/setup", FOR_ALL, setup_create, NULL, false},
    {"POST", "/invitation/accept", FOR_ALL, invitation_accept, NULL, false},
    {"GET", "/account", FOR_SIGNED_IN, account_read, NULL, false},
    {"PATCH", "/account", FOR_SIGNED_IN, account_change, NULL, false},
    {"POST", "/account/password", FOR_SIGNED_IN, account_set_password, NULL, false},
    {"POST", "/account/totp", FOR_SIGNED_IN, totp_begin, NULL, false},
    {"DELETE", "/account/totp", FOR_SIGNED_IN, totp_delete, NULL, false},
    {"POST", "/account/totp/confirm", FOR_SIGNED_IN, totp_confirm, NULL, false},
    {"POST", "/account/recovery-codes", FOR_SIGNED_IN, recovery_codes_renew, NULL, false},
    {"GET", "/account/passkeys", FOR_SIGNED_IN, passkey_list, NULL, false},
    {"POST", "/account/passkeys", FOR_SIGNED_IN, passkey_create, NULL, false},
    {"POST", "/account/passkeys/options", FOR_SIGNED_IN, passkey_options, NULL, false},
    {"PATCH", "/account/passkeys/{passkey}", FOR_SIGNED_IN, passkey_change, NULL, false},
    {"DELETE", "/account/passkeys/{passkey}", FOR_SIGNED_IN, passkey_delete, NULL, false},
    {"GET", "/account/sessions", FOR_SIGNED_IN, account_session_list, NULL, false},
    {"DELETE", "/account/sessions/{session}", FOR_SIGNED_IN, account_session_delete, NULL, false},
    {"GET", "/account/api-tokens", FOR_SIGNED_IN, api_token_list, NULL, false},
    {"POST", "/account/api-tokens", FOR_SIGNED_IN, api_token_create, NULL, true},
    {"DELETE", "/account/api-tokens/{apiToken}", FOR_SIGNED_IN, api_token_delete, NULL, false},
    {"GET", "/admins", FOR_SIGNED_IN, administrator_list, PAGE " search", false},
    {"POST", "/admins", FOR_SIGNED_IN, administrator_create, NULL, true},
    {"GET", "/admins/{administrator}", FOR_SIGNED_IN, administrator_read, NULL, false},
    {"PATCH", "/admins/{administrator}", FOR_SIGNED_IN, administrator_change, NULL, false},
    {"DELETE", "/admins/{administrator}", FOR_SIGNED_IN, administrator_delete, NULL, false},
    {"POST", "/admins/{administrator}/invitation", FOR_SIGNED_IN, administrator_invite_again, NULL, false},
    {"GET", "/settings/single-sign-on", FOR_OWN, single_sign_on_read, NULL, false},
    {"PUT", "/settings/single-sign-on", FOR_OWN, single_sign_on_replace, NULL, false},
    {"DELETE", "/settings/single-sign-on", FOR_OWN, single_sign_on_delete, NULL, false},

    {"GET", "/checks", FOR_OWN, check_list, "now", false},

    /* ---- products and environments ---- */
    {"GET", "/products", FOR_SIGNED_IN, product_list, PAGE " search", false},
    {"POST", "/products", FOR_OWN, product_create, NULL, true},
    {"GET", "/products/{product}", FOR_READ, product_read, NULL, false},
    {"PATCH", "/products/{product}", FOR_MANAGE, product_change, NULL, false},
    {"DELETE", "/products/{product}", FOR_OWN, product_delete, NULL, false},
    {"GET", "/products/{product}/environments", FOR_READ, environment_list, PAGE, false},
    {"POST", "/products/{product}/environments", FOR_MANAGE, environment_create, NULL, true},
    {"PUT", "/products/{productName}/environments/{name}/document", FOR_SIGNED_IN, document_apply_named,
     "dryRun", false},
    {"GET", "/environments/{environment}", FOR_READ, environment_read, NULL, false},
    {"PATCH", "/environments/{environment}", FOR_MANAGE, environment_change, NULL, false},
    {"DELETE", "/environments/{environment}", FOR_MANAGE, environment_delete, NULL, false},

    /* ---- an environment's configuration ---- */
    {"GET", "/environments/{environment}/config", FOR_READ, config_read, NULL, false},
    {"PUT", "/environments/{environment}/config", FOR_CONFIGURE, config_replace, NULL, false},
    {"GET", "/environments/{environment}/origins", FOR_READ, config_part_read, NULL, false},
    {"PUT", "/environments/{environment}/origins", FOR_CONFIGURE, config_part_replace, NULL, false},
    {"GET", "/environments/{environment}/sign-in", FOR_READ, config_part_read, NULL, false},
    {"PUT", "/environments/{environment}/sign-in", FOR_CONFIGURE, config_part_replace, NULL, false},
    {"GET", "/environments/{environment}/assistant", FOR_READ, config_part_read, NULL, false},
    {"PUT", "/environments/{environment}/assistant", FOR_CONFIGURE, config_part_replace, NULL, false},
    {"GET", "/environments/{environment}/appearance", FOR_READ, config_part_read, NULL, false},
    {"PUT", "/environments/{environment}/appearance", FOR_CONFIGURE, config_part_replace, NULL, false},
    {"GET", "/environments/{environment}/limits", FOR_READ, config_part_read, NULL, false},
    {"PUT", "/environments/{environment}/limits", FOR_CONFIGURE, config_part_replace, NULL, false},
    {"GET", "/environments/{environment}/issuers", FOR_READ, issuer_list, NULL, false},
    {"POST", "/environments/{environment}/issuers", FOR_CONFIGURE, issuer_create, NULL, true},
    {"GET", "/environments/{environment}/issuers/{name}", FOR_READ, issuer_read, NULL, false},
    {"PUT", "/environments/{environment}/issuers/{name}", FOR_CONFIGURE, issuer_replace, NULL, false},
    {"DELETE", "/environments/{environment}/issuers/{name}", FOR_CONFIGURE, issuer_delete, NULL, false},
    {"GET", "/environments/{environment}/document", FOR_READ, document_read, NULL, false},
    {"PUT", "/environments/{environment}/document", FOR_CONFIGURE, document_apply, "dryRun", false},

    /* ---- keys and secrets ---- */
    {"GET", "/environments/{environment}/keys", FOR_READ, key_list, PAGE, false},
    {"POST", "/environments/{environment}/keys", FOR_SECRETS, key_create, NULL, true},
    {"DELETE", "/environments/{environment}/keys/{key}", FOR_SECRETS, key_delete, NULL, false},
    {"GET", "/environments/{environment}/secrets", FOR_READ, secret_list, PAGE, false},
    {"POST", "/environments/{environment}/secrets", FOR_SECRETS, secret_create, NULL, true},
    {"PUT", "/environments/{environment}/secrets/{secret}", FOR_SECRETS, secret_put, "dryRun", false},
    {"DELETE", "/environments/{environment}/secrets/{secret}", FOR_SECRETS, secret_delete, NULL, false},

    /* ---- sign-in ---- */
    {"GET", "/providers", FOR_SIGNED_IN, provider_list, NULL, false},
    {"POST", "/environments/{environment}/issuers/preview", FOR_CONFIGURE, issuer_preview, NULL, false},
    {"POST", "/environments/{environment}/mapping/preview", FOR_READ, mapping_preview, NULL, false},
    {"POST", "/environments/{environment}/tokens/test", FOR_CONFIGURE, token_test, NULL, false},
    {"GET", "/environments/{environment}/key-sets", FOR_READ, key_set_list, NULL, false},
    {"POST", "/environments/{environment}/key-sets/refresh", FOR_CONFIGURE, key_set_refresh, NULL, false},

    /* ---- tools and knowledge ---- */
    {"GET", "/environments/{environment}/tools", FOR_READ, tool_list, PAGE " search", false},
    {"POST", "/environments/{environment}/tools", FOR_CONFIGURE, tool_create, NULL, true},
    {"POST", "/environments/{environment}/tools/check", FOR_READ, tool_check, NULL, false},
    {"GET", "/environments/{environment}/tools/{name}", FOR_READ, tool_read_one, NULL, false},
    {"PUT", "/environments/{environment}/tools/{name}", FOR_CONFIGURE, tool_replace, NULL, false},
    {"DELETE", "/environments/{environment}/tools/{name}", FOR_CONFIGURE, tool_delete, NULL, false},
    {"POST", "/environments/{environment}/tools/{name}/try", FOR_CONFIGURE, tool_try, NULL, false},
    {"GET", "/environments/{environment}/knowledge", FOR_READ, knowledge_list, PAGE " search", false},
    {"POST", "/environments/{environment}/knowledge", FOR_CONFIGURE, knowledge_create, NULL, true},
    {"GET", "/environments/{environment}/knowledge/{id}", FOR_READ, knowledge_read_one, NULL, false},
    {"PUT", "/environments/{environment}/knowledge/{id}", FOR_CONFIGURE, knowledge_replace, NULL, false},
    {"DELETE", "/environments/{environment}/knowledge/{id}", FOR_CONFIGURE, knowledge_delete, NULL, false},
    {"POST", "/environments/{environment}/assistant/try", FOR_READ, assistant_try, NULL, false},

    /* ---- visitors, their sessions and conversations ---- */
    {"GET", "/environments/{environment}/visitors", FOR_READ, visitor_list, PAGE " search kind", false},
    {"GET", "/environments/{environment}/visitors/{visitor}", FOR_READ, visitor_read, NULL, false},
    {"DELETE", "/environments/{environment}/visitors/{visitor}", FOR_PEOPLE_WRITE, visitor_erase, NULL,
     false},
    {"GET", "/environments/{environment}/visitors/{visitor}/sessions", FOR_READ, visitor_sessions, PAGE,
     false},
    {"GET", "/environments/{environment}/visitors/{visitor}/conversations", FOR_READ, visitor_conversations,
     PAGE, false},
    {"GET", "/environments/{environment}/visitors/{visitor}/tool-calls", FOR_READ, visitor_tool_calls, PAGE,
     false},
    {"POST", "/environments/{environment}/visitors/{visitor}/revoke", FOR_PEOPLE_WRITE, visitor_revoke, NULL,
     false},
    {"POST", "/environments/{environment}/visitors/{visitor}/restore", FOR_PEOPLE_WRITE, visitor_restore,
     NULL, false},
    {"GET", "/environments/{environment}/visitors/{visitor}/export", FOR_PEOPLE_WRITE, visitor_export, NULL,
     false},
    {"GET", "/environments/{environment}/conversations", FOR_READ, conversation_list, PAGE " search visitor",
     false},
    {"GET", "/environments/{environment}/conversations/{conversation}", FOR_READ, conversation_read, NULL,
     false},
    {"DELETE", "/environments/{environment}/conversations/{conversation}", FOR_PEOPLE_WRITE,
     conversation_delete, NULL, false},
    {"GET", "/environments/{environment}/conversations/{conversation}/messages", FOR_READ,
     conversation_messages, PAGE, false},
    {"GET", "/environments/{environment}/sessions", FOR_READ, visitor_session_list, PAGE " visitor state",
     false},
    {"DELETE", "/environments/{environment}/sessions/{session}", FOR_PEOPLE_WRITE, visitor_session_revoke,
     NULL, false},

    /* ---- the audit log and the figures ---- */
    {"GET", "/audit", FOR_OWN, audit_list, PAGE " " AUDIT, false},
    {"GET", "/audit/export", FOR_OWN, audit_export, "format " AUDIT, false},
    {"GET", "/environments/{environment}/audit", FOR_READ, audit_list, PAGE " " AUDIT, false},
    {"GET", "/environments/{environment}/audit/export", FOR_READ, audit_export, "format " AUDIT, false},
    {"GET", "/environments/{environment}/statistics", FOR_READ, statistics_read, "from until step", false},
    {"GET", "/environments/{environment}/statistics/required", FOR_READ, statistics_required, NULL, false},
};
const size_t route_count = sizeof routes / sizeof routes[0];

/* One segment after the other; {name} stands for any that is not empty. */
static bool matches(struct str pattern, struct str path, struct admin_pair *parameters, size_t *count) {
    struct str wanted;
    struct str piece;
    *count = 0;
    while (str_cut(&pattern, '/', &wanted)) {
        if (!str_cut(&path, '/', &piece))
            return false;
        bool is_parameter = str_starts_with(wanted, STR("{"));
        if (is_parameter ? str_is_empty(piece) : !str_equal(wanted, piece))
            return false;
        if (is_parameter && *count < CALL_PARAMETERS_MAX)
            parameters[(*count)++] = (struct admin_pair){str_slice(wanted, 1, wanted.len - 1), piece};
    }
    return path.at == NULL;
}

enum status routes_find(struct arena *arena, struct str method, struct str path, const struct route **route,
                        struct admin_pair *parameters, size_t *parameter_count, struct str *allow) {
    *allow = STR_NONE;
    for (size_t i = 0; i < route_count; i++) {
        struct admin_pair found[CALL_PARAMETERS_MAX];
        size_t count;
        if (!matches(str_from(routes[i].pattern), path, found, &count))
            continue;
        struct str known = str_from(routes[i].method);
        if (str_equal(known, method)) {
            *route = &routes[i];
            *parameter_count = count;
            for (size_t k = 0; k < count; k++)
                parameters[k] = found[k];
            return OK;
        }
        *allow =
            str_is_empty(*allow) ? known : arena_join(arena, 3, (struct str[]){*allow, STR(", "), known});
    }
    return str_is_empty(*allow) ? NOT_FOUND : DENIED;
}
