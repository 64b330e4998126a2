/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of each claim, for administrators: passed on, under which name, or kept back, and why. */
#include "base/json.h"
#include "identity/claims.h"
#include "identity/mapping.h"
#include "identity/provider.h"
#include "identity/read_claims.h"

struct explanation {
    struct str name;
    const char *why;
};

/* Claims that say something about the token. */
static const struct explanation about_the_token[] = {
    {STR_STATIC("iss"), "Who issued the token: compared letter for letter."},
    {STR_STATIC("aud"), "Whom the token is for."},
    {STR_STATIC("exp"), "When the token ends."},
    {STR_STATIC("iat"), "When the token was issued."},
    {STR_STATIC("nbf"), "When the token begins."},
    {STR_STATIC("jti"), "The token's own id: the audit log names it by that."},
};

/* Claims that are judged and may be passed on all the same. */
static const struct explanation judged[] = {
    {STR_STATIC("azp"), "Checked: which client or page the token was issued to."},
    {STR_STATIC("client_id"), "Checked: which client the token was issued to."},
    {STR_STATIC("org_id"), "Checked where an organization is configured."},
    {STR_STATIC("token_use"), "Checked: which of the user pool's tokens it is."},
    {STR_STATIC("sts"), "Checked: a pending session is not signed in."},
    {STR_STATIC("gty"), "Checked: a program's token is no visitor's."},
    {STR_STATIC("sid"), "The provider's session: signing it out ends the visitor's, too."},
    {STR_STATIC("auth_time"), "When the user signed in."},
    {STR_STATIC("act"), "Who acts in the user's name: shown in the audit log."},
};

static const char *find(const struct explanation *list, size_t count, struct str name) {
    for (size_t i = 0; i < count; i++) {
        if (str_equal(list[i].name, name))
            return list[i].why;
    }
    return NULL;
}

/* The claim that a mapping's source begins in; the same order as where it is looked up. */
static struct str first_claim(const json_t *claims, struct str path, struct arena *arena) {
    struct str rest = path;
    struct str segment = STR_NONE;
    if (json_member(claims, path) != NULL)
        return path;
    if (str_starts_with(path, STR("/"))) {
        rest = str_from_index(path, 1);
        str_cut(&rest, '/', &segment);
        return mapping_unescape(arena, segment);
    }
    str_cut(&rest, '.', &segment);
    return segment;
}

static bool gives_permissions(const struct identity_issuer *issuer, const json_t *claims, struct str name,
                              struct arena *arena) {
    const struct provider *provider = issuer != NULL ? provider_of(issuer->provided) : NULL;
    bool is_packed = str_equal(name, STR("o")) || str_equal(name, STR("fea"));
    if (provider != NULL && provider->permissions != NULL && is_packed)
        return true;
    for (size_t i = 0; issuer != NULL && i < issuer->permission_claim_count; i++) {
        if (str_equal(first_claim(claims, issuer->permission_claims[i], arena), name))
            return true;
    }
    return false;
}

struct fate {
    const char *word;
    json_t *names;
    struct str why;
};

static void add_rules(const struct identity_mapping *mapping, const json_t *claims, struct str name,
                      struct arena *arena, struct fate *fate) {
    for (size_t i = 0; i < mapping->count; i++) {
        const struct mapping_rule *rule = &mapping->rules[i];
        if (!str_equal(first_claim(claims, rule->path, arena), name) ||
            identity_claim_at(claims, rule->path) == NULL || str_equal(rule->name, STR("sub")))
            continue;
        json_array_append_new(fate->names, json_from_str(rule->name));
        bool is_whole = str_equal(rule->path, name);
        bool is_same = is_whole && str_equal(rule->name, name);
        fate->word = is_same && json_array_size(fate->names) == 1 ? "passed-on" : "renamed";
        fate->why = is_whole ? STR("The mapping names it.")
                             : arena_print(arena, "The mapping takes `%.*s` out of it.", STR_ARG(rule->path));
    }
}

static struct fate fate_of(const struct identity_issuer *issuer, const json_t *claims, struct str name,
                           struct arena *arena) {
    const struct identity_mapping *mapping = issuer != NULL ? issuer->mapping : NULL;
    const char *about = find(about_the_token, sizeof about_the_token / sizeof *about_the_token, name);
    const char *judgement = find(judged, sizeof judged / sizeof *judged, name);
    struct fate fate = {"dropped", json_array(), STR("The mapping does not name it.")};
    if (str_equal(name, STR("sub"))) {
        json_array_append_new(fate.names, json_from_str(name));
        return (struct fate){"passed-on", fate.names,
                             STR("The verified user: it cannot be mapped from another claim.")};
    }
    if (mapping != NULL) {
        add_rules(mapping, claims, name, arena, &fate);
    } else if (about == NULL && claim_is_about_the_token(name)) {
        fate.why = STR("Some readers of JSON would take it for the claim of that name in small letters. A "
                       "mapping can name it.");
    } else if (about == NULL) {
        json_array_append_new(fate.names, json_from_str(name));
        fate.word = "passed-on";
        fate.why = STR("There is no mapping: every claim is passed on but those about the token.");
    }
    bool is_kept_back = json_array_size(fate.names) == 0;
    const char *more = about != NULL ? about : judgement;
    if (gives_permissions(issuer, claims, name, arena))
        more = "Its words are the visitor's permissions.";
    if (more != NULL && is_kept_back)
        return (struct fate){"checked", fate.names, str_from(more)};
    if (more != NULL)
        fate.why = arena_print(arena, "%.*s %s", STR_ARG(fate.why), more);
    return fate;
}

json_t *identity_explain_claims(const struct identity_issuer *issuer, const json_t *claims,
                                struct arena *arena) {
    json_t *list = json_array();
    struct json_walk walk = {0};
    while (json_walk_next(claims, &walk)) {
        struct fate fate = fate_of(issuer, claims, walk.name, arena);
        json_t *one = json_object();
        json_object_set_new(one, "name", json_from_str(walk.name));
        json_object_set(one, "value", walk.value);
        json_object_set_new(one, "fate", json_string(fate.word));
        json_object_set_new(one, "as", fate.names);
        json_object_set_new(one, "why", json_from_str(fate.why));
        json_array_append_new(list, one);
    }
    return list;
}

json_t *identity_explain_missing(const struct identity_issuer *issuer, const json_t *claims) {
    json_t *list = json_array();
    const struct identity_mapping *mapping = issuer->mapping;
    for (size_t i = 0; mapping != NULL && i < mapping->count; i++) {
        if (identity_claim_at(claims, mapping->rules[i].path) != NULL)
            continue;
        json_t *one = json_object();
        json_object_set_new(one, "name", json_from_str(mapping->rules[i].name));
        json_object_set_new(one, "from", json_from_str(mapping->rules[i].path));
        json_array_append_new(list, one);
    }
    return list;
}

enum status identity_resolve_unproven(const struct identity_issuer *issuer, struct str claims,
                                      struct arena *arena, struct identity *identity,
                                      struct identity_failure *failure) {
    struct identity_token token = {.jws = {.payload = claims}};
    struct claim_check check = {issuer, &token.jws, NULL, 0, arena, failure};
    *identity = (struct identity){.issuer_name = issuer->name};
    TRY(token_read_claims(&token, arena, failure));
    check.claims = token.claims;
    TRY(claims_check_subject(&check, &identity->subject));
    identity->claims_text = json_item_compact(arena, token.claims);
    return user_resolve(&check, identity);
}
