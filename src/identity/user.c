/* SPDX-License-Identifier: Apache-2.0 */
/* The resolved identity: the only thing that tools and model ever see of a token. Its JSON is put together
 * from pieces of the claims as they stand there. */
#include "identity/claims.h"
#include "identity/mapping.h"
#include "identity/provider.h"

#include <string.h>

/* In any case, since readers of JSON that look past it (Go's) would take `SUB` for `sub`, and the last of the
 * two; they fold the long s, too, of two bytes in UTF-8. */
bool claim_is_about_the_token(struct str name) {
    enum { LEN = 3 };
    static const char names[][LEN + 1] = {"iss", "sub", "aud", "exp", "iat", "nbf", "jti"};
    char folded[LEN];
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool is_long_s = name.at[i] == '\xC5' && i + 1 < name.len && name.at[i + 1] == '\xBF';
        if (len == LEN)
            return false;
        bool is_upper = name.at[i] >= 'A' && name.at[i] <= 'Z';
        folded[len++] = is_long_s ? 's' : (is_upper ? (char)(name.at[i] + ('a' - 'A')) : name.at[i]);
        i += is_long_s;
    }
    for (size_t i = 0; len == LEN && i < sizeof names / sizeof *names; i++) {
        if (memcmp(folded, names[i], LEN) == 0)
            return true;
    }
    return false;
}

/* What is passed on, being put together from pieces of text. */
struct pieces {
    struct arena *arena;
    struct str *at;
    size_t count;
    size_t members;
};

static void begin(struct pieces *pieces, size_t most_members, const struct json_item *claims) {
    pieces->at = arena_alloc(pieces->arena, (3 * most_members + 3) * sizeof *pieces->at);
    pieces->at[pieces->count++] = STR("{\"sub\":");
    pieces->at[pieces->count++] = json_item_raw(json_item_member(claims, STR("sub")));
    pieces->members = 1;
}

/* `member` is the name with its colon. */
static void add_member(struct pieces *pieces, struct str member, struct str value) {
    pieces->at[pieces->count++] = STR(",");
    pieces->at[pieces->count++] = member;
    pieces->at[pieces->count++] = value;
    pieces->members++;
}

static void resolve_mapped(struct pieces *pieces, const struct json_item *claims,
                           const struct identity_mapping *mapping, struct identity *identity) {
    begin(pieces, mapping->count, claims);
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_rule *rule = &mapping->rules[i];
        const struct json_item *value = claim_at(claims, rule->path);
        if (value == NULL || str_equal(rule->name, STR("sub"))) /* which is mapped from itself alone */
            continue;
        add_member(pieces, rule->member, json_item_compact(pieces->arena, value));
        if (str_equal(rule->name, STR("email")))
            identity->email = json_item_str(value);
        if (str_equal(rule->name, STR("name")))
            identity->name = json_item_str(value);
    }
}

/* Claims without white space are passed on in runs of members as they stand there, commas and all: `run` is
 * the piece that grows. */
static void add_to_run(struct pieces *pieces, struct str **run, const struct json_items *claim) {
    struct str name = json_item_raw(claim->name);
    struct str value = json_item_raw(claim->value);
    bool goes_on = *run != NULL && (*run)->at + (*run)->len + 1 == name.at;
    if (!goes_on) {
        pieces->at[pieces->count++] = STR(",");
        *run = &pieces->at[pieces->count++];
        (*run)->at = name.at;
    }
    (*run)->len = (size_t)(value.at + value.len - (*run)->at);
    pieces->members++;
}

static void resolve_all(struct pieces *pieces, const struct json_item *claims, struct identity *identity) {
    struct json_items list = json_items(claims);
    struct str *run = NULL;
    begin(pieces, claims->span / 2, claims);
    while (json_items_next(&list)) {
        if (claim_is_about_the_token(json_item_str(list.name)))
            continue;
        if (claims->is_compact)
            add_to_run(pieces, &run, &list);
        else
            add_member(pieces,
                       arena_join(pieces->arena, 2, (struct str[]){json_item_raw(list.name), STR(":")}),
                       json_item_compact(pieces->arena, list.value));
    }
    identity->email = json_item_get_str(claims, STR("email"));
    identity->name = json_item_get_str(claims, STR("name"));
}

/* ---- permissions ---- */

enum status permission_add(struct permission_list *list, struct str permission) {
    for (size_t i = 0; i < list->count; i++) {
        if (str_equal(list->at[i], permission))
            return OK;
    }
    if (list->count == PERMISSIONS_MAX || permission.len > PERMISSION_LEN_MAX)
        return TOO_LARGE;
    list->at[list->count++] = permission;
    return OK;
}

static struct json_items elements(const struct json_item *claim) {
    return json_items(json_item_is(claim, JSON_IS_ARRAY) ? claim : NULL);
}

/* Words with spaces between them (RFC 6749 section 3.3), or a list of texts; anything else grants nothing. */
static enum status add_permissions(struct permission_list *list, const struct json_item *claim) {
    struct str rest = json_item_str(claim);
    struct str word;
    while (str_cut(&rest, ' ', &word)) {
        if (word.len > 0)
            TRY(permission_add(list, word));
    }
    struct json_items items = elements(claim);
    while (json_items_next(&items)) {
        struct str item = json_item_str(items.value);
        if (item.len > 0)
            TRY(permission_add(list, item));
    }
    return OK;
}

static size_t permissions_possible(const struct json_item *claim) {
    struct str text = json_item_str(claim);
    struct json_items items = elements(claim);
    size_t count = 1;
    while (json_items_next(&items))
        count++;
    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ' ';
    return count;
}

static enum status read_permissions(const struct claim_check *check, struct identity *identity) {
    const struct identity_issuer *issuer = check->issuer;
    size_t possible = 0;
    for (size_t i = 0; i < issuer->permission_claim_count; i++) {
        const struct json_item *claim = claim_at(check->claims, issuer->permission_claims[i]);
        possible += claim != NULL ? permissions_possible(claim) : 0;
    }
    const struct provider *provider = provider_of(issuer->provided);
    bool has_others = provider != NULL && provider->permissions != NULL;
    if (possible == 0 && !has_others)
        return OK;
    possible = possible < PERMISSIONS_MAX && !has_others ? possible : PERMISSIONS_MAX;
    struct permission_list list = {arena_alloc_array(check->arena, possible, sizeof *list.at), 0};
    for (size_t i = 0; i < issuer->permission_claim_count; i++) {
        const struct json_item *claim = claim_at(check->claims, issuer->permission_claims[i]);
        if (claim != NULL)
            TRY(add_permissions(&list, claim));
    }
    if (has_others)
        TRY(provider->permissions(check, &list));
    identity->permissions = list.at;
    identity->permission_count = list.count;
    return OK;
}

/* ---- all of it ---- */

enum status user_resolve(const struct claim_check *check, struct identity *identity) {
    const struct identity_mapping *mapping = check->issuer->mapping;
    struct pieces pieces = {.arena = check->arena};
    if (mapping != NULL)
        resolve_mapped(&pieces, check->claims, mapping, identity);
    else
        resolve_all(&pieces, check->claims, identity);
    pieces.at[pieces.count++] = STR("}");
    identity->user_text = arena_join(check->arena, pieces.count, pieces.at);
    identity->member_count = pieces.members;
    if (pieces.members <= USER_MEMBERS_MAX && identity->user_text.len <= USER_TEXT_MAX &&
        read_permissions(check, identity) == OK)
        return OK;
    identity_fail(check->failure, check->arena, IDENTITY_IDENTITY_TOO_LARGE,
                  "What is passed on has %zu members and %zu bytes; at most 128 members, 16384 bytes, and "
                  "256 permissions of 256 bytes are allowed.",
                  pieces.members, identity->user_text.len);
    return INVALID;
}
