/* SPDX-License-Identifier: Apache-2.0 */
/* Private to admin_api/: the table of routes, and the handlers that it names. */
#pragma once

#include "admin_api/call.h"

/* Who may call it. Where the path names a product or an environment, the right is one of that product;
 * elsewhere it is one of all products. */
enum route_right {
    FOR_ALL,       /* nobody need have signed in: call->principal may be NULL */
    FOR_SIGNED_IN, /* whoever has; the handler looks at what they may see */
    FOR_READ,
    FOR_CONFIGURE,
    FOR_SECRETS,
    FOR_PEOPLE_WRITE,
    FOR_MANAGE,
    FOR_OWN,
};

struct route {
    const char *method;
    const char *pattern; /* "/environments/{environment}/tools/{name}" */
    enum route_right right;
    FIBER void (*handle)(struct call *call);
    const char *query;  /* names that its query may hold, with spaces between; NULL: none */
    bool is_idempotent; /* a POST that creates: Idempotency-Key is heeded */
};

extern const struct route routes[];
extern const size_t route_count;

/* Pure. The route for `method` and `path`, its parameters in `call` (which may be half filled in). NOT_FOUND:
 * none has that path; DENIED: none of those that have takes the method, `*allow` names those that do. */
NODISCARD enum status routes_find(struct arena *arena, struct str method, struct str path,
                                  const struct route **route, struct admin_pair *parameters,
                                  size_t *parameter_count, struct str *allow);

/* ---- handlers: one file a subject ---- */
/* checks.c */
FIBER void check_list(struct call *call);

/* product.c */
FIBER void product_list(struct call *call);
FIBER void product_create(struct call *call);
FIBER void product_read(struct call *call);
FIBER void product_change(struct call *call);
FIBER void product_delete(struct call *call);
/* environment.c */
FIBER void environment_list(struct call *call);
FIBER void environment_create(struct call *call);
FIBER void environment_read(struct call *call);
FIBER void environment_change(struct call *call);
FIBER void environment_delete(struct call *call);
/* config.c */
FIBER void config_read(struct call *call);
FIBER void config_replace(struct call *call);
FIBER void config_part_read(struct call *call);
FIBER void config_part_replace(struct call *call);
/* issuer.c */
FIBER void issuer_list(struct call *call);
FIBER void issuer_create(struct call *call);
FIBER void issuer_read(struct call *call);
FIBER void issuer_replace(struct call *call);
FIBER void issuer_delete(struct call *call);
/* key.c */
FIBER void key_list(struct call *call);
FIBER void key_create(struct call *call);
FIBER void key_delete(struct call *call);
/* secret.c */
FIBER void secret_list(struct call *call);
FIBER void secret_create(struct call *call);
FIBER void secret_put(struct call *call);
FIBER void secret_delete(struct call *call);
/* document.c */
FIBER void document_read(struct call *call);
FIBER void document_apply(struct call *call);
FIBER void document_apply_named(struct call *call);
/* access_call.c, session.c */
FIBER void session_read(struct call *call);
FIBER void session_create(struct call *call);
FIBER void session_delete(struct call *call);
FIBER void session_confirm(struct call *call);
FIBER void session_passkey_options(struct call *call);
FIBER void session_passkey(struct call *call);
FIBER void setup_create(struct call *call);
FIBER void invitation_accept(struct call *call);
/* single_sign_on.c */
FIBER void single_sign_on_start(struct call *call);
FIBER void single_sign_on_callback(struct call *call);
FIBER void single_sign_on_read(struct call *call);
FIBER void single_sign_on_replace(struct call *call);
FIBER void single_sign_on_delete(struct call *call);
/* account.c */
FIBER void account_read(struct call *call);
FIBER void account_change(struct call *call);
FIBER void account_set_password(struct call *call);
FIBER void totp_begin(struct call *call);
FIBER void totp_confirm(struct call *call);
FIBER void totp_delete(struct call *call);
FIBER void recovery_codes_renew(struct call *call);
FIBER void passkey_list(struct call *call);
FIBER void passkey_options(struct call *call);
FIBER void passkey_create(struct call *call);
FIBER void passkey_change(struct call *call);
FIBER void passkey_delete(struct call *call);
FIBER void account_session_list(struct call *call);
FIBER void account_session_delete(struct call *call);
/* api_token.c */
FIBER void api_token_list(struct call *call);
FIBER void api_token_create(struct call *call);
FIBER void api_token_delete(struct call *call);
/* administrator.c */
FIBER void administrator_list(struct call *call);
FIBER void administrator_create(struct call *call);
FIBER void administrator_read(struct call *call);
FIBER void administrator_change(struct call *call);
FIBER void administrator_delete(struct call *call);
FIBER void administrator_invite_again(struct call *call);
/* search.c, openapi.c */
FIBER void search_read(struct call *call);
FIBER void openapi_read(struct call *call);
/* provider.c, issuer_preview.c, mapping.c, token_test.c, key_set.c */
FIBER void provider_list(struct call *call);
FIBER void issuer_preview(struct call *call);
FIBER void mapping_preview(struct call *call);
FIBER void token_test(struct call *call);
FIBER void key_set_list(struct call *call);
FIBER void key_set_refresh(struct call *call);
/* tool.c, tool_try.c */
FIBER void tool_list(struct call *call);
FIBER void tool_create(struct call *call);
FIBER void tool_read_one(struct call *call);
FIBER void tool_replace(struct call *call);
FIBER void tool_delete(struct call *call);
FIBER void tool_check(struct call *call);
FIBER void tool_try(struct call *call);
/* knowledge.c, assistant_try.c */
FIBER void knowledge_list(struct call *call);
FIBER void knowledge_create(struct call *call);
FIBER void knowledge_read_one(struct call *call);
FIBER void knowledge_replace(struct call *call);
FIBER void knowledge_delete(struct call *call);
FIBER void assistant_try(struct call *call);
/* visitor.c, visitor_export.c, conversation.c, visitor_session.c */
FIBER void visitor_list(struct call *call);
FIBER void visitor_read(struct call *call);
FIBER void visitor_sessions(struct call *call);
FIBER void visitor_conversations(struct call *call);
FIBER void visitor_tool_calls(struct call *call);
FIBER void visitor_revoke(struct call *call);
FIBER void visitor_restore(struct call *call);
FIBER void visitor_export(struct call *call);
FIBER void visitor_erase(struct call *call);
FIBER void conversation_list(struct call *call);
FIBER void conversation_read(struct call *call);
FIBER void conversation_delete(struct call *call);
FIBER void conversation_messages(struct call *call);
FIBER void visitor_session_list(struct call *call);
FIBER void visitor_session_revoke(struct call *call);
/* audit.c, audit_export.c */
FIBER void audit_list(struct call *call);
FIBER void audit_export(struct call *call);
/* statistics.c */
FIBER void statistics_read(struct call *call);
FIBER void statistics_required(struct call *call);
