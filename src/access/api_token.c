/* SPDX-License-Identifier: Apache-2.0 */
#include "access/access_internal.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/random.h"

enum { HINT_CHARACTERS = 8 };

static struct str scope_words(struct arena *arena, unsigned scopes) {
    AUTO_BUFFER words = BUFFER_EMPTY;
    for (unsigned right = 0; right < ACCESS_RIGHTS; right++) {
        if ((scopes >> right & 1U) == 0)
            continue;
        if (words.len > 0)
            buffer_append_byte(&words, ' ');
        buffer_append(&words, str_from(access_right_name((enum access_right)right)));
    }
    return arena_copy(arena, buffer_text(&words));
}

enum status access_create_token_wait(struct access *access, struct arena *arena,
                                     const struct access_principal *principal,
                                     const struct access_token_draft *draft, struct store_api_token *made,
                                     struct str *token, struct access_refusal *refusal) {
    TRY(access_demand_recent(principal, arena, refusal));
    if (principal->kind != ACCESS_ADMINISTRATOR)
        return access_refuse(refusal, arena, 403, "session-required",
                             "A token is its owner's: sign in to make one.");
    struct str name;
    if (access_name_read(arena, draft->name, &name) != OK)
        return access_refuse_at(refusal, arena, "invalid", "/name",
                                "A name has 1 to 100 characters, and no control characters.");
    if (!str_is_empty(draft->product) && !access_sees(principal, draft->product))
        return access_refuse_at(refusal, arena, "invalid", "/product", "There is no product of this id.");
    for (unsigned right = 0; right < ACCESS_RIGHTS; right++)
        if ((draft->scopes >> right & 1U) != 0 &&
            access_role_over(principal, draft->product) <
                access_role_read(str_from(access_role_for((enum access_right)right))) &&
            !str_is_empty(draft->product))
            return access_refuse_at(refusal, arena, "invalid", "/scopes",
                                    "\"%s\" is more than you may do there yourself.",
                                    access_right_name((enum access_right)right));
    int64_t now = clock_now_ms();
    *token = random_secret(arena, STR("ca_"));
    *made = (struct store_api_token){.id = id_new(arena, STR("tok")),
                                     .hash = access_hash(arena, *token),
                                     .administrator = principal->administrator,
                                     .name = name,
                                     .hint = str_slice(*token, 0, HINT_CHARACTERS),
                                     .scopes = scope_words(arena, draft->scopes),
                                     .product = arena_copy(arena, draft->product),
                                     .created_at = now,
                                     .expires_at = now + draft->lifetime_days * ACCESS_DAY_MS};
    struct store_audit event = trail(principal->actor, "api-token.create",
                                     arena_join(arena, 2, (struct str[]){STR("api-token/"), made->id}));
    event.after = arena_print(arena, "{\"scopes\":\"%.*s\",\"expiresAt\":%lld}", STR_ARG(made->scopes),
                              (long long)made->expires_at);
    return store_api_token_create_wait(access->options.store, made, &event);
}

/* Its owner may, and the token itself: what has leaked can be ended by whoever finds it. */
enum status access_revoke_token_wait(struct access *access, struct arena *arena,
                                     const struct access_principal *principal, struct str id) {
    struct str target = arena_join(arena, 2, (struct str[]){STR("api-token/"), id});
    struct str own = arena_join(arena, 2, (struct str[]){STR("token:"), id});
    if (principal->kind == ACCESS_TOKEN && !str_equal(principal->actor, own))
        return DENIED;
    struct store_audit event = trail(principal->actor, "api-token.revoke", target);
    return store_api_token_remove_wait(access->options.store, principal->administrator, id, &event);
}
