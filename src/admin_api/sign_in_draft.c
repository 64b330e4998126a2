/* SPDX-License-Identifier: Apache-2.0 */
#include "admin_api/sign_in_draft.h"

static FIBER bool load_wait(struct call *call, struct environment **environment) {
    if (call->api->vault == NULL)
        return call_not_here(call);
    enum status status =
        environment_load_wait(call->api->store, call->api->vault, call->environment.id, environment);
    if (status == OK)
        return true;
    if (status == INVALID)
        return call_problem(call, 409, "config-unreadable",
                            "The stored configuration does not read. Save it anew.");
    return status == NOT_FOUND ? call_not_found(call) : call_refuse(call, status, STR(""));
}

/* Secrets belong to an issuer by its name. */
static struct jose_key_set *secrets_of(const struct environment *environment, struct str issuer) {
    const struct identity_sign_in *saved = environment->config.sign_in;
    for (size_t i = 0; i < saved->issuer_count; i++) {
        if (saved->issuers[i].mode == IDENTITY_HMAC && str_equal(saved->issuers[i].name, issuer))
            return environment->local_keys[i];
    }
    return NULL;
}

static bool read_draft(struct call *call, const json_t *draft, struct str pointer,
                       struct sign_in_draft *opened) {
    struct identity_config_error error = {STR_NONE, STR_NONE};
    struct identity_sign_in *own = ARENA_NEW(call->arena, struct identity_sign_in);
    if (identity_sign_in_read(draft, call->arena, own, &error) != OK)
        return call_problem_at(call, "invalid",
                               arena_join(call->arena, 2, (struct str[]){pointer, error.pointer}), "%.*s",
                               STR_ARG(error.message));
    const struct environment_config *config = &opened->environment->config;
    identity_sign_in_set_origins(own, config->origins.at, config->origins.count);
    struct jose_key_set **keys =
        arena_alloc_array(call->arena, own->issuer_count, sizeof(struct jose_key_set *));
    for (size_t i = 0; i < own->issuer_count; i++)
        keys[i] = own->issuers[i].mode == IDENTITY_HMAC
                      ? secrets_of(opened->environment, own->issuers[i].name)
                      : own->issuers[i].pasted_keys;
    opened->own = own;
    opened->sign_in = own;
    opened->keys = keys;
    return true;
}

FIBER bool sign_in_draft_open_wait(struct call *call, const json_t *draft, struct str pointer,
                                   struct sign_in_draft *opened) {
    *opened = (struct sign_in_draft){.environment = NULL};
    if (!load_wait(call, &opened->environment))
        return false;
    opened->sign_in = opened->environment->config.sign_in;
    opened->keys = opened->environment->local_keys;
    if (draft == NULL || json_is_null(draft) || read_draft(call, draft, pointer, opened))
        return true;
    sign_in_draft_close(opened);
    return false;
}

void sign_in_draft_close(struct sign_in_draft *opened) {
    if (opened->own != NULL)
        identity_sign_in_release(opened->own);
    environment_unref(opened->environment);
    *opened = (struct sign_in_draft){.environment = NULL};
}
