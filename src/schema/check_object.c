/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/keyword.h"

#include "base/json.h"

KEYWORD_CHECK(property_count) {
    size_t count = json_object_size(value);
    if (!json_is_object(value))
        return OK;
    if (rule->id == KEYWORD_MIN_PROPERTIES && count < rule->count)
        return check_fail(check, rule, place, "must have at least %zu members, and has %zu", rule->count,
                          count);
    if (rule->id == KEYWORD_MAX_PROPERTIES && count > rule->count)
        return check_fail(check, rule, place, "must have at most %zu members, and has %zu", rule->count,
                          count);
    return OK;
}

KEYWORD_CHECK(required) {
    if (!json_is_object(value))
        return OK;
    TRY(check_spend(check, json_array_size(rule->json), place));
    for (size_t i = 0; i < json_array_size(rule->json); i++) {
        struct str name = json_str(json_array_get(rule->json, i));
        if (json_member(value, name))
            continue;
        struct str quoted = value_quote(check->arena, name);
        return check_fail(check, rule, place, "lacks the member %.*s, which is required", STR_ARG(quoted));
    }
    return OK;
}

static enum status check_dependents(struct check *check, const struct rule *rule, const json_t *value,
                                    const struct place *place, struct str name, const json_t *wanted) {
    TRY(check_spend(check, json_array_size(wanted), place));
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        struct str other = json_str(json_array_get(wanted, i));
        if (json_member(value, other))
            continue;
        struct str quoted = value_quote(check->arena, other);
        struct str because = value_quote(check->arena, name);
        return check_fail(check, rule, place, "lacks the member %.*s, which is required beside %.*s",
                          STR_ARG(quoted), STR_ARG(because));
    }
    return OK;
}

KEYWORD_CHECK(dependent_required) {
    if (!json_is_object(value))
        return OK;
    TRY(check_spend(check, json_object_size(rule->json), place));
    struct json_walk walk = {0};
    while (json_walk_next(rule->json, &walk))
        if (json_member(value, walk.name))
            TRY(check_dependents(check, rule, value, place, walk.name, walk.value));
    return OK;
}

KEYWORD_CHECK(dependent_schemas) {
    if (!json_is_object(value))
        return OK;
    for (size_t i = 0; i < rule->member_count; i++)
        if (json_member(value, rule->names[i]))
            TRY(check_node(check, rule->nodes[i], value, place));
    return OK;
}

KEYWORD_CHECK(property_names) {
    if (!json_is_object(value))
        return OK;
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk)) {
        json_t *name = json_from_str(walk.name);
        const struct place member = {place, walk.name, 0};
        enum status status = check_node_quietly(check, rule->nodes[0], name, &member);
        json_decref(name);
        if (status == TOO_LARGE)
            return status;
        if (status == OK)
            continue;
        struct str quoted = value_quote(check->arena, walk.name);
        return check_fail(check, rule, place, "has a member with a name that is not allowed: %.*s",
                          STR_ARG(quoted));
    }
    return OK;
}

static enum status check_member(struct check *check, const struct node *node, const json_t *member,
                                struct str name, const struct place *place) {
    const struct place at = {place, name, 0};
    return check_node(check, node, member, &at);
}

KEYWORD_CHECK(properties) {
    if (!json_is_object(value))
        return OK;
    TRY(check_spend(check, rule->member_count, place));
    for (size_t i = 0; i < rule->member_count; i++) {
        const json_t *member = json_member(value, rule->names[i]);
        if (member)
            TRY(check_member(check, rule->nodes[i], member, rule->names[i], place));
    }
    return OK;
}

KEYWORD_CHECK(pattern_properties) {
    if (!json_is_object(value))
        return OK;
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk)) {
        for (size_t i = 0; i < rule->member_count; i++) {
            enum status status = check_pattern(check, rule->patterns[i], walk.name, place);
            if (status == TOO_LARGE)
                return status;
            if (status == OK)
                TRY(check_member(check, rule->nodes[i], walk.value, walk.name, place));
        }
    }
    return OK;
}

/* Is a member spoken for by `properties` or `patternProperties` beside the rule? OK, NOT_FOUND or TOO_LARGE.
 */
static enum status is_spoken_for(struct check *check, const struct rule *rule, struct str name,
                                 const struct place *place) {
    const struct rule *properties = node_rule(rule->owner, KEYWORD_PROPERTIES);
    if (properties && json_member(properties->json, name))
        return OK;
    const struct rule *patterns = node_rule(rule->owner, KEYWORD_PATTERN_PROPERTIES);
    for (size_t i = 0; patterns && i < patterns->member_count; i++) {
        enum status status = check_pattern(check, patterns->patterns[i], name, place);
        if (status != NOT_FOUND)
            return status;
    }
    return NOT_FOUND;
}

/* `false` is how schemas say "and nothing else": worth a sentence that names what would be allowed. */
static enum status fail_additional(struct check *check, const struct rule *rule, struct str name,
                                   const struct place *place) {
    enum { SHOWN_BYTES_MAX = 400 };
    if (!check->violation)
        return INVALID;
    const struct rule *properties = node_rule(rule->owner, KEYWORD_PROPERTIES);
    struct str allowed = STR("");
    for (size_t i = 0; properties && i < properties->member_count && allowed.len < SHOWN_BYTES_MAX; i++)
        allowed = arena_join(check->arena, 3,
                             (const struct str[]){allowed, i ? STR(", ") : STR("; allowed are "),
                                                  value_quote(check->arena, properties->names[i])});
    struct str quoted = value_quote(check->arena, name);
    return check_fail(check, rule, place, "has the member %.*s, which is not allowed%.*s", STR_ARG(quoted),
                      STR_ARG(allowed));
}

KEYWORD_CHECK(additional_properties) {
    if (!json_is_object(value))
        return OK;
    struct json_walk walk = {0};
    while (json_walk_next(value, &walk)) {
        enum status status = is_spoken_for(check, rule, walk.name, place);
        if (status == TOO_LARGE)
            return status;
        if (status == OK)
            continue;
        if (rule->nodes[0]->is_boolean && !rule->nodes[0]->allows)
            return fail_additional(check, rule, walk.name, place);
        TRY(check_member(check, rule->nodes[0], walk.value, walk.name, place));
    }
    return OK;
}
