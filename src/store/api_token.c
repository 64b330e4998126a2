/* SPDX-License-Identifier: Apache-2.0 */
#include "store/api_token.h"
#include "store/admin_rows.h"

static struct store_api_token read_token(struct arena *arena, const struct row *row) {
    return (struct store_api_token){
        .id = row_text(arena, row, 0),
        .administrator = row_text(arena, row, 1),
        .name = row_text(arena, row, 2),
        .hint = row_text(arena, row, 3),
        .scopes = row_text(arena, row, 4),
        .product = row_text(arena, row, 5),
        .created_at = row_number(row, 6),
        .expires_at = row_number(row, 7),
        .last_used_at = row_number(row, 8),
    };
}

enum status store_api_token_create_wait(struct store *store, const struct store_api_token *token,
                                        const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, ADMINISTRATOR_FIND, ONE_ELSE_NOT_FOUND, value_text(token->administrator));
    unit_add(unit, API_TOKEN_INSERT, ANY, value_text(token->hash), value_text(token->id),
             value_text(token->administrator), value_text(token->name), value_text(token->hint),
             value_text(token->scopes), value_optional(token->product), value_number(token->created_at),
             value_number(token->expires_at));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}

enum status store_api_token_find_wait(struct store *store, struct arena *arena, struct str hash, int64_t now,
                                      struct store_api_token *token,
                                      struct store_administrator *administrator) {
    AUTO_UNIT unit = unit_new(store);
    unsigned found = unit_add(unit, API_TOKEN_FIND, ONE_ELSE_NOT_FOUND, value_text(hash), value_number(now));
    unsigned owner = unit_add(unit, ADMINISTRATOR_FIND_API_TOKEN, ONE_ELSE_NOT_FOUND, value_text(hash));
    TRY(unit_read_wait(&unit));
    *token = read_token(arena, unit_row(unit, found));
    *administrator = read_administrator(arena, unit_row(unit, owner));
    return OK;
}

enum status store_api_token_list_wait(struct store *store, struct arena *arena, struct str administrator,
                                      struct store_api_tokens *tokens) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, API_TOKEN_LIST, ANY, value_text(administrator), value_number(STORE_PAGE_MAX));
    TRY(unit_read_wait(&unit));
    tokens->count = 0;
    tokens->at = arena_alloc_array(arena, unit->steps[0].row_count, sizeof *tokens->at);
    for (const struct row *row = unit_row(unit, 0); row != NULL; row = row->next)
        tokens->at[tokens->count++] = read_token(arena, row);
    return OK;
}

enum status store_api_token_used_wait(struct store *store, struct str hash, int64_t at, int64_t before) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, API_TOKEN_USED, ANY, value_text(hash), value_number(at), value_number(before));
    return unit_write_wait(&unit);
}

enum status store_api_token_remove_wait(struct store *store, struct str administrator, struct str id,
                                        const struct store_audit *audit) {
    AUTO_UNIT unit = unit_new(store);
    unit_add(unit, API_TOKEN_DELETE, ONE_ELSE_NOT_FOUND, value_text(administrator), value_text(id));
    unit_add_audit(unit, audit);
    return unit_write_wait(&unit);
}
